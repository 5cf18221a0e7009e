"""Projects edited by wishes: every saved edit is a version, undo and redo walk them, nobody overwrites anybody unseen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.kit.actor import Actor
from core.kit.errors import NotFound, UserError
from core.rights.gate import Verdict
from core.sound import editing, planning, walking
from core.sound.analysing import Analysing
from core.sound.edits import Add, Edit
from core.sound.projects import Projects
from core.sound.snapping import WITHIN_S, Beats, Target, beats_of, snapper, targets
from core.sound.types import Document
from core.store import assets, projects
from core.store.assets import Asset
from core.store.projects import ProjectRow
from core.store.store import Store

COMPOSED = "composer"
"""Its pieces begin on the first beat of a bar."""


@dataclass(frozen=True)
class Opened:
    row: ProjectRow
    document: Document
    undo: int | None
    """The version that undo would bring back."""
    redo: int | None
    clearance: Verdict | None = None
    """Of the use that is planned for it, where one is: whether whoever opened it may render it for that."""


class Timelines:
    def __init__(self, store: Store, projects: Projects, analysing: Analysing) -> None:
        self._store = store
        self._projects = projects
        self._analysing = analysing

    def open(self, actor: Actor, project_id: str) -> Opened:
        with self._store.db.read() as connection:
            row = projects.get(connection, actor, project_id)
            document = Document.model_validate(projects.document(connection, project_id, row.version))
            restores = projects.restores(connection, project_id)
            clearance = planning.verdict(connection, actor, project_id, document)
        return Opened(
            row, document, walking.undo_to(restores, row.version), walking.redo_to(restores, row.version), clearance
        )  # fmt: skip

    def edit(
        self, actor: Actor, project_id: str, based_on: int, wishes: Sequence[Edit], message: str = "",
        within_s: float = WITHIN_S,
    ) -> Opened:  # fmt: skip
        """All of them as one version. 409 when somebody saved since `based_on`."""
        snaps = any(getattr(wish, "snap", False) for wish in wishes)
        with self._store.db.read() as connection:
            document = self._base(connection, actor, project_id, based_on)
            found = self._assets(
                connection, actor, document, [wish.asset_id for wish in wishes if isinstance(wish, Add)]
            )
        lengths = lengths_of(found.values())
        beats = self.beats(actor, found.values()) if snaps else {}
        edited = editing.apply(document, wishes, lengths, snapper(lengths, beats, within_s) if snaps else None)
        self._projects.save(actor, project_id, based_on, edited, (message or said(wishes))[:200])
        return self.open(actor, project_id)

    def undo(self, actor: Actor, project_id: str, based_on: int) -> Opened:
        return self._walk(actor, project_id, based_on, back=True)

    def redo(self, actor: Actor, project_id: str, based_on: int) -> Opened:
        return self._walk(actor, project_id, based_on, back=False)

    def restore(self, actor: Actor, project_id: str, based_on: int, version: int) -> Opened:
        """An older version as the newest. It is an edit like others: undo takes it back."""
        with self._store.db.read() as connection:
            self._base(connection, actor, project_id, based_on)
            old = Document.model_validate(projects.document(connection, project_id, version))
        document = old.model_copy(update={"restores": None})
        self._projects.save(actor, project_id, based_on, document, f"Back to version {version}")
        return self.open(actor, project_id)

    def copy(self, actor: Actor, project_id: str, version: int, wishes: Sequence[Edit]) -> Opened:
        """A project of one's own from an older version and the edits that somebody else's save stood in the way of."""
        with self._store.db.read() as connection:
            row = projects.get(connection, actor, project_id)
            document = Document.model_validate(projects.document(connection, project_id, version))
            found = self._assets(
                connection, actor, document, [wish.asset_id for wish in wishes if isinstance(wish, Add)]
            )
        edited = editing.apply(document.model_copy(update={"restores": None}), wishes, lengths_of(found.values()))
        made = self._projects.create(
            actor, f"{row.name[:190]}, copy", edited, f"Copy of version {version}, edited"[:200]
        )
        return self.open(actor, made.id)

    def assets(self, actor: Actor, document: Document) -> dict[str, Asset]:
        """Those of a project that this user may hear; one that is gone is left out."""
        with self._store.db.read() as connection:
            return self._assets(connection, actor, document)

    def beats(self, actor: Actor, found: Iterable[Asset]) -> dict[str, Beats]:
        """Where the beats are known: of music composed here, and of what was analysed in full."""
        by_id = {asset.id: asset for asset in found}
        reports = self._analysing.reports(actor, by_id)
        known = {}
        for key, asset in by_id.items():
            report = reports.get(key, {})
            facts = {
                "seconds": asset.duration_s,
                "bpm": asset.bpm,
                "beats": report.get("beats"),
                "bars": report.get("bars"),
            }
            if asset.generation_config.get("provider") == COMPOSED:
                # What was written down is exact; what was heard of it is not.
                facts |= {"first_s": 0.0, "beats": None, "beats_per_bar": asset.generation_config.get("beats_per_bar")}
            grid = beats_of(facts)
            if grid is not None:
                known[key] = grid
        return known

    def snaps(self, actor: Actor, document: Document) -> list[Target]:
        """Everything that something could snap to."""
        found = self.assets(actor, document)
        return targets(document, lengths_of(found.values()), self.beats(actor, found.values()))

    def _walk(self, actor: Actor, project_id: str, based_on: int, *, back: bool) -> Opened:
        with self._store.db.read() as connection:
            self._base(connection, actor, project_id, based_on)
            restores = projects.restores(connection, project_id)
            target = (walking.undo_to if back else walking.redo_to)(restores, based_on)
            if target is None:
                raise UserError(
                    "There is nothing to undo." if back else "There is nothing to redo.",
                    "This is the first version." if back else "Nothing was undone since the last edit.", "no_step",
                )  # fmt: skip
            old = Document.model_validate(projects.document(connection, project_id, target))
        document = old.model_copy(update={"restores": target})
        self._projects.save(actor, project_id, based_on, document, f"{'Undo' if back else 'Redo'}: version {target}")
        return self.open(actor, project_id)

    def _base(self, connection: Any, actor: Actor, project_id: str, based_on: int) -> Document:
        projects.at(connection, actor, project_id, based_on)
        return Document.model_validate(projects.document(connection, project_id, based_on))

    def _assets(self, connection: Any, actor: Actor, document: Document, more: Sequence[str] = ()) -> dict[str, Asset]:
        found = {asset_id: assets.get(connection, actor, asset_id) for asset_id in more}
        for _, clip in document.clips():
            if clip.asset_id not in found:
                try:
                    found[clip.asset_id] = assets.get(connection, actor, clip.asset_id)
                except NotFound:
                    continue
        return found


def lengths_of(found: Iterable[Asset]) -> Mapping[str, float]:
    return {asset.id: asset.duration_s for asset in found if asset.sounds and asset.duration_s}


_SAID = {
    "add_track": "Added a track", "track": "Changed a track", "delete_track": "Deleted a track", "add": "Added a clip",
    "move": "Moved a clip", "trim": "Trimmed a clip", "split": "Split a clip", "fade": "Faded a clip",
    "gain": "Changed a level", "pan": "Moved left or right", "mute": "Muted", "solo": "Solo", "loop": "Looped a clip",
    "duplicate": "Copied a clip", "delete": "Deleted a clip", "marker": "Added a marker",
    "set_marker": "Changed a marker", "delete_marker": "Deleted a marker", "piece": "Changed the piece",
    "plan": "Said what it is for",
}  # fmt: skip


def said(wishes: Sequence[Edit]) -> str:
    """What a version's line says of it."""
    kinds = list(dict.fromkeys(wish.edit for wish in wishes))
    first = wishes[0]
    if kinds == ["mute"] and not getattr(first, "mute", True):
        return "Unmuted"
    if len(kinds) == 1 and len(wishes) > 1:
        return f"{_SAID[kinds[0]]}, {len(wishes)} times"
    return ", ".join([_SAID[kinds[0]], *(_SAID[kind].lower() for kind in kinds[1:4])])
