"""Content credentials in real files: signed, read back, and found out when a byte is changed."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from core.audio import files
from core.audio.encoding import FORMATS, encode
from core.kit.clock import now
from core.kit.errors import SetupError, UserError
from core.rights import certificates, credentials
from core.rights.certificates import Identity
from core.rights.credentials import Credentials
from core.rights.making import LABEL, SOURCE_TYPES
from tests.rights.authority import issue

CARRIES = sorted(name for name, format in FORMATS.items() if credentials.mime_for(f"x{format.extension}"))
RATE = 44100


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return certificates.local(tmp_path_factory.mktemp("certificates") / "local")


def manifest(mime: str, **values: Any) -> dict[str, Any]:
    created = {"action": "c2pa.created", "digitalSourceType": SOURCE_TYPES + "algorithmicMedia"}
    return {
        "claim_generator_info": [{"name": "Creator Workbench", "version": "1"}], "title": "Títle", "format": mime,
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [created]}},
                       {"label": LABEL, "data": {"engine": "composer"}}],
    } | values  # fmt: skip


def sound(path: Path, format: str) -> Path:
    samples = 0.1 * np.random.default_rng(7).standard_normal((2, RATE)).astype(np.float32)
    return encode(path / f"plain{FORMATS[format].extension}", samples, RATE, format)


def signed(path: Path, identity: Identity, format: str = "wav16", **values: Any) -> tuple[Path, Credentials]:
    original = values.pop("original", None)
    plain = sound(path, format)
    out = path / f"signed{plain.suffix}"
    mime = credentials.mime_for(plain)
    assert mime is not None
    done = credentials.sign(
        plain, out, manifest(mime, **values), chain_pem=identity.chain_pem, key_pem=identity.key_pem,
        algorithm=identity.algorithm, original=original,
    )  # fmt: skip
    return out, done


def test_which_formats_can_carry_them() -> None:
    import c2pa

    supported = set(c2pa.Builder.get_supported_mime_types())
    assert CARRIES == ["flac", "m4a", "mp3", "wav16", "wav24", "wav32f"]
    for name, format in FORMATS.items():
        assert (name in CARRIES) is (format.mime.partition(";")[0] in supported), name


@pytest.mark.parametrize("format", CARRIES)
def test_signed_read_back_and_the_sound_is_the_same(tmp_path: Path, identity: Identity, format: str) -> None:
    out, done = signed(tmp_path, identity, format)
    plain, after = files.decode(tmp_path / f"plain{out.suffix}"), files.decode(out)
    assert np.array_equal(plain.samples, after.samples), "signing changed the sound"
    assert plain.sample_rate == after.sample_rate
    found = credentials.read(out, identity.chain_pem)
    assert found == done
    assert found is not None
    assert (found.state, found.title, found.generator, found.signed_by) == (
        "trusted", "Títle", "Creator Workbench/1", identity.signer,
    )  # fmt: skip
    assert found.source_type == "algorithmicMedia"
    assert found.making == {"engine": "composer"}
    assert found.claim.startswith("urn:c2pa:")
    assert found.problems == ()
    stranger = credentials.read(out)
    assert stranger is not None
    assert stranger.state == "valid"
    assert credentials.read(tmp_path / f"plain{out.suffix}") is None


@pytest.mark.parametrize("format", CARRIES)
def test_one_flipped_bit_in_the_sound_is_found(tmp_path: Path, identity: Identity, format: str) -> None:
    out, _ = signed(tmp_path, identity, format)
    whole, plain = out.read_bytes(), (tmp_path / f"plain{out.suffix}").read_bytes()
    # The sound is what the plain file ends with; before and behind it lies the container.
    middle = plain[len(plain) // 2 : len(plain) // 2 + 64]
    place = whole.index(middle)
    random = np.random.default_rng(3)
    for offset in (0, *random.integers(-len(plain) // 4, len(plain) // 4, 12).tolist()):
        changed = bytearray(whole)
        changed[place + offset] ^= 1 << int(random.integers(8))
        out.write_bytes(changed)
        found = credentials.read(out, identity.chain_pem)
        assert found is not None
        assert found.state == "damaged", offset
        assert any("ash" in problem for problem in found.problems)


@pytest.mark.parametrize("format", CARRIES)
def test_credentials_that_were_changed_or_cut_are_never_trusted(
    tmp_path: Path, identity: Identity, format: str
) -> None:
    out, _ = signed(tmp_path, identity, format)
    whole = out.read_bytes()
    for old, new in ((b"composer", b"somebody"), (b"algorithmicMedia", b"algorithmicMedla")):
        out.write_bytes(whole.replace(old, new))
        found = credentials.read(out, identity.chain_pem)
        assert found is not None
        assert found.state == "damaged", old
        assert found.problems
    for size in (len(whole) // 2, len(whole) - 1):
        out.write_bytes(whole[:size])
        cut = credentials.read(out, identity.chain_pem)
        assert cut is None or cut.state == "damaged"


def test_what_an_editor_adds_afterwards_is_found(tmp_path: Path, identity: Identity) -> None:
    out, _ = signed(tmp_path, identity, "mp3")
    with out.open("ab") as file:
        file.write(b"TAG" + b"Somebody else's title".ljust(125, b"\0"))
    found = credentials.read(out, identity.chain_pem)
    assert found is not None
    assert found.state == "damaged"


def test_the_content_counts_and_not_the_ending(tmp_path: Path, identity: Identity) -> None:
    for format in CARRIES:
        out, _ = signed(tmp_path, identity, format)
        found = credentials.read(out.rename(tmp_path / "renamed.bin"), identity.chain_pem)
        assert found is not None
        assert found.state == "trusted", format


def test_files_without_any(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "text.wav").write_text("jumd, but no c2pa")
    for name in ("empty.wav", "text.wav"):
        assert credentials.read(tmp_path / name) is None
    for format in ("ogg", "opus"):
        assert credentials.read(sound(tmp_path, format)) is None
    with pytest.raises(UserError, match="cannot be read"):
        credentials.read(tmp_path / "absent.wav")
    (tmp_path / "remains.wav").write_bytes(b"RIFF" + b"\0" * 60 + b"jumdc2pa" + b"\0" * 60)
    remains = credentials.read(tmp_path / "remains.wav")
    assert remains is not None
    assert remains.state == "damaged"


@pytest.mark.parametrize("kind", ["es256", "es384", "es512", "ps256", "ed25519"])
def test_with_a_certificate_of_the_users_own(tmp_path: Path, kind: str) -> None:
    from core.kit.settings import load_settings

    cert, key = issue(tmp_path / "own", kind)
    settings = load_settings(home=tmp_path / "home", c2pa_cert=cert, c2pa_key=key)
    out, done = signed(tmp_path, certificates.identity(settings), "mp3")
    assert done.signed_by == "Example Records, Signer"
    found = credentials.read(out, certificates.anchors(settings))
    assert found is not None
    assert found.state == "trusted"


def test_a_renewed_leaf_leaves_older_files_trusted(tmp_path: Path) -> None:
    folder = tmp_path / "local"
    old = certificates.local(folder, now() - timedelta(days=6 * 365))
    out, _ = signed(tmp_path, old)
    new = certificates.local(folder)
    assert new.key_pem != old.key_pem
    found = credentials.read(out, (folder / "root.pem").read_text())
    assert found is not None
    assert found.state == "trusted"


def test_an_expired_certificate_is_not_called_damage(tmp_path: Path) -> None:
    signed(tmp_path, certificates.local(tmp_path / "first"))  # all is loaded before the seconds count
    cert, key = issue(tmp_path / "own", days=(-1, 6 / 86400))
    from core.rights.own_certificate import load_own

    chain, pem, algorithm, leaf = load_own(cert, key)
    out, done = signed(tmp_path, Identity(chain, pem, algorithm, "x", leaf.not_valid_after_utc, own=True))
    assert done.state == "trusted"
    until = time.monotonic() + 60
    while (found := credentials.read(out, chain)) is not None and found.state == "trusted":
        assert time.monotonic() < until
        time.sleep(0.25)
    assert found is not None
    assert found.state == "expired"
    with pytest.raises(SetupError, match="could not be signed"):
        signed(tmp_path, Identity(chain, pem, algorithm, "x", leaf.not_valid_after_utc, own=True))


def opened(asset: str) -> dict[str, Any]:
    return {
        "ingredients": [{"title": "Upload", "format": "audio/wav", "relationship": "parentOf", "instance_id": asset,
                         "label": asset}],
        "assertions": [{"label": "c2pa.actions", "data": {"actions": [
            {"action": "c2pa.opened", "parameters": {"ingredientIds": [asset]}}, {"action": "c2pa.transcoded"}]}}],
    }  # fmt: skip


def test_what_an_upload_came_with_is_kept_inside(tmp_path: Path, identity: Identity) -> None:
    (tmp_path / "first").mkdir()
    upload, first = signed(tmp_path / "first", identity, "wav16")
    out, second = signed(tmp_path, identity, "mp3", original=upload, **opened("asset_1"))
    assert (second.state, second.source_type, second.ingredients) == ("trusted", "", ("Upload",))
    assert second.actions == ("c2pa.opened", "c2pa.transcoded")
    assert first.claim.encode() in out.read_bytes(), "the maker's own credentials were lost"
    assert "nothing is said" in second.origin


def test_an_upload_with_ruined_credentials_is_signed_all_the_same(tmp_path: Path, identity: Identity) -> None:
    (tmp_path / "first").mkdir()
    upload, _ = signed(tmp_path / "first", identity, "wav16")
    whole = upload.read_bytes()
    upload.write_bytes(whole.replace(b"jumdc2cl", b"jumdxxxx").replace(b"jumdc2as", b"jumdxxxx"))
    _, done = signed(tmp_path, identity, "mp3", original=upload, **opened("asset_1"))
    assert (done.state, done.ingredients) == ("trusted", ("Upload",))


def test_a_title_cannot_write_on_the_terminal(tmp_path: Path, identity: Identity) -> None:
    _, done = signed(tmp_path, identity, "wav16", title="Evil\x1b[2J\nsecond line\x00")
    assert done.title == "Evil[2J second line"


def test_without_the_library_there_is_a_remedy(
    tmp_path: Path, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "c2pa", None)
    with pytest.raises(SetupError, match="cannot be loaded") as error:
        signed(tmp_path, identity)
    assert error.value.hint


def test_players_that_know_nothing_of_it_read_the_file(tmp_path: Path, identity: Identity) -> None:
    for format in ("wav24", "flac", "mp3"):
        out, _ = signed(tmp_path, identity, format)
        samples, rate = soundfile.read(out)
        assert (rate, samples.shape[1]) == (RATE, 2)
        assert abs(len(samples) - RATE) < 3000
