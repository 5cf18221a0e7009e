"""The user's own certificate and key (STUDIO_C2PA_CERT, STUDIO_C2PA_KEY): read, and refused with the reason in words.

The checks are those of the C2PA certificate profile that people meet; without them the signing library would only say
"certificate invalid" after the sound has been encoded.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.kit.clock import now
from core.kit.errors import SetupError

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

PEM_BEGIN = "-----BEGIN CERTIFICATE-----"
_CERT, _KEY = "STUDIO_C2PA_CERT", "STUDIO_C2PA_KEY"
_PURPOSES = {
    "1.3.6.1.5.5.7.3.4",  # e-mail protection
    "1.3.6.1.5.5.7.3.36",  # document signing
    "1.3.6.1.4.1.62558.2.1",  # C2PA claim signing
}


def load_own(cert: Path | None, key: Path | None) -> tuple[str, str, str, x509.Certificate]:
    """Chain as PEM (leaf first), key as PKCS#8 PEM, C2PA's name of the algorithm, and the leaf itself."""
    from cryptography import x509

    if cert is None or key is None:
        have, lack = (_CERT, _KEY) if key is None else (_KEY, _CERT)
        raise _refused(f"{have} is set, but {lack} is not", f"Set {lack} too, or neither.")
    text = _read(cert, _CERT)
    try:
        leaf = x509.load_pem_x509_certificates(text)[0]
    except ValueError:
        raise _refused(
            f"{_CERT} ({cert}) holds no PEM certificate",
            f"It has to begin with {PEM_BEGIN}: leaf first, then its chain.",
        ) from None
    private = _private_key(_read(key, _KEY), key)
    if private.public_key() != leaf.public_key():
        raise _refused(
            f"{_KEY} ({key}) does not belong to the first certificate in {_CERT} ({cert})",
            "Put the signing certificate first in its file, and name the key it was made with.",
        )
    _check(leaf, cert)
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return text.decode("ascii", "replace"), pem, _algorithm(private, key), leaf


def subject_of(certificate: x509.Certificate) -> str:
    """The organisation and the common name, as far as there are any."""
    from cryptography.x509.oid import NameOID

    parts = [
        str(attribute.value)
        for oid in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
        for attribute in certificate.subject.get_attributes_for_oid(oid)
    ]
    return ", ".join(parts) or f"serial number {certificate.serial_number}"


def _read(path: Path, variable: str) -> bytes:
    try:
        return path.expanduser().read_bytes()
    except OSError as error:
        raise _refused(
            f"{variable} ({path}) cannot be read: {error.strerror}", "Correct the path, or make the file readable."
        ) from None


def _private_key(text: bytes, path: Path) -> PrivateKeyTypes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        return load_pem_private_key(text, None)
    except TypeError:
        raise _refused(
            f"{_KEY} ({path}) is locked by a passphrase",
            "Unlock a copy that only you can read: openssl pkcs8 -topk8 -nocrypt -in KEY -out COPY",
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise _refused(f"{_KEY} ({path}) holds no PEM private key", "Name the key's own file, in PEM form.") from None


def _algorithm(key: PrivateKeyTypes, path: Path) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        return "ps256"
    found = isinstance(key, ec.EllipticCurvePrivateKey) and {
        "secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512",
    }.get(key.curve.name)  # fmt: skip
    if not found:
        raise _refused(
            f"{_KEY} ({path}) is of a kind that content credentials do not allow",
            "Use a P-256, P-384, P-521 or Ed25519 key, or RSA with at least 2048 bits.",
        )
    return found


def _check(leaf: x509.Certificate, path: Path) -> None:
    from cryptography import x509

    title = f"The first certificate in {_CERT} ({path})"
    if not leaf.not_valid_before_utc <= now() <= leaf.not_valid_after_utc:
        raise _refused(
            f"{title} is valid from {leaf.not_valid_before_utc.date()} to {leaf.not_valid_after_utc.date()} only",
            "Renew it, or unset both variables to use the studio's own.",
        )

    wanted = "It needs the key usage digitalSignature and the extended key usage emailProtection or documentSigning."
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
        purposes = {p.dotted_string for p in leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value}
        fit = usage.digital_signature and not usage.key_cert_sign and bool(purposes & _PURPOSES)
    except (x509.ExtensionNotFound, ValueError):
        fit = False
    if not fit:
        raise _refused(f"{title} is not made for signing content", wanted)
    if leaf.issuer == leaf.subject:
        raise _refused(f"{title} vouches for itself", "Content credentials ask for one that an authority issued.")


def _refused(message: str, hint: str) -> SetupError:
    return SetupError(f"{message}.", hint, "certificate_refused")
