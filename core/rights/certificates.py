"""Whose signature an export carries: the user's own certificate, or one this studio makes for itself.

The local one is a P-256 root and a leaf under it, made at the first export under STUDIO_HOME/certificates/local. Nobody
else knows that root: a verifier elsewhere finds the file unchanged, but its signer unknown, until `root.pem` is given
to it as a trust anchor. Content credentials have no time stamp here (that needs a service on the net), so a leaf lives
long and is renewed at half its life: every export can be checked for at least five years.
"""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from core.kit.clock import now
from core.kit.errors import SetupError
from core.kit.settings import Settings
from core.rights.own_certificate import PEM_BEGIN, load_own, subject_of

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

ROOT_LIFE = timedelta(days=30 * 365)
LEAF_LIFE = timedelta(days=10 * 365)
LEAF_LEAST = timedelta(days=5 * 365)
"""A leaf with less than this left is renewed."""
_SET_BACK = timedelta(days=1)
"""Certificates begin this long ago: clocks of machines that share files differ."""
_AUTHORITY, _SIGNER, _ROOT = "authority.pem", "signer.pem", "root.pem"


@dataclass(frozen=True)
class Identity:
    chain_pem: str
    """The signing certificate first, then what vouches for it."""
    key_pem: str = field(repr=False)
    """PKCS#8, not encrypted."""
    algorithm: str
    """As C2PA names it: es256, ps256, ed25519, …"""
    signer: str
    expires: datetime
    own: bool


def identity(settings: Settings) -> Identity:
    """Who signs. SetupError names what is wrong with the user's files, or with the studio's folder."""
    if configured(settings):
        chain, key, algorithm, leaf = load_own(settings.c2pa_cert, settings.c2pa_key)
        return Identity(chain, key, algorithm, subject_of(leaf), leaf.not_valid_after_utc, own=True)
    return local(folder_of(settings))


def configured(settings: Settings) -> bool:
    return settings.c2pa_cert is not None or settings.c2pa_key is not None


def folder_of(settings: Settings) -> Path:
    return settings.home / "certificates" / "local"


def anchors(settings: Settings) -> str:
    """PEM certificates this studio trusts: its own root, and the top of the user's chain. Makes nothing; what cannot be
    read counts as absent."""
    found: list[str] = []
    root = folder_of(settings) / _ROOT
    for path in (root, settings.c2pa_cert):
        try:
            text = path.expanduser().read_text(encoding="ascii") if path is not None else ""
        except (OSError, UnicodeDecodeError):
            continue
        if PEM_BEGIN in text:
            found.append(PEM_BEGIN + text.rpartition(PEM_BEGIN)[2])
    return "\n".join(found)


def state(settings: Settings) -> str:
    """One line for `studio doctor`; SetupError when exports would go unsigned."""
    if not configured(settings) and not folder_of(settings).exists():
        return "signed by a certificate of this studio's own, made at the first export"
    signer = identity(settings)
    whose = "your certificate" if signer.own else "this studio's own certificate"
    return f"signed by {whose} ({signer.signer}), valid until {signer.expires.date()}"


def local(folder: Path, at: datetime | None = None) -> Identity:
    """The studio's own identity, made or renewed where needed. Safe when several processes come at once: a set appears
    under its name whole, and the one who comes second uses the first one's."""
    at = at or now()
    try:
        if not folder.exists():
            _found(folder, at)
        return _signer(folder, at)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SetupError(
            f"The studio's own certificate under {folder} cannot be used: {reason}.",
            f"Make the folder readable and writable, or move {folder} away: the next export makes a new one.",
            "certificate_broken",
        ) from error


def _found(folder: Path, at: datetime) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec

    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{secrets.token_hex(8)}.part")
    fresh.mkdir(mode=0o700)
    try:
        key = ec.generate_private_key(ec.SECP256R1())
        root = _certificate("Creator Workbench root", key, at, at + ROOT_LIFE)
        _write(fresh / _AUTHORITY, _pem(key) + _pem_of(root), 0o600)
        _write(fresh / _ROOT, _pem_of(root), 0o644)
        _write(fresh / _SIGNER, _leaf(key, root, at), 0o600)
        try:
            os.rename(fresh, folder)
        except OSError:
            if not folder.exists():
                raise  # else another process was first: its set counts
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _signer(folder: Path, at: datetime) -> Identity:
    from cryptography import x509

    text = (folder / _SIGNER).read_text(encoding="ascii")
    leaf, root = x509.load_pem_x509_certificates(text.encode())
    aging = leaf.not_valid_after_utc - at < LEAF_LEAST and leaf.not_valid_after_utc < root.not_valid_after_utc
    if aging or at < leaf.not_valid_before_utc:
        text = _renewed(folder, at)
        leaf, root = x509.load_pem_x509_certificates(text.encode())
    key, _, chain = text.partition(PEM_BEGIN)
    return Identity(PEM_BEGIN + chain, key, "es256", subject_of(leaf), leaf.not_valid_after_utc, own=False)


def _renewed(folder: Path, at: datetime) -> str:
    """A new key and leaf under the same root, put in place in one step. Two that renew at once both hold a good one."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    authority = (folder / _AUTHORITY).read_bytes()
    key = load_pem_private_key(authority, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{_AUTHORITY} holds another kind of key")
    text = _leaf(key, x509.load_pem_x509_certificate(authority), at)
    fresh = folder / f".{secrets.token_hex(8)}.part"
    try:
        _write(fresh, text, 0o600)
        os.replace(fresh, folder / _SIGNER)
    finally:
        fresh.unlink(missing_ok=True)
    return text


def _leaf(authority: EllipticCurvePrivateKey, root: x509.Certificate, at: datetime) -> str:
    """Key, leaf and root in one text, so that they can only change together."""
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    ends = min(at + LEAF_LIFE, root.not_valid_after_utc)
    leaf = _certificate("Creator Workbench signer", key, at, ends, (authority, root))
    return _pem(key) + _pem_of(leaf) + _pem_of(root)


def _certificate(
    name: str,
    key: EllipticCurvePrivateKey,
    at: datetime,
    ends: datetime,
    issuer: tuple[EllipticCurvePrivateKey, x509.Certificate] | None = None,
) -> x509.Certificate:
    """A root without `issuer`; with one, a leaf as the C2PA certificate profile asks for it. No names of people or
    machines: a number tells one studio's certificates from another's."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    serial = x509.random_serial_number()
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Creator Workbench (self-issued)"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{name} {serial % 16**8:08x}"),
        ]
    )
    root = issuer is None
    signing_key, issued_by = (key, subject) if issuer is None else (issuer[0], issuer[1].subject)
    uses = dict.fromkeys(
        ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"),
        False,
    )  # fmt: skip
    usage = x509.KeyUsage(digital_signature=not root, key_cert_sign=root, crl_sign=root, **uses)
    builder = (
        x509.CertificateBuilder(issued_by, subject, key.public_key(), serial)
        .not_valid_before(at - _SET_BACK)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=root, path_length=0 if root else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if not root:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        ).add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()), critical=False)
    return builder.sign(signing_key, hashes.SHA256())


def _write(path: Path, text: str, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="ascii") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())


def _pem(key: EllipticCurvePrivateKey) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _pem_of(certificate: x509.Certificate) -> str:
    from cryptography.hazmat.primitives.serialization import Encoding

    return certificate.public_bytes(Encoding.PEM).decode()
