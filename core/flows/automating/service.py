"""Automations as everyone sees them: make, look, change, switch, run now, delete. firing.py and watching.py carry them out."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.flows.automating import folders as on_disk
from core.flows.automating.doing import Doing
from core.flows.automating.firing import Firing, month_left, month_of
from core.flows.automating.folders import Folders
from core.flows.automating.saving import Saving
from core.flows.automating.types import FolderTrigger, Rule, rule_of
from core.flows.automating.watching import Watching
from core.flows.batch import Batches
from core.flows.recommending.service import Recommending
from core.flows.scoring.service import Scoring
from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import AccessError, UserError, error_from
from core.kit.settings import Settings
from core.library.exporting import Exporting
from core.library.importing import Importing
from core.music.service import Music
from core.rights import licences
from core.store import automation_runs as log
from core.store import automations
from core.store.automation_runs import Run
from core.store.automations import OFF, ON, SUBJECT, Automation
from core.store.store import Store
from core.video.service import Video

MOST = 100
"""Automations of one user."""
_FIELDS = frozenset({"name", "trigger", "actions", "cap_usd", "month_usd"})


@dataclass(frozen=True)
class Shown:
    """A rule as it stands."""

    rule: Automation
    last: Run | None
    spent_usd: Decimal
    """This month, with the most that what is under way may cost."""
    left_usd: Decimal | None
    """Of the month's budget; None where there is none."""
    runs: int
    """How many lines its log has."""


