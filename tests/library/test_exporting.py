"""Out of the library: the format, its level as decoded again, and the sheet beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.app import Studio
from core.audio import files, meters
from core.kit.actor import LOCAL
from core.kit.errors import RightsError, SetupError, UserError
from core.library.exporting import Exporting, file_name
from core.rights import certificates, credentials
from core.rights.gate import Use
from core.store.assets import Asset
from tests.library.sounds import bring

NASTY = "Evil | name <b>bold</b> `code` \n## heading\n| a | b |"


def level(path: Path) -> tuple[float, float]:
    audio = files.decode(path)
    lufs = meters.integrated_lufs(audio.samples, audio.sample_rate)
    peak = meters.true_peak_dbtp(audio.samples, audio.sample_rate)
    assert lufs is not None
    assert peak is not None
    return lufs, peak


@pytest.fixture(scope="module")
def piece(shop: Studio) -> Asset:
    """Made by the studio: mastered to -14 LUFS with peaks near the ceiling."""
    job = shop.jobs.wait(
        LOCAL, shop.music.compose(LOCAL, genre="rock", mood="energetic", seconds=6, seed=4, name="Loud").id
    )
    assert job.status == "done"
    return shop.jobs.assets(LOCAL, job.id)[0]


@pytest.mark.parametrize("format", sorted(files.FORMATS))
def test_every_format_keeps_the_level(shop: Studio, folder: Path, piece: Asset, format: str) -> None:
    assert piece.lufs is not None
    done = shop.exporting.export(LOCAL, piece.id, folder, format=format)
    lufs, peak = level(done.path)
    assert abs(lufs - piece.lufs) <= 0.3
    assert peak <= -1.0
    assert done.facts["lufs"] == pytest.approx(lufs, abs=0.1)
    assert done.facts["true_peak_dbtp"] == pytest.approx(peak, abs=0.1)
    assert {path.name for path in folder.iterdir()} == {
        done.path.name, f"{done.path.name}.who-made-what.md", f"{done.path.name}.who-made-what.json",
    }  # fmt: skip


@pytest.mark.parametrize(("target", "lufs"), [("podcast", -16.0), ("broadcast", -23.0)])
def test_a_loudness_preset_is_reached_in_the_lossy_file(
    shop: Studio, folder: Path, piece: Asset, target: str, lufs: float
) -> None:
    done = shop.exporting.export(LOCAL, piece.id, folder, format="mp3", target=target)
    measured, peak = level(done.path)
    assert abs(measured - lufs) <= 0.3
    assert peak <= -1.0


def test_an_upload_beyond_full_scale_comes_out_below_the_ceiling(shop: Studio, folder: Path) -> None:
    hot = bring(shop, folder, "Hot", seconds=3.0, gain=1.8, licence_id="uploaded-own")
    assert hot.true_peak_dbtp is not None
    assert hot.true_peak_dbtp > 0
    for format in ("wav24", "mp3"):
        assert level(shop.exporting.export(LOCAL, hot.id, folder / format, format=format).path)[1] <= -1.0


def test_as_it_is_means_the_same_bytes(shop: Studio, folder: Path, piece: Asset) -> None:
    done = shop.exporting.export(LOCAL, piece.id, folder)
    assert done.path.read_bytes() == shop.library.file(LOCAL, piece.id).read_bytes()
    captions = shop.jobs.wait(LOCAL, shop.voice.speak(LOCAL, text="Captions out.").id)
    srt = next(asset for asset in shop.jobs.assets(LOCAL, captions.id) if asset.role == "captions:srt")
    out = shop.exporting.export(LOCAL, srt.id, folder / "captions")
    assert out.path.suffix == ".srt"
    midi = next(asset for asset in shop.library.beside(LOCAL, piece.id) if asset.role == "midi")
    assert shop.exporting.export(LOCAL, midi.id, folder / "midi").path.read_bytes()[:4] == b"MThd"
    with pytest.raises(UserError, match="no sound"):
        shop.exporting.export(LOCAL, midi.id, folder, format="wav24")
    with pytest.raises(UserError):
        shop.exporting.export(LOCAL, piece.id, folder, target="podcast")
    with pytest.raises(UserError):
        shop.exporting.export(LOCAL, piece.id, folder, format="wma")


def test_captions_have_no_sound_to_export(shop: Studio, folder: Path) -> None:
    job = shop.jobs.wait(LOCAL, shop.voice.speak(LOCAL, text="No sound.").id)
    srt = next(asset for asset in shop.jobs.assets(LOCAL, job.id) if asset.role == "captions:srt")
    with pytest.raises(UserError, match="no sound"):
        shop.exporting.export(LOCAL, srt.id, folder, format="mp3")


@pytest.mark.parametrize(
    "name", [NASTY, "../../etc/passwd", "a/b\\c:d", "नमस्ते", "  .hidden. ", "x" * 300, "...", "\u202eevil"]
)
def test_any_name_becomes_a_file_inside_the_folder(shop: Studio, folder: Path, name: str) -> None:
    asset = bring(shop, folder, name, seconds=0.3, licence_id="uploaded-own")
    out = folder / "out"
    done = shop.exporting.export(LOCAL, asset.id, out, format="wav16")
    assert done.path.parent == out
    assert done.path.is_file()
    assert len(done.sheet_json.name.encode()) <= 255
    assert file_name(name) not in ("", ".", "..")


def test_two_exports_of_one_name_lie_beside_each_other(shop: Studio, folder: Path) -> None:
    one = bring(shop, folder, "Same name", hertz=300.0, licence_id="uploaded-own")
    two = bring(shop, folder, "Same name", hertz=500.0, licence_id="uploaded-own")
    first = shop.exporting.export(LOCAL, one.id, folder / "out", format="wav16")
    before = first.path.read_bytes()
    shop.exporting.export(LOCAL, two.id, folder / "out", format="wav16")
    assert first.path.read_bytes() == before, "the second export overwrote the first"


def rows(markdown: str) -> list[list[str]]:
    table = [line for line in markdown.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def test_the_sheet_says_the_same_twice_and_no_name_breaks_it(shop: Studio, folder: Path, piece: Asset) -> None:
    voice = bring(shop, folder, NASTY, kind="voiceover", licence_id="cc-by-4.0", credit="Ann | Author\n# x <i>")
    job = shop.jobs.wait(LOCAL, shop.sound.voice_over_music(LOCAL, [voice.id], piece.id, name=NASTY).id)
    mix = shop.jobs.assets(LOCAL, job.id)[0]
    done = shop.exporting.export(LOCAL, mix.id, folder / "out", format="mp3", use=Use("youtube", commercial=True))
    data = json.loads(done.sheet_json.read_text())
    text = done.sheet_markdown.read_text()
    assert data["file"] == done.path.name
    assert data["cleared"] is True
    assert {part["id"] for part in data["parts"]} == {mix.id, voice.id, piece.id}
    assert data["use"] == {"platform": "youtube", "commercial": True, "territory": "worldwide"}
    assert len(data["credits"]) == 1
    table = rows(text)
    assert len(table) == 3
    assert all(len(row) == 6 for row in table), "a name added a column"
    for row, part in zip(table, data["parts"], strict=True):
        assert row[1] == part["role"]
        assert row[3] == f"${part['cost_usd']}"
        assert row[4] == part["licence"]
        assert row[5] == ("yes" if part["commercial_use"] else "no")
    assert [line for line in text.splitlines() if line.startswith("#")] == [
        text.splitlines()[0],
        "## Credits to publish",
    ]
    assert "<" not in text
    assert "composer" in text
    assert "seed 4" in text


def test_an_export_that_is_not_cleared_writes_nothing(shop: Studio, folder: Path) -> None:
    asset = bring(shop, folder, "Unknown song")
    with pytest.raises(RightsError) as refused:
        shop.exporting.export(LOCAL, asset.id, folder / "out", format="mp3", use=Use("youtube"))
    assert refused.value.exit_code == 5
    assert "Unknown song" in refused.value.message
    assert not (folder / "out").exists()


def test_a_folder_that_cannot_be_made(shop: Studio, folder: Path, piece: Asset) -> None:
    (folder / "file").write_text("")
    with pytest.raises(UserError):
        shop.exporting.export(LOCAL, piece.id, folder / "file" / "out", format="wav16")


def test_a_chosen_name_is_made_safe_too(shop: Studio, folder: Path, piece: Asset) -> None:
    done = shop.exporting.export(LOCAL, piece.id, folder / "out", name="a/../../b")
    assert done.path.parent == folder / "out"


def test_a_relative_folder(shop: Studio, folder: Path, piece: Asset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    shop.exporting.export(LOCAL, piece.id, Path("out"), format="wav16")
    assert len(list((folder / "out").iterdir())) == 3


CARRIES = ("flac", "m4a", "mp3", "wav16", "wav24", "wav32f")


@pytest.mark.parametrize("format", sorted(files.FORMATS))
def test_an_export_says_who_made_it_where_the_format_can(shop: Studio, folder: Path, piece: Asset, format: str) -> None:
    done = shop.exporting.export(LOCAL, piece.id, folder / "out", format=format)
    found = credentials.read(done.path, certificates.anchors(shop.settings))
    told = json.loads(done.sheet_json.read_text())["content_credentials"]
    line = next(line for line in done.sheet_markdown.read_text().splitlines() if line.startswith("Content credentials"))
    assert done.warnings == ()
    if format not in CARRIES:
        assert found is None
        assert not done.credentials.embedded
        assert not told["embedded"]
        assert "cannot carry" in line
        return
    assert found is not None
    assert (found.state, found.title, found.source_type) == ("trusted", "Loud", "algorithmicMedia")
    assert found.making is not None
    assert (found.making["engine"], found.making["asset"]) == ("composer", piece.id)
    assert found.making["stored_sha256"] == piece.sha256
    assert done.credentials.claim == told["claim"] == found.claim
    assert found.claim in line
    assert found.signed_by in line
    assert str(shop.settings.home).encode() not in done.path.read_bytes()
    again = shop.importing.bring_in(LOCAL, done.path, licence_id="uploaded-own")[0]
    assert again.duration_s == pytest.approx(piece.duration_s, abs=0.1), "the studio cannot read its own export"
    whole = bytearray(done.path.read_bytes())
    whole[len(whole) * 2 // 3] ^= 4
    done.path.write_bytes(whole)
    damaged = credentials.read(done.path, certificates.anchors(shop.settings))
    assert damaged is not None
    assert damaged.state == "damaged"


def test_a_mix_and_an_upload_say_what_they_are(shop: Studio, folder: Path, piece: Asset) -> None:
    voice = bring(shop, folder, "Own voice", kind="voiceover", licence_id="uploaded-own")
    job = shop.jobs.wait(LOCAL, shop.sound.voice_over_music(LOCAL, [voice.id], piece.id, name="Both").id)
    mix = shop.jobs.assets(LOCAL, job.id)[0]
    both = credentials.read(shop.exporting.export(LOCAL, mix.id, folder / "mix", format="mp3").path)
    assert both is not None
    assert (both.source_type, sorted(both.ingredients)) == ("composite", ["Loud", "Own voice"])
    assert both.actions[:3] == ("c2pa.created", "c2pa.placed", "c2pa.placed")
    alone = credentials.read(shop.exporting.export(LOCAL, voice.id, folder / "voice", format="flac").path)
    assert alone is not None
    assert (alone.source_type, alone.actions[0], alone.ingredients) == ("", "c2pa.opened", ("Own voice",))


def test_the_credentials_an_upload_came_with(shop: Studio, folder: Path, piece: Asset) -> None:
    """An export that comes back as an upload: as it is it keeps its own credentials, in another format ours hold them."""
    first = shop.exporting.export(LOCAL, piece.id, folder / "first", format="wav16")
    back = shop.importing.bring_in(LOCAL, first.path, name="Came back", licence_id="uploaded-own")[0]
    as_it_is = shop.exporting.export(LOCAL, back.id, folder / "same")
    assert as_it_is.path.read_bytes() == first.path.read_bytes()
    assert "with those they came with" in as_it_is.sheet_markdown.read_text()
    other = shop.exporting.export(LOCAL, back.id, folder / "other", format="mp3")
    assert other.credentials.embedded
    assert first.credentials.claim.encode() in other.path.read_bytes()


def test_a_certificate_that_broke_does_not_cost_the_export(shop: Studio, folder: Path, piece: Asset) -> None:
    settings = shop.settings.model_copy(update={"home": folder / "home"})
    broken = certificates.folder_of(settings)
    certificates.local(broken)
    (broken / "signer.pem").write_text("gone")
    exporting = Exporting(settings, shop.store, shop.children)
    done = exporting.export(LOCAL, piece.id, folder / "out", format="wav16")
    assert len(done.warnings) == 1
    assert "cannot be used" in done.warnings[0]
    assert done.warnings[0].partition(". ")[2][:40] in done.sheet_markdown.read_text()
    assert not done.credentials.embedded
    assert credentials.read(done.path) is None
    assert level(done.path)[1] <= -1.0
    assert len(list((folder / "out").iterdir())) == 3, "something was left beside it"


def test_a_file_the_signer_cannot_take_stays_as_it_was(
    shop: Studio, folder: Path, piece: Asset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "mime_for", lambda path: "audio/ogg")
    done = shop.exporting.export(LOCAL, piece.id, folder / "out", format="ogg")
    assert "could not be signed" in done.warnings[0]
    assert level(done.path)[1] <= -1.0
    assert len(list((folder / "out").iterdir())) == 3


def test_the_users_certificate_signs_or_nothing_is_written(shop: Studio, folder: Path, piece: Asset) -> None:
    from tests.rights.authority import issue

    cert, key = issue(folder / "own")
    settings = shop.settings.model_copy(update={"c2pa_cert": cert, "c2pa_key": key})
    done = Exporting(settings, shop.store, shop.children).export(LOCAL, piece.id, folder / "out", format="m4a")
    assert "your own certificate" in done.sheet_markdown.read_text()
    found = credentials.read(done.path, certificates.anchors(settings))
    assert found is not None
    assert (found.state, found.signed_by) == ("trusted", "Example Records, Signer")
    _, other = issue(folder / "other")
    wrong = shop.settings.model_copy(update={"c2pa_cert": cert, "c2pa_key": other})
    with pytest.raises(SetupError, match="does not belong"):
        Exporting(wrong, shop.store, shop.children).export(LOCAL, piece.id, folder / "none", format="wav16")
    assert not (folder / "none").exists()
