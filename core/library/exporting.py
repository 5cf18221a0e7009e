"""Take a piece out: through the rights gate, in the format asked for, with its "who made what" sheet beside it."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.kit.actor import Actor
from core.kit.children import Children, Progress
from core.kit.errors import UserError
from core.rights import gate, provenance
from core.rights.gate import Use, Verdict
from core.store import assets
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
    def __init__(self, store: Store, children: Children) -> None:
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
        bytes as they are; `target` a loudness preset. RightsError when a source is not cleared for the use."""
        from core.audio.encoding import file_format

        use = use or Use()
        with self._store.db.read() as connection:
            asset = assets.get(connection, actor, asset_id)
            verdict = gate.check(connection, asset, use)
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
        else:
            if not asset.sounds:
                raise UserError(f"{asset.name!r} has no sound, so it has no {format} form.", "Export it as it is.")
            path = _free(folder, stem, file_format(format).extension)
            request = {"source": str(source), "path": str(path), "format": format, "target": target, "lufs": asset.lufs}
            facts = self._children.run(encode_in_child, request, timeout_s=600)
        with self._store.db.read() as connection:
            data = provenance.sheet(connection, asset, use, verdict, path.name)
        as_markdown = folder / f"{path.name}.who-made-what.md"
        as_json = folder / f"{path.name}.who-made-what.json"
        as_markdown.write_text(provenance.markdown(data), encoding="utf-8")
        as_json.write_text(json.dumps(data, indent=2, ensure_ascii=False), encoding="utf-8")
        return Export(path, as_markdown, as_json, verdict, facts)


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
