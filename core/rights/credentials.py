"""Content credentials (C2PA): signed into a file after its last byte of sound, read back, and checked.

Only the container changes: the sound decodes to the same samples. OGG and Opus have no place for them. Nothing here
asks the network: no time stamp, no remote manifests, no revocation lists.
"""

from __future__ import annotations

import json
import mmap
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.kit.children import Progress
from core.kit.errors import SetupError, UserError
from core.kit.words import one_line
from core.rights.making import LABEL, SOURCE_TYPES

State = Literal["trusted", "valid", "expired", "damaged"]
"""trusted: unchanged, by a certificate this studio knows. valid: unchanged, by a signer it does not know. expired:
unchanged, but the certificate has run out. damaged: the file or its credentials were changed after signing."""

MEANS: dict[str, str] = {
    "trusted": "unchanged since it was signed, by a certificate this studio knows",
    "valid": "unchanged since it was signed, by a signer this studio does not know",
    "expired": "unchanged since it was signed, but the signer's certificate has run out",
    "damaged": "the file or its credentials were changed after signing",
    "none": "the file carries no content credentials",
}
_ORIGINS = {
    "algorithmicMedia": "made by an algorithm, without a trained model",
    "trainedAlgorithmicMedia": "made by a trained model",
    "compositeWithTrainedAlgorithmicMedia": "a mix that contains work of a trained model",
    "composite": "a mix of several parts",
    "": "nothing is said about how it was made",
}
_MIMES = {".wav": "audio/wav", ".flac": "audio/flac", ".mp3": "audio/mpeg", ".m4a": "audio/mp4", ".mp4": "video/mp4"}
_BOX = b"jumdc2pa"
"""How every C2PA manifest store begins, in whatever container."""


@dataclass(frozen=True)
class Credentials:
    state: State
    problems: tuple[str, ...] = ()
    """What was found wrong, in the words of the C2PA library."""
    claim: str = ""
    title: str = ""
    generator: str = ""
    signed_by: str = ""
    source_type: str = ""
    """IPTC's digital source type, its last word; empty where nothing is claimed."""
    actions: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    making: dict[str, Any] | None = None
    """What a Creator Workbench says about the making; None in files of other makers."""

    @property
    def origin(self) -> str:
        return _ORIGINS.get(self.source_type, self.source_type)


def mime_for(name: str | Path) -> str | None:
    """The type credentials are embedded as, by the ending; None where the format has no place for them."""
    return _MIMES.get(Path(name).suffix.lower())


def sign(
    path: Path,
    out: Path,
    manifest: dict[str, Any],
    *,
    chain_pem: str,
    key_pem: str,
    algorithm: str,
    original: Path | None = None,
) -> Credentials:
    """Write `path` with the manifest in it to `out`, and answer what is then in there. `original`: the file an upload
    came as; if it has credentials of its own, they are kept inside ours. SetupError when it cannot be signed."""
    c2pa = _library()
    try:
        signer = c2pa.Signer.from_info(
            c2pa.C2paSignerInfo(algorithm.encode(), chain_pem.encode(), key_pem.encode(), None)
        )
        builder = _builder(c2pa, manifest, original)
        with path.open("rb") as source, out.open("w+b") as target:
            builder.sign(signer, manifest["format"], source, target)
    except (c2pa.C2paError, OSError) as error:
        raise SetupError(
            f"The file could not be signed: {one_line(error)}.", "See the credentials line of: studio doctor",
            "signing_failed",
        ) from None  # fmt: skip
    # Trust is in the certificate's eye: it is taken for known here, since it is the one that has just signed.
    signed = read(out, chain_pem, mime=manifest["format"])
    if signed is None or signed.state == "damaged":
        raise SetupError("The file was signed, but does not check.", "Report this with the file.", "signing_failed")
    return signed


def _builder(c2pa: Any, manifest: dict[str, Any], original: Path | None) -> Any:
    if original is not None and (mime := _sniffed(original)) is not None and _has_box(original):
        parent, *others = manifest["ingredients"]
        try:
            builder = c2pa.Builder(manifest | {"ingredients": others}, context=_context(c2pa, ""))
            with original.open("rb") as file:
                builder.add_ingredient(json.dumps(parent), mime, file)
            return builder
        except c2pa.C2paError:
            pass  # credentials too damaged to carry on; the ingredient is then named without them
    return c2pa.Builder(manifest, context=_context(c2pa, ""))


def read(path: Path, anchors_pem: str = "", *, mime: str = "") -> Credentials | None:
    """The credentials in a file, checked; None when there are none. `anchors_pem`: certificates to trust. UserError when
    the file cannot be read at all."""
    try:
        with path.open("rb") as file:
            carries = _has_box(path)
            return _read(file, mime or _sniffed(path) or mime_for(path) or "", anchors_pem, carries)
    except OSError as error:
        raise UserError(f"{path.name!r} cannot be read: {error.strerror}.", "Check the path.") from None