class Automations:
    def __init__(
        self, settings: Settings, store: Store, jobs: Jobs, video: Video, music: Music, recommending: Recommending,
        scoring: Scoring, batches: Batches, importing: Importing, exporting: Exporting, owner: Callable[[str], Actor | None], name_of: Callable[[Actor], str],
    ) -> None:  # fmt: skip
        self._settings = settings
        self._store = store
        self._video = video
        self._doing = Doing(video, music, recommending, scoring, batches)
        self.folders = Folders(settings, name_of)
        self.watching = Watching(settings, store, self.folders, importing, owner)
        self.firing = Firing(
            store, owner, video, self._doing, self.watching.bring_in, Path(settings.home) / "errors.log"
        )
        self.saving = Saving(store, jobs, exporting, self.folders, owner)

    def create(
        self,
        actor: Actor,
        *,
        name: str = "",
        trigger: Mapping[str, Any],
        actions: builtins.list[Any],
        cap_usd: Decimal | None = None,
        month_usd: Decimal | None = None,
        on: bool = True,
    ) -> Automation:
        """`trigger` and `actions` in the document's form. It is for what happens from now on."""
        if self._settings.demo:
            raise AccessError(
                "The public demo keeps no automations.", "Run the studio on your own machine: it is free."
            )
        rule = self._checked({"name": name, "trigger": trigger, "actions": actions})
        _amounts(cap_usd, month_usd)
        stored = rule.stored()
        row = {
            "name": rule.title, "event": rule.event, "trigger": stored["trigger"], "actions": stored["actions"],
            "state": ON if on else OFF, "cap_usd": cap_usd, "month_usd": month_usd,
        } | self._beginning(actor, rule)  # fmt: skip
        with self._store.db.exclusive(SUBJECT) as connection:
            if automations.count(connection, actor.user_id) >= MOST:
                raise UserError(f"You have {MOST} automations, as many as there can be.", "Delete one first.")
            return automations.add(connection, actor, row)

    def list(self, actor: Actor) -> builtins.list[Shown]:
        with self._store.db.read() as connection:
            return [self._shown(connection, each) for each in automations.listing(connection, actor)]

    def show(self, actor: Actor, automation_id: str) -> Shown:
        with self._store.db.read() as connection:
            return self._shown(connection, automations.get(connection, actor, automation_id))

    def _shown(self, connection: Any, rule: Automation) -> Shown:
        moment = self.firing.clock(connection)
        return Shown(
            rule, log.last_run(connection, rule.id), log.spent(connection, rule.id, month_of(moment)),
            month_left(connection, rule, moment), log.count(connection, rule.id),
        )  # fmt: skip

    def edit(self, actor: Actor, automation_id: str, **changes: Any) -> Automation:
        """What is not named stays; None takes a limit away. Another trigger is for what happens from now on."""
        unknown = sorted(set(changes) - _FIELDS)
        if unknown:
            raise UserError(f"An automation has no {unknown[0]!r}.", f"It has: {', '.join(sorted(_FIELDS))}.")
        row = self.show(actor, automation_id).rule
        values: dict[str, Any] = {name: changes[name] for name in ("cap_usd", "month_usd") if name in changes}
        _amounts(values.get("cap_usd", row.cap_usd), values.get("month_usd", row.month_usd))
        said = {name: changes[name] for name in ("name", "trigger", "actions") if changes.get(name) is not None}
        if said:
            whole = {"name": row.name, "trigger": row.trigger, "actions": row.actions} | said
            rule = self._checked(whole)
            stored = rule.stored()
            values |= {"name": rule.title, "trigger": stored["trigger"], "actions": stored["actions"]}
            if stored["trigger"] != row.trigger:
                values |= {"event": rule.event} | self._beginning(self._owner_of(row, actor), rule)
        with self._store.db.exclusive(SUBJECT) as connection:
            held = automations.get(connection, actor, automation_id, hold=True)
            automations.change(connection, held.id, **values)
            return automations.get(connection, actor, automation_id)

    def switch(self, actor: Actor, automation_id: str, *, on: bool) -> Automation:
        """What happens while it is off is never made up."""
        row = self.show(actor, automation_id).rule
        if row.on == on:
            return row
        values: dict[str, Any] = {"state": ON if on else OFF, "reason": ""}
        if on:
            rule = self._checked({"name": row.name, "trigger": row.trigger, "actions": row.actions})
            values |= self._beginning(self._owner_of(row, actor), rule)
        with self._store.db.exclusive(SUBJECT) as connection:
            held = automations.get(connection, actor, automation_id, hold=True)
            if held.on != on:
                automations.change(connection, held.id, **values)
            return automations.get(connection, actor, automation_id)

    def delete(self, actor: Actor, automation_id: str) -> None:
        """With its log. What it made stays, and so does a job that it has already submitted."""
        with self._store.db.exclusive(SUBJECT) as connection:
            row = automations.get(connection, actor, automation_id, hold=True)
            log.remove(connection, row.id)
            automations.remove(connection, row.id)

    def runs(self, actor: Actor, automation_id: str, limit: int = 50) -> builtins.list[Run]:
        """Newest first."""
        with self._store.db.read() as connection:
            automations.get(connection, actor, automation_id)
            return log.log(connection, automation_id, limit)

    def run(self, actor: Actor, automation_id: str, clip_id: str) -> Run:
        """Now, on a clip whose scenes are known; also when the rule is off, and as often as one likes. Raises what kept it
        from being submitted."""
        row = self.show(actor, automation_id).rule
        rule = rule_of({"name": row.name, "trigger": row.trigger, "actions": row.actions})
        if not rule.making:
            raise UserError(
                "This automation takes films apart, and that clip has been.", "Add what is to be made of its scenes."
            )
        clip, _ = self._video.clip(actor, clip_id)
        with self._store.db.exclusive(SUBJECT) as connection:
            automations.get(connection, actor, automation_id, hold=True)
            moment = self.firing.clock(connection)
            subject = f"{clip.id}@{moment.timestamp():.6f}"
            added = log.add_run(
                connection, row.id, subject, clip.name, clip_id=clip.id, asset_id=clip.asset_id, manual=True
            )
        if added is None:
            raise UserError("It was started in this very moment.", "Look at its log.", "running_already")
        self.firing.take(added)
        with self._store.db.read() as connection:
            done = log.run_of(connection, added.id)
        if done is None:  # deleted meanwhile
            raise UserError("The automation was deleted before it could start.", "Make it anew.", "no_automation")
        if done.error is not None and not done.jobs:
            raise error_from(done.error)
        return done

    def _checked(self, values: Mapping[str, Any]) -> Rule:
        rule = rule_of(values)
        self._doing.check(rule)
        if isinstance(rule.trigger, FolderTrigger):
            if rule.trigger.licence == "own-work":
                raise UserError("'own-work' is for what the studio itself made.", "For your own films: uploaded-own.")
            licences.record(rule.trigger.licence)
        return rule

    def _beginning(self, actor: Actor, rule: Rule) -> dict[str, Any]:
        """What happened until now, and lies there now, is not its business."""
        found: builtins.list[Any] = []
        if isinstance(rule.trigger, FolderTrigger):
            found = on_disk.standing(self.folders.watched(actor, rule.trigger.folder, make=True))
        return {"since": now(), "standing": found}

    def _owner_of(self, row: Automation, actor: Actor) -> Actor:
        """Whose folders these are: an administrator may change somebody else's rule."""
        return actor if actor.user_id == row.user_id else Actor(row.user_id, row.organisation_id)


def _amounts(cap_usd: Decimal | None, month_usd: Decimal | None) -> None:
    for name, usd in (("cap_usd", cap_usd), ("month_usd", month_usd)):
        if usd is not None and not (usd.is_finite() and 0 <= usd <= 1_000_000):
            raise UserError(f"{name} = {usd} cannot be used.", "Give dollars from 0 to 1,000,000.")
