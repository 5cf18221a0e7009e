"""Up to a thousand pieces of music as one batch: rows in, a price before, a manifest and a ZIP out.

The ZIP is taken out when it is asked for, so what is resumed later is in the next one, and the rights of every piece are
asked at the moment it leaves.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.flows.batch import REFUSED, Batches, fate
from core.flows.music_rows import Row, repeated
from core.flows.script_batch import plain
from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.errors import StudioError, UserError
from core.library.exporting import Exporting, file_name
from core.music.engine import KIND as MUSIC
from core.music.filling import Fill, checked, from_preset
from core.music.service import Music, title_of
from core.rights.gate import Use
from core.store import assets, charges
from core.store.assets import Asset
from core.store.jobs import CANCELLED, DONE, Job
from core.store.store import Store

MANIFEST = (
    "index", "file", "status", "error", "asset_id", "seed", "engine", "duration_s", "cost_usd", "licence", "job_id",
)  # fmt: skip
_NAMED = 20
"""Bad rows that an error names."""


@dataclass(frozen=True)
class Price:
    """Before anything is queued."""

    items: int
    usd: Decimal
    """The most it can cost."""
    seconds: float
    bad: tuple[tuple[int, StudioError], ...]


class MusicBatches:
    def __init__(
        self, store: Store, jobs: Jobs, music: Music, batches: Batches, exporting: Exporting, fill: Fill = from_preset
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._music = music
        self._batches = batches
        self._exporting = exporting
        self.fill = fill

    def submit(
        self,
        actor: Actor,
        rows: Sequence[Row],
        *,
        title: str = "",
        skip_bad: bool = False,
        at_once: int | None = None,
        priority: str = "normal",
        idempotency_key: str | None = None,
        cap_usd: Decimal | None = None,
    ) -> Job:
        """UserError that names every bad row (the first 20), unless they are to be skipped; then they stand in the
        manifest. With not one good row it is refused all the same."""
        known = self._jobs.before(actor, priority, idempotency_key)
        if known is not None:
            return known
        items: list[dict[str, Any]] = []
        bad: list[tuple[int, StudioError]] = []
        for row in repeated(list(rows)):
            try:
                request = self._request(actor, row, cap_usd)
                items.append({"kind": MUSIC, "request": request, "title": title_of(request)[:60], "row": row.number})
            except StudioError as error:
                bad.append((row.number, error))
        if bad and not (skip_bad and items):
            raise _bad_rows(bad)
        skipped = [{"row": number, "error": error.as_dict()} for number, error in bad]
        return self._batches.submit(
            actor, items, title=title.strip() or f"{len(items)} {'piece' if len(items) == 1 else 'pieces'} of music", at_once=at_once, skipped=skipped,
            priority=priority, idempotency_key=idempotency_key, cap_usd=cap_usd,
        )  # fmt: skip

    def price(self, actor: Actor, rows: Sequence[Row]) -> Price:
        usd, seconds, items = Decimal(0), 0.0, 0
        bad: list[tuple[int, StudioError]] = []
        for row in repeated(list(rows)):
            try:
                found = self._music.estimate(actor, **self._values(actor, row))
                usd, seconds, items = usd + found.usd, seconds + found.seconds, items + 1
            except StudioError as error:
                bad.append((row.number, error))
        return Price(items, usd, seconds, tuple(bad))

    def _values(self, actor: Actor, row: Row) -> dict[str, Any]:
        if row.error is not None:
            raise row.error
        values = dict(row.values)
        template = values.pop("template", None)
        if template:
            values = self.fill(actor, str(template), values)
        return checked(values)

    def _request(self, actor: Actor, row: Row, cap_usd: Decimal | None) -> dict[str, Any]:
        return self._music.request(actor, cap_usd=cap_usd, **self._values(actor, row))

    def rows(self, actor: Actor, job_id: str) -> list[dict[str, Any]]:
        """The manifest as it stands now: one entry for each piece, with the names of MANIFEST, and for each row that was
        skipped."""
        return [entry for entry, _ in self._rows(actor, job_id)]

    def cost(self, actor: Actor, job_id: str) -> Decimal:
        """Dollars settled so far."""
        self._batches.get(actor, job_id)
        with self._store.db.read() as connection:
            return sum(charges.settled_under(connection, job_id).values(), Decimal(0))

    def pack(
        self, actor: Actor, job_id: str, path: Path, *, format: str | None = None, use: Use | None = None
    ) -> list[dict[str, Any]]:
        """Write the ZIP: every piece that is done, manifest.json and manifest.csv. A piece whose rights forbid the use is
        left out, and its entry says why. Answers the manifest."""
        found = self._rows(actor, job_id)
        with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
            for entry, piece in found:
                if piece is not None:
                    try:
                        entry["file"] = self._add(actor, archive, str(entry["file"]), piece, path.parent, format, use)
                    except StudioError as error:
                        entry |= {"status": "left out", "error": f"{error.message} {error.hint}".strip()}
            manifest = [entry for entry, _ in found]
            archive.writestr("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False) + "\n")
            archive.writestr("manifest.csv", as_csv(manifest))
        return manifest

    def _add(
        self, actor: Actor, archive: zipfile.ZipFile, stem: str, piece: Asset, folder: Path, format: str | None,
        use: Use | None,
    ) -> str:  # fmt: skip
        done = self._exporting.export(actor, piece.id, folder, format=format, use=use, name="piece")
        try:
            archive.write(done.path, f"{stem}{done.path.suffix}")
            archive.write(done.sheet_json, f"rights/{stem}.json")
        finally:
            for written in (done.path, done.sheet_json, done.sheet_markdown):
                written.unlink(missing_ok=True)
        return f"{stem}{done.path.suffix}"

    def _rows(self, actor: Actor, job_id: str) -> list[tuple[dict[str, Any], Asset | None]]:
        parent = self._batches.get(actor, job_id)
        children = {child.id: child for child in self._jobs.children(actor, job_id)}
        with self._store.db.read() as connection:
            costs = charges.settled_under(connection, job_id)
            pieces = assets.of_children(connection, actor, job_id)
        report = {each["job_id"]: each for each in (parent.result or {}).get("children", [])}
        told: list[tuple[dict[str, Any], Asset | None]] = []
        for number, item in enumerate(parent.request.get("items", []), 1):
            child_id = f"{job_id}/{number}"
            child, piece = children.get(child_id), pieces.get(child_id)
            piece = piece if piece is not None and piece.deleted_at is None else None
            status = _status(parent, child, report.get(child_id, {}))
            error = child.error if child is not None else report.get(child_id, {}).get("error")
            if status == DONE and piece is None and item["kind"] == MUSIC:
                status, error = "gone", {"message": "Its sound was deleted.", "hint": ""}
            entry = {
                "index": item.get("row", number), "file": f"{number:04d} {file_name(item['title'])}", "status": status,
                "error": _words(error) if status != DONE else "", "asset_id": piece.id if piece else "",
                "seed": piece.generation_config.get("seed") if piece else item["request"].get("seed"),
                "engine": _engine(piece, item["request"]), "duration_s": piece.duration_s if piece else None,
                "cost_usd": f"{costs.get(child_id, Decimal(0)):f}",
                "licence": str(piece.licence["id"]) if piece else "", "job_id": child_id,
            }  # fmt: skip
            told.append((entry, piece))
        for row in parent.request.get("skipped", []):
            entry = dict.fromkeys(MANIFEST, "") | {
                "index": row["row"], "status": "wrong", "error": _words(row["error"]), "seed": None, "duration_s": None,
                "cost_usd": "0",
            }  # fmt: skip
            told.append((entry, None))
        return sorted(told, key=lambda each: int(each[0]["index"]))


def _status(parent: Job, child: Job | None, report: Mapping[str, Any]) -> str:
    if child is not None:
        return fate(child)
    return CANCELLED if parent.status == CANCELLED else REFUSED if report.get("status") == REFUSED else "waiting"


def _engine(piece: Asset | None, request: Mapping[str, Any]) -> str:
    if piece is not None:
        return str(piece.generation_config.get("provider", ""))
    return str(request.get("provider") or next(iter(request.get("engines") or ()), ""))


def _words(error: Mapping[str, Any] | None) -> str:
    return f"{error.get('message', '')} {error.get('hint', '')}".strip() if error else ""


def _bad_rows(bad: list[tuple[int, StudioError]]) -> UserError:
    named = "; ".join(f"row {number}: {error.message.rstrip('.')}" for number, error in bad[:_NAMED])
    more = f"; and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
    return UserError(
        f"{len(bad)} row{'s' if len(bad) > 1 else ''} cannot be made: {named}{more}.",
        f"{bad[0][1].hint} Mend {'them' if len(bad) > 1 else 'it'}, or leave out what is wrong with skip_bad.".strip(), "bad_rows",
    )  # fmt: skip


def as_csv(manifest: list[dict[str, Any]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, MANIFEST)
    writer.writeheader()
    for entry in manifest:
        writer.writerow({name: plain(value) for name, value in entry.items()})
    return out.getvalue()