def _read(file: Any, mime: str, anchors_pem: str, carries: bool) -> Credentials | None:
    if not mime or not carries:
        return None
    c2pa = _library()
    try:
        reader = c2pa.Reader(mime, file, context=_context(c2pa, anchors_pem))
        return _credentials(json.loads(reader.json()))
    except (c2pa.C2paError, ValueError, KeyError, TypeError, AttributeError) as error:
        # There is the beginning of a manifest in the file, and it cannot be followed.
        return Credentials("damaged", (one_line(error),))


def _credentials(data: dict[str, Any]) -> Credentials:
    active = data["manifests"][data["active_manifest"]]
    failed = data.get("validation_results", {}).get("activeManifest", {}).get("failure", [])
    codes = {problem["code"] for problem in failed}
    state: State = "damaged"
    if data.get("validation_state") == "Trusted":
        state = "trusted"
    elif data.get("validation_state") == "Valid":
        state = "valid"
    elif codes and codes <= {"signingCredential.expired", "signingCredential.untrusted"}:
        state = "expired"
    assertions = {item["label"].partition(".v")[0]: item["data"] for item in active.get("assertions", [])}
    actions = assertions.get("c2pa.actions", {}).get("actions", [])
    kinds = [str(action["digitalSourceType"]) for action in actions if action.get("digitalSourceType")]
    generator = (active.get("claim_generator_info") or [{}])[0]
    signer = active.get("signature_info", {})
    making = assertions.get(LABEL)
    return Credentials(
        state=state,
        problems=tuple(
            one_line(f"{problem['code']}: {problem.get('explanation', '')}")
            for problem in failed
            if problem["code"] != "signingCredential.untrusted"
        ),
        claim=one_line(data["active_manifest"]),
        title=one_line(active.get("title") or ""),
        generator=one_line("/".join(str(generator[name]) for name in ("name", "version") if generator.get(name))),
        signed_by=one_line(", ".join(str(signer[name]) for name in ("issuer", "common_name") if signer.get(name))),
        source_type=one_line(kinds[0].removeprefix(SOURCE_TYPES)) if kinds else "",
        actions=tuple(one_line(action["action"]) for action in actions),
        ingredients=tuple(
            one_line(part.get("title") or part.get("label", "")) for part in active.get("ingredients", [])
        ),
        making=making if isinstance(making, dict) else None,
    )


def _library() -> Any:
    try:
        import c2pa  # type: ignore[import-untyped]
    except (ImportError, OSError) as error:
        raise SetupError(
            f"The content credentials library cannot be loaded: {one_line(error)}.", "Reinstall with: make studio",
            "no_credentials_library",
        ) from None  # fmt: skip
    return c2pa


def _context(c2pa: Any, anchors_pem: str) -> Any:
    return c2pa.Context(
        c2pa.Settings.from_dict(
            {
                "builder": {"thumbnail": {"enabled": False}},
                "trust": {"user_anchors": anchors_pem} if anchors_pem else {},
                "verify": {
                    "verify_trust": True,
                    "verify_after_sign": False,
                    "remote_manifest_fetch": False,
                    "ocsp_fetch": False,
                },
            }
        )
    )


def _has_box(path: Path) -> bool:
    if path.stat().st_size == 0:
        return False
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        return whole.find(_BOX) >= 0


def _sniffed(path: Path) -> str | None:
    """The type by the content, since an ending may say anything."""
    with path.open("rb") as file:
        head = file.read(12)
        if head[:3] == b"ID3" and len(head) >= 10:
            size = sum(byte << 7 * (3 - place) for place, byte in enumerate(head[6:10]))
            file.seek(10 + size)
            return "audio/flac" if file.read(4) == b"fLaC" else "audio/mpeg"
    if head[:4] == b"RIFF" and head[8:] == b"WAVE":
        return "audio/wav"
    if head[4:8] == b"ftyp":
        return "audio/mp4"
    if head[:4] == b"fLaC":
        return "audio/flac"
    return "audio/mpeg" if head[:1] == b"\xff" and len(head) > 1 and head[1] >= 0xE0 else None


def sign_in_child(request: dict[str, Any], progress: Progress) -> Credentials:
    """In a child, since an upload's own bytes are looked at too."""
    progress("Signing", 0.5)
    return sign(**request)


def read_in_child(request: tuple[Path, str], progress: Progress) -> Credentials | None:
    progress("Reading", 0.5)
    return read(*request)
