"""autoDownload: what a run made is put into the export folder, each file by its own name, through the rights gate."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from core.flows.automating.folders import Folders, parts_of
from core.flows.automating.types import MusicConfig, rule_of
from core.jobs.service import Jobs
from core.kit.actor import LOCAL, Actor
from core.kit.errors import StudioError, UserError
from core.kit.patience import AWAY
from core.library.exporting import Exporting, file_name
from core.store import automation_runs as log
from core.store import automations
from core.store.assets import Asset
from core.store.automation_runs import FAILED, SAVED, Made, Run
from core.store.automations import Automation
from core.store.db import moment_of
from core.store.jobs import DONE
from core.store.store import Store

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

_BUSY = timedelta(minutes=15)
"""Copying and signing long films takes its time. A second one at it would write the same files."""
_ROLES = ("primary", "cue_sheet")


class Saving:
    def __init__(
        self, store: Store, jobs: Jobs, exporting: Exporting, folders: Folders, owner: Callable[[str], Actor | None]
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._exporting = exporting
        self._folders = folders
        self._owner = owner
        self.clock: Callable[[Connection], datetime] = moment_of

    def tick(self) -> int:
        """Answers how many jobs' files it saved."""
        with self._store.db.read() as connection:
            found = log.to_save(connection, self.clock(connection) - _BUSY)
        return sum(self._take(automation_id, each) for automation_id, each in found)

    def _take(self, automation_id: str, each: Made) -> bool:
        with self._store.db.write() as connection:
            moment = self.clock(connection)
            if not log.take_saving(connection, each, moment, moment - _BUSY):
                return False
            rule = automations.find(connection, automation_id)
            run = log.run_of(connection, each.run_id)
        if rule is None or run is None:
            return False
        actor = LOCAL if rule.user_id == LOCAL.user_id else self._owner(rule.user_id)
        if each.job_status != DONE or actor is None:
            return self._done(each, "", [], None)
        try:
            files = self._save(actor, rule, run, each)
        except StudioError as error:
            if error.code in AWAY:
                return False
            return self._done(each, FAILED, [], error)
        except OSError as error:
            told = UserError(
                f"What was made could not be put into the export folder: {error.strerror or error}.",
                "Check that it can be written to; the files are in the library.", "not_saved",
            )  # fmt: skip
            return self._done(each, FAILED, [], told)
        return self._done(each, SAVED, files, None)

    def _save(self, actor: Actor, rule: Automation, run: Run, each: Made) -> list[str]:
        wanted = rule_of({"name": rule.name, "trigger": rule.trigger, "actions": rule.actions})
        # The rule may have been changed while the job ran: then by its name, as made.
        same = len(wanted.making) >= each.number and wanted.making[each.number - 1].type == each.action
        config = wanted.making[each.number - 1].config if same else None
        format = config.format if isinstance(config, MusicConfig) else None
        parts = parts_of(config.folder) if config is not None else []
        folder = self._folders.exported(actor, [*(parts or [rule.name]), f"{run.name[:80]} {run.id[-6:]}"])
        staging = folder / f".{each.number}-{each.job_id[-12:].replace('/', '_')}.part"
        shutil.rmtree(staging, ignore_errors=True)
        pieces = [
            piece for piece in self._jobs.assets(actor, each.job_id)
            if piece.role.partition(":")[0] in _ROLES and piece.deleted_at is None
        ]  # fmt: skip
        # Of a scored clip the film and its cue sheet, not the cues it is made of; of a batch every piece.
        pieces = [piece for piece in pieces if piece.job_id == each.job_id] or pieces
        written: list[str] = []
        try:
            for number, piece in enumerate(pieces, 1):
                written += self._export(actor, piece, staging, folder, _stem(each, number, piece), format)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        return written

    def _export(
        self, actor: Actor, piece: Asset, staging: Path, folder: Path, stem: str, format: str | None
    ) -> list[str]:
        done = self._exporting.export(actor, piece.id, staging, format=format if piece.sounds else None, name=stem)
        written = []
        for file in (done.path, done.sheet_markdown, done.sheet_json):
            os.replace(file, folder / file.name)  # said again after a crash, it is the same file
            written.append(self._folders.told(actor, folder / file.name))
        return written[:1]

    def _done(self, each: Made, saving: str, files: list[str], error: StudioError | None) -> bool:
        with self._store.db.write() as connection:
            told = None if error is None else error.as_dict()
            log.saved(connection, each, saving=saving, files=files, error=told)
        return saving == SAVED


def _stem(each: Made, number: int, piece: Asset) -> str:
    """No two of a run alike: pieces may be called the same."""
    return f"{each.number}-{number:02d} {file_name(piece.name)}"
