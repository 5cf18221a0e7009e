"""Whose signature: the studio's own certificate, made once and renewed, or the user's, refused with the reason."""

from __future__ import annotations

import stat
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from core.kit.clock import now
from core.kit.errors import SetupError
from core.kit.settings import load_settings
from core.rights import certificates
from tests.rights.authority import issue


def leaf_and_root(chain: str) -> tuple[x509.Certificate, x509.Certificate]:
    leaf, root = x509.load_pem_x509_certificates(chain.encode())
    return leaf, root


def test_made_once_and_the_keys_are_ours_alone(tmp_path: Path) -> None:
    folder = tmp_path / "certificates" / "local"
    first = certificates.local(folder)
    assert certificates.local(folder) == first
    assert first.key_pem not in repr(first), "a key would reach the logs"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == {"authority.pem": 0o600, "signer.pem": 0o600, "root.pem": 0o644}
    assert "PRIVATE" not in (folder / "root.pem").read_text()
    assert [path.name for path in folder.parent.iterdir()] == ["local"], "something was left beside it"
    leaf, root = leaf_and_root(first.chain_pem)
    leaf.verify_directly_issued_by(root)


def test_two_studios_share_no_name_and_no_key(tmp_path: Path) -> None:
    one, other = certificates.local(tmp_path / "one"), certificates.local(tmp_path / "other")
    assert one.signer != other.signer
    assert one.key_pem != other.key_pem


def test_processes_that_come_at_once_get_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "certificates" / "local"
    program = (
        "import sys; from pathlib import Path; from core.rights import certificates; import cryptography.x509\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(certificates.local(Path(sys.argv[1])).signer)"
    )
    waiting = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    for one in waiting:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in waiting:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    signers = {one.communicate(timeout=60)[0].strip() for one in waiting}
    assert all(one.returncode == 0 for one in waiting)
    assert signers == {certificates.local(folder).signer}
    assert [path.name for path in folder.parent.iterdir()] == ["local"]


def test_renewed_at_half_its_life_under_the_same_root(tmp_path: Path) -> None:
    folder = tmp_path / "local"
    first = certificates.local(folder)
    assert certificates.local(folder, now() + timedelta(days=4 * 365)) == first
    later = now() + timedelta(days=6 * 365)
    second = certificates.local(folder, later)
    assert second.key_pem != first.key_pem
    assert second.expires - later > timedelta(days=5 * 365)
    assert leaf_and_root(second.chain_pem)[1] == leaf_and_root(first.chain_pem)[1]
    assert certificates.local(folder, later) == second
    assert stat.S_IMODE((folder / "signer.pem").stat().st_mode) == 0o600
    assert {path.name for path in folder.iterdir()} == {"authority.pem", "signer.pem", "root.pem"}


def test_near_the_end_of_the_root_it_goes_on_to_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "local"
    certificates.local(folder)
    late = now() + timedelta(days=28 * 365)
    last = certificates.local(folder, late)
    leaf, root = leaf_and_root(last.chain_pem)
    assert leaf.not_valid_after_utc == root.not_valid_after_utc
    assert certificates.local(folder, late) == last, "renewed again and again"


def test_an_expired_leaf_and_a_clock_set_back(tmp_path: Path) -> None:
    folder = tmp_path / "local"
    first = certificates.local(folder)
    assert certificates.local(folder, now() + timedelta(days=11 * 365)).expires > first.expires
    back = certificates.local(folder, now() - timedelta(days=100))
    assert leaf_and_root(back.chain_pem)[0].not_valid_before_utc < now() - timedelta(days=100)


@pytest.mark.parametrize("broken", ["", "no certificate", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_damaged_one_is_said_so_with_the_remedy(tmp_path: Path, broken: str) -> None:
    folder = tmp_path / "local"
    certificates.local(folder)
    (folder / "signer.pem").write_text(broken)
    with pytest.raises(SetupError, match="cannot be used") as error:
        certificates.local(folder)
    assert str(folder) in error.value.hint
    folder.rename(tmp_path / "away")
    certificates.local(folder)


def with_own(home: Path, cert: Path | None, key: Path | None) -> Any:
    return load_settings(home=home, c2pa_cert=cert, c2pa_key=key)


@pytest.mark.parametrize("kind", ["es256", "es384", "es512", "ps256", "ed25519"])
def test_the_users_own(tmp_path: Path, kind: str) -> None:
    cert, key = issue(tmp_path / "own", kind, traditional=kind.startswith("es"))
    settings = with_own(tmp_path / "home", cert, key)
    found = certificates.identity(settings)
    assert (found.algorithm, found.own, found.signer) == (kind, True, "Example Records, Signer")
    assert "BEGIN PRIVATE KEY" in found.key_pem
    assert "valid until" in certificates.state(settings)
    assert not (tmp_path / "home").exists(), "a certificate was made that nobody needs"


OTHER = ExtendedKeyUsageOID.SERVER_AUTH
BAD: dict[str, tuple[dict[str, Any], str]] = {
    "expired": ({"days": (-30, -1)}, "is valid from"),
    "not yet": ({"days": (1, 30)}, "is valid from"),
    "for servers": ({"purpose": OTHER}, "not made for signing content"),
    "an authority": ({"ca": True}, "not made for signing content"),
    "self-signed": ({"self_signed": True}, "vouches for itself"),
    "locked": ({"passphrase": b"secret"}, "passphrase"),
    "short key": ({"kind": "small"}, "of a kind"),
    "odd curve": ({"kind": "secp256k1"}, "of a kind"),
}


@pytest.mark.parametrize("name", BAD)
def test_one_that_content_credentials_refuse(tmp_path: Path, name: str) -> None:
    values, reason = BAD[name]
    cert, key = issue(tmp_path / "own", **values)
    with pytest.raises(SetupError, match=reason) as error:
        certificates.identity(with_own(tmp_path / "home", cert, key))
    assert error.value.hint
    assert (error.value.code, error.value.exit_code) == ("certificate_refused", 3)


def test_files_that_do_not_fit(tmp_path: Path) -> None:
    cert, key = issue(tmp_path / "own")
    _, other = issue(tmp_path / "other")
    text = tmp_path / "text"
    text.write_text("no key, no certificate")
    home = tmp_path / "home"
    for settings, reason in (
        (with_own(home, cert, other), "does not belong"), (with_own(home, cert, None), "STUDIO_C2PA_KEY is not"),
        (with_own(home, None, key), "STUDIO_C2PA_CERT is not"), (with_own(home, text, key), "no PEM certificate"),
        (with_own(home, cert, text), "no PEM private key"), (with_own(home, cert, cert), "no PEM private key"),
        (with_own(home, tmp_path / "absent", key), "No such file"), (with_own(home, cert, tmp_path), "Is a directory"),
    ):  # fmt: skip
        with pytest.raises(SetupError, match=reason) as error:
            certificates.identity(settings)
        assert error.value.hint


def test_anchors_make_nothing_and_take_what_there_is(tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path / "home")
    assert certificates.anchors(settings) == ""
    assert "first export" in certificates.state(settings)
    assert not (tmp_path / "home").exists()
    chain = certificates.identity(settings).chain_pem
    assert certificates.anchors(settings).strip() in chain
    cert, key = issue(tmp_path / "own")
    assert certificates.anchors(with_own(settings.home, cert, key)).count("BEGIN") == 2
