"""Take a piece out: through the rights gate, in the format asked for, with its "who made what" sheet beside it and, where
the format has a place for them, its content credentials in it."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.kit.actor import Actor
from core.kit.children import Children, Progress
from core.kit.errors import SetupError, StudioError, UserError
from core.kit.settings import Settings
from core.rights import certificates, credentials, gate, making, provenance, uses
from core.rights.certificates import Identity
from core.rights.gate import Use, Verdict
from core.rights.provenance import Embedded
from core.store import assets, template_uses
from core.store.assets import Asset
from core.store.store import Store

CEILING_DBTP = -1.0


@dataclass(frozen=True)
class Export:
    path: Path
    sheet_markdown: Path
    sheet_json: Path
    verdict: Verdict
    facts: dict[str, Any]
    """Measured on the decoded export: lufs, true_peak_dbtp, format; empty for files handed out as they are."""
    credentials: Embedded
    warnings: tuple[str, ...] = ()
    """What went wrong without costing the export."""


def encode_in_child(request: dict[str, Any], progress: Progress) -> dict[str, Any]:
    from core.audio import files, loudness

    progress("Decoding", 0.1)
    audio = files.decode(request["source"])
    progress("Encoding", 0.4)
    if request["target"] is not None:
        target = loudness.target(request["target"])
    elif request["lufs"] is not None:
        # As loud as it was mastered, but never over the ceiling once decoded again.
        target = loudness.LoudnessTarget("as made", request["lufs"], CEILING_DBTP)
    else:
        files.encode(request["path"], audio.samples, audio.sample_rate, request["format"])
        return {"format": request["format"], "lufs": None, "true_peak_dbtp": None}
    made = loudness.encode_to_target(request["path"], audio.samples, audio.sample_rate, request["format"], target)
    return {
        "format": request["format"],
        "lufs": made.lufs,
        "true_peak_dbtp": made.dbtp,
        "sample_rate": made.sample_rate,
    }


class Exporting:
    def __init__(self, settings: Settings, store: Store, children: Children) -> None:
        self._settings = settings
        self._store = store
        self._children = children

    def export(
        self,
        actor: Actor,
        asset_id: str,
        folder: Path,
        *,
        format: str | None = None,
        use: Use | None = None,
        target: str | None = None,
        name: str | None = None,
    ) -> Export:
        """Write the file and its sheet into `folder`. `format` as in core.audio.files.FORMATS, or None for the stored
        bytes as they are; `target` a loudness preset; without `use`, what its project is planned for. RightsError when a
        source is not cleared for the use; SetupError when the user's own certificate cannot be used. Any other trouble with
        signing is a warning: the export stays."""
        from core.audio.encoding import file_format

        with self._store.db.read() as connection:
            asset = assets.get(connection, actor, asset_id)
            use = use or gate.planned_for(connection, asset)
            verdict = gate.check(connection, asset, use)
        if certificates.configured(self._settings):
            certificates.identity(self._settings)  # refused before anything is written, not passed over
        source = self._store.blobs.path(asset.sha256)
        stem = file_name(name or asset.name)
        folder = folder.resolve()  # the encoder runs in a process whose own folder is another one
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"Nothing can be written to {str(folder)!r}: {error.strerror}.", "Choose another folder."
            ) from None
        facts: dict[str, Any] = {}
        if format is None:
            if target is not None:
                raise UserError("A loudness target needs a format.", "Choose one, such as wav24 or mp3.")
            path = _free(folder, stem, f".{asset.format}")
            shutil.copyfile(source, path)
            embedded = self._as_it_came(asset, source)
        else:
            if not asset.sounds:
                raise UserError(f"{asset.name!r} has no sound, so it has no {format} form.", "Export it as it is.")
            path = _free(folder, stem, file_format(format).extension)
            request = {"source": str(source), "path": str(path), "format": format, "target": target, "lufs": asset.lufs}
            facts = self._children.run(encode_in_child, request, timeout_s=600)
            embedded = self._sign(asset, path, source, facts)  # last: whatever is changed after it breaks the signature
        with self._store.db.read() as connection:
            data = provenance.sheet(connection, asset, use, verdict, path.name, embedded)
            counts = asset.job_id is not None and template_uses.counted(connection, asset.job_id)
        tracks = use.public and any(True for _ in uses.tracks_in(verdict))
        if tracks or (counts and asset.job_id is not None):
            with self._store.db.write() as connection:
                if counts and asset.job_id is not None:
                    template_uses.exported(connection, asset.job_id)
                uses.record(connection, actor, asset, use, verdict)
        as_markdown = folder / f"{path.name}.who-made-what.md"
        as_json = folder / f"{path.name}.who-made-what.json"
        as_markdown.write_text(provenance.markdown(data), encoding="utf-8")
        as_json.write_text(json.dumps(data, indent=2, ensure_ascii=False), encoding="utf-8")
        failed = not embedded.embedded and format is not None and credentials.mime_for(path) is not None
        warnings = (f"Exported without content credentials. {embedded.reason}",) if failed else ()
        return Export(path, as_markdown, as_json, verdict, facts, embedded, warnings)

    def _as_it_came(self, asset: Asset, source: Path) -> Embedded:
        """The stored bytes stay what they are; an upload may have come with credentials of its maker's."""
        told = "The stored bytes were handed out as they are"
        if not asset.sounds:
            return Embedded(False, f"{told}; this kind of file cannot carry them.")
        try:
            came = self._children.run(credentials.read_in_child, (source, ""), timeout_s=600)
        except StudioError:
            came = None
        if came is None:
            return Embedded(False, f"{told}; export as WAV, FLAC, MP3 or M4A to have them in it.")
        signer = came.signed_by or "an unknown signer"
        return Embedded(
            False, f"{told}, with those they came with, signed by {signer}: {credentials.MEANS[came.state]}."
        )

    def _sign(self, asset: Asset, path: Path, source: Path, facts: dict[str, Any]) -> Embedded:
        mime = credentials.mime_for(path)
        if mime is None:
            return Embedded(
                False, f"{path.suffix.lstrip('.').upper()} files cannot carry them; WAV, FLAC, MP3 and M4A can."
            )
        with self._store.db.read() as connection:
            manifest = making.manifest(
                connection, asset, title=asset.name, mime=mime, adjusted=facts["lufs"] is not None
            )
        signed_path = path.with_name(f".{secrets.token_hex(8)}.part")
        try:
            identity = self._identity()
            request = {
                "path": path, "out": signed_path, "manifest": manifest, "chain_pem": identity.chain_pem,
                "key_pem": identity.key_pem, "algorithm": identity.algorithm,
                "original": source if asset.source == "uploaded" else None,
            }  # fmt: skip
            signed: credentials.Credentials = self._children.run(credentials.sign_in_child, request, timeout_s=600)
            os.replace(signed_path, path)
        except StudioError as error:
            return Embedded(False, f"{error.message} {error.hint}".strip())
        except OSError as error:
            return Embedded(False, f"The signed file could not be written: {error.strerror}.")
        finally:
            signed_path.unlink(missing_ok=True)
        return Embedded(True, "", signed.signed_by, signed.claim, signed.source_type, identity.own)

    def _identity(self) -> Identity:
        try:
            return certificates.identity(self._settings)
        except ImportError as error:
            raise SetupError(
                f"The certificate library cannot be loaded: {error}.", "Reinstall with: make studio"
            ) from None


def _free(folder: Path, stem: str, ending: str) -> Path:
    """A name nobody has yet: two pieces may be called the same."""
    path = folder / f"{stem}{ending}"
    number = 2
    while path.exists():
        path = folder / f"{stem} ({number}){ending}"
        number += 1
    return path


def file_name(name: str) -> str:
    """A name any file system takes, in whatever script the title was written."""
    text = unicodedata.normalize("NFC", name)
    text = re.sub(r"[\x00-\x1f\x7f/\\:*?\"<>|]+", " ", text)
    text = re.sub(r"\s+", " ", text).strip(" .")
    while len(text.encode()) > 120:
        text = text[:-1]
    return text or "untitled"


def suggested_name(asset: Asset, format: str | None) -> str:
    from core.audio.encoding import file_format

    return (
        f"{file_name(asset.name)}.{asset.format}"
        if format is None
        else f"{file_name(asset.name)}{file_format(format).extension}"
    )
