"""Certificates of a user's own, good ones and ones that content credentials refuse."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KEYS: dict[str, Any] = {
    "es256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "es384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "es512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ps256": lambda: rsa.generate_private_key(65537, 2048),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
    "small": lambda: rsa.generate_private_key(65537, 1024),
    "secp256k1": lambda: ec.generate_private_key(ec.SECP256K1()),
}


def _name(text: str) -> x509.Name:
    attributes = [(NameOID.ORGANIZATION_NAME, "Example Records"), (NameOID.COMMON_NAME, text)]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in attributes])


def _usage(signing: bool, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(signing, False, False, False, False, authority, authority, False, False)


def issue(
    folder: Path,
    kind: str = "es256",
    *,
    days: tuple[float, float] = (-1, 30),
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    ca: bool = False,
    self_signed: bool = False,
    passphrase: bytes = b"",
    traditional: bool = False,
) -> tuple[Path, Path]:
    """Files of a chain (leaf, intermediate) under a root that stays out of it, and of the leaf's key."""
    moment = datetime.now(UTC)
    from_, to = (moment + timedelta(days=number) for number in days)
    top, middle, key = KEYS["es256"](), KEYS["es256"](), KEYS[kind]()
    chain = []
    for own, name, issuer, issuer_key in ((key, "Signer", "Issuing", middle), (middle, "Issuing", "Root", top)):
        leaf = own is key
        if leaf and self_signed:
            issuer, issuer_key = name, key  # noqa: PLW2901
        authority = not leaf or ca
        builder = (
            x509.CertificateBuilder(_name(issuer), _name(name), own.public_key(), x509.random_serial_number())
            .not_valid_before(from_ if leaf else moment - timedelta(days=400))
            .not_valid_after(to if leaf else moment + timedelta(days=400))
            .add_extension(x509.BasicConstraints(authority, 0 if authority else None), critical=True)
            .add_extension(_usage(leaf, authority), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
        )
        if leaf:
            builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        chain.append(builder.sign(issuer_key, hashes.SHA256()))
    folder.mkdir(parents=True, exist_ok=True)
    cert_file, key_file = folder / "chain.pem", folder / "key.pem"
    cert_file.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
    form = PrivateFormat.TraditionalOpenSSL if traditional else PrivateFormat.PKCS8
    locked = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    key_file.write_bytes(key.private_bytes(Encoding.PEM, form, locked))
    return cert_file, key_file
