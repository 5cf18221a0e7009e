"""Scripts in, a ZIP out: every row a speech job of its own. A row that is wrong, or fails, takes no other with it.

The ZIP is not an asset but taken out when it is asked for: so a row that is retried later is in the next one, the sound
is stored once, and the rights of every piece are asked at the moment it leaves.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.flows import batch
from core.flows.script_files import Row, rows_of
from core.jobs.registry import JobKind
from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.errors import NotFound, StudioError, UserError
from core.kit.settings import Settings
from core.library.exporting import Exporting
from core.rights.gate import Use
from core.store import assets
from core.store.assets import Asset
from core.store.jobs import CANCELLED, DONE, Job
from core.store.store import Store
from core.voice.pieces import KIND as SPEECH
from core.voice.scripts.casting import roles
from core.voice.service import Speech

KIND = "scripts"
MANIFEST = (
    "row", "file", "status", "error", "characters", "duration_s", "cost_usd", "licence", "asset_id",
)  # fmt: skip
_CAPTIONS = {"captions:srt": ".srt", "captions:vtt": ".vtt", "captions": ".json"}


class ScriptBatches:
    def __init__(self, settings: Settings, store: Store, jobs: Jobs, voice: Speech, exporting: Exporting) -> None:
        self._settings = settings
        self._store = store
        self._jobs = jobs
        self._voice = voice
        self._exporting = exporting

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "flow", batch.run),)

    def submit(
        self,
        actor: Actor,
        files: Iterable[tuple[str, bytes]],
        *,
        title: str = "",
        settings: Mapping[str, Any] | None = None,
        priority: str = "normal",
        idempotency_key: str | None = None,
        cap_usd: Decimal | None = None,
    ) -> Job:
        """`files`: (name, bytes) of what was sent. `settings` count for every row that says nothing else. UserError
        when not one row can be spoken; otherwise the wrong ones stand in the manifest."""
        known = self._jobs.before(actor, priority, idempotency_key)
        if known is not None:
            return known
        sent = list(files)
        told: list[dict[str, Any]] = []
        items: list[dict[str, Any]] = []
        for row in rows_of(sent):
            error = row.error
            if error is None:
                try:
                    request = self._request(actor, row, settings or {})
                    items.append({"kind": SPEECH, "request": request, "title": f"{row.number} {row.name}"[:60]})
                except StudioError as refused:
                    error = refused
            told.append(
                {"row": row.number, "file": row.name, "item": 0 if error else len(items),
                 "characters": len(row.values.get("text", "")), "error": error.as_dict() if error else None}
            )  # fmt: skip
        if not items:
            first = next(each for each in told if each["error"])
            raise UserError(
                f"No row can be spoken. Row {first['row']}: {first['error']['message']}",
                first["error"]["hint"],
                "no_rows",
            )
        name = title.strip() or f"{len(told)} scripts: {sent[0][0]}"
        return self._jobs.submit(
            actor, KIND, {"items": items, "rows": told}, title=name, priority=priority, idempotency_key=idempotency_key,
            cap_usd=cap_usd,
        )  # fmt: skip

    def _request(self, actor: Actor, row: Row, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Whoever has lines in a file gets a voice: the one that `settings` gives the name, otherwise one that suits it."""
        text = row.values.get("text", "")
        values = {**settings, **{name: value for name, value in row.values.items() if name != "text"}}
        if row.speakers:
            voice = str(values.get("voice") or "")
            narrator = self._voice.book.find(actor, voice) if voice else None
            chosen = values.get("speakers") or {}
            values["speakers"] = {role.name: role.voice for role in roles(text, row.speakers, narrator, chosen)}
        if row.pronunciations:
            values["pronunciations"] = {**row.pronunciations, **(values.get("pronunciations") or {})}
        return self._voice.prepared(actor, text=text, name=row.name, **values)

    def rows(self, actor: Actor, job_id: str) -> list[dict[str, Any]]:
        """The manifest as it stands now: one entry for each row, with the names of MANIFEST."""
        return [entry for entry, _ in self._rows(actor, job_id)]

    def pack(
        self, actor: Actor, job_id: str, path: Path, *, format: str | None = None, use: Use | None = None
    ) -> list[dict[str, Any]]:
        """Write the ZIP: sound as it was made or in `format`, captions, manifest.json and manifest.csv. A piece whose
        rights forbid the use is left out, and its row says why. Answers the manifest."""
        entries = self._rows(actor, job_id)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for entry, found in entries:
                if "primary" in found:
                    try:
                        self._add(actor, archive, str(entry["file"]), found, path.parent, format, use)
                    except StudioError as error:
                        entry |= {"status": "left out", "error": f"{error.message} {error.hint}".strip()}
            manifest = [entry for entry, _ in entries]
            archive.writestr("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
            archive.writestr("manifest.csv", _as_csv(manifest))
        return manifest

    def _add(
        self, actor: Actor, archive: zipfile.ZipFile, stem: str, found: Mapping[str, Asset], folder: Path,
        format: str | None, use: Use | None,
    ) -> None:  # fmt: skip
        done = self._exporting.export(actor, found["primary"].id, folder, format=format, use=use, name="piece")
        try:
            archive.write(done.path, f"{stem}{done.path.suffix}")
            archive.write(done.sheet_json, f"rights/{stem}.json")
        finally:
            for written in (done.path, done.sheet_json, done.sheet_markdown):
                written.unlink(missing_ok=True)
        for role, ending in _CAPTIONS.items():
            if role in found:
                archive.write(self._store.blobs.path(found[role].sha256), f"{stem}{ending}", zipfile.ZIP_DEFLATED)

    def _rows(self, actor: Actor, job_id: str) -> list[tuple[dict[str, Any], dict[str, Asset]]]:
        parent = self._jobs.show(actor, job_id)
        if parent.kind != KIND:
            raise NotFound(f"Job {job_id!r} is no batch of scripts.", f"Ask for it at /api/jobs/{job_id}.")
        children = {child.id: child for child in self._jobs.children(actor, job_id)}
        report = {each["job_id"]: each for each in (parent.result or {}).get("children", [])}
        told = []
        for row in parent.request["rows"]:
            child_id = f"{job_id}/{row['item']}"
            child = children.get(child_id)
            found = self._assets(actor, child)
            primary = found.get("primary")
            error = row["error"] or (child.error if child else (report.get(child_id) or {}).get("error"))
            status = (
                "wrong" if row["error"] else child.status if child
                else CANCELLED if parent.status == CANCELLED else report.get(child_id, {}).get("status", "waiting")
            )  # fmt: skip
            if status == DONE and primary is None:
                status, error = "gone", {"message": "Its sound was deleted.", "hint": ""}
            entry = {
                "row": row["row"], "file": row["file"], "status": status,
                "error": f"{error['message']} {error['hint']}".strip() if error and status != DONE else "",
                "characters": row["characters"], "duration_s": primary.duration_s if primary else None,
                "cost_usd": str(self._jobs.cost(actor, child_id)) if child else "0",
                "licence": str(primary.licence["id"]) if primary else "", "asset_id": primary.id if primary else "",
            }  # fmt: skip
            told.append((entry, found))
        return told

    def _assets(self, actor: Actor, child: Job | None) -> dict[str, Asset]:
        if child is None or child.status != DONE:
            return {}
        with self._store.db.read() as connection:
            return {asset.role: asset for asset in assets.of_job(connection, child.id, actor)}


def _as_csv(manifest: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, MANIFEST)
    writer.writeheader()
    for entry in manifest:
        writer.writerow({name: plain(value) for name, value in entry.items()})
    return out.getvalue()


def plain(value: Any) -> Any:
    """A spreadsheet would run a text that begins like a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t\r") else value
