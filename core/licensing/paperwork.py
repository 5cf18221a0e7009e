"""What publishing asks for on paper: cue sheets and compliance reports, as data, CSV or PDF."""

from __future__ import annotations

import json
from typing import Literal

from core.kit.actor import Actor
from core.kit.errors import UserError
from core.licensing import compliance, cue_sheets
from core.licensing.compliance import Report
from core.licensing.cue_sheets import CueSheet
from core.rights.gate import Use
from core.store import assets, projects
from core.store.db import Database

Form = Literal["json", "csv", "pdf"]
FORMS: tuple[str, ...] = ("json", "csv", "pdf")
MIME = {"json": "application/json", "csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}


class Paperwork:
    def __init__(self, database: Database) -> None:
        self._db = database

    def cue_sheet(self, actor: Actor, asset_id: str, use: Use) -> CueSheet:
        with self._db.read() as connection:
            return cue_sheets.sheet(connection, assets.get(connection, actor, asset_id), use)

    def report(self, actor: Actor, *, project_id: str = "", from_day: str = "", to_day: str = "") -> Report:
        """Of a project one may see, of a period, or of all one's uses."""
        with self._db.read() as connection:
            if project_id:
                projects.get(connection, actor, project_id)
            return compliance.report(connection, actor, project_id=project_id, from_day=from_day, to_day=to_day)


def written(found: CueSheet | Report, form: str) -> bytes:
    if form not in FORMS:
        raise UserError(f"There is no form {form!r}.", f"Choose one of: {', '.join(FORMS)}.")
    data = found.as_dict()
    if form == "json":
        return json.dumps(data, indent=1, ensure_ascii=False).encode()
    if isinstance(found, CueSheet):
        if form == "pdf":
            return cue_sheets.as_pdf(found)
        return cue_sheets.as_csv(cue_sheets.COLUMNS, data["cues"]).encode("utf-8-sig")
    if form == "pdf":
        return compliance.as_pdf(found)
    return cue_sheets.as_csv(compliance.COLUMNS, data["lines"]).encode("utf-8-sig")
