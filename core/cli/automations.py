"""studio automations: what is done by itself when scenes were found or a film is put into a folder."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from core.cli.answers import Deleted
from core.cli.making import Json
from core.cli.schedules import dollars
from core.cli.session import ACTOR, say, studio
from core.flows.automating.service import Shown
from core.kit.errors import UserError
from core.store.automation_runs import Run

automations = typer.Typer(help="What is done by itself: when scenes were found, or a film is put into a folder.", no_args_is_help=True)  # fmt: skip
AutomationId = Annotated[str, typer.Argument(help="id of an automation")]
Cap = Annotated[str, typer.Option(help="the most one run may cost, in dollars; edit: none takes it away")]
Month = Annotated[str, typer.Option(help="the most its runs of a month may cost; edit: none takes it away")]


class AutomationLine(BaseModel):
    id: str
    name: str
    trigger: dict[str, Any]
    actions: list[dict[str, Any]]
    on: bool
    reason: str
    cap_usd: str | None
    month_usd: str | None
    spent_usd: str
    left_usd: str | None
    runs: int
    last: str
    """What the latest run came to; "" before the first."""

    @classmethod
    def of(cls, shown: Shown) -> AutomationLine:
        rule = shown.rule
        usd = {"cap_usd": rule.cap_usd, "month_usd": rule.month_usd, "left_usd": shown.left_usd}
        return cls(
            **{name: getattr(rule, name) for name in ("id", "name", "trigger", "actions", "on", "reason")},
            **{name: None if each is None else f"{each:f}" for name, each in usd.items()},
            spent_usd=f"{shown.spent_usd:f}", runs=shown.runs, last=shown.last.came_to if shown.last else "",
        )  # fmt: skip

    @property
    def text(self) -> str:
        when = self.trigger.get("event") or f"folder {self.trigger.get('folder') or '.'}"
        does = ", ".join(str(action["type"]) for action in self.actions)
        budget = f", ${self.spent_usd} of ${self.month_usd} this month" if self.month_usd else ""
        last = f", last {self.last}" if self.last else ""
        line = f"{self.id}  {'on ' if self.on else 'off'} {self.name}\n    {when} → {does}{budget}{last} {self.reason}"
        return line.rstrip()


class AutomationRunLine(BaseModel):
    id: str
    created_at: datetime
    name: str
    came_to: str
    clip_id: str | None
    manual: bool
    jobs: list[str]
    files: list[str]
    note: str
    error: dict[str, Any] | None

    @classmethod
    def of(cls, run: Run) -> AutomationRunLine:
        own = {name: getattr(run, name) for name in cls.model_fields if name not in ("jobs", "files", "error")}
        files = [file for each in run.jobs for file in each.files]
        return cls(**own, jobs=[each.job_id for each in run.jobs], files=files, error=run.why)

    @property
    def text(self) -> str:
        error = self.error or {}
        why = self.note or f"{error.get('message', '')} {error.get('hint', '')}".strip()
        return f"{self.created_at:%Y-%m-%d %H:%M:%S}Z  {self.came_to:<9} {self.name}  {' '.join(self.jobs) or '-'}  {why}".rstrip()


@automations.command("list")
def list_automations(as_json: Json = False) -> None:
    """Those that are on first."""
    with studio() as opened:
        lines = [AutomationLine.of(each) for each in opened.automations.list(ACTOR)]
    say(list(lines), as_json, "\n".join(line.text for line in lines) or "There are no automations.")


@automations.command()
def create(
    name: Annotated[str, typer.Argument(help="what it is called")] = "",
    rule: Annotated[str, typer.Option(help="JSON, or @FILE: the whole rule in the document's form")] = "",
    watch: Annotated[str, typer.Option(help="a folder under STUDIO_WATCH_DIR; left out: when scenes were found")] = "",
    licence: Annotated[str, typer.Option(help="of the films in that folder")] = "unknown",
    do: Annotated[
        str, typer.Option(help="generate_music_for_scenes, score_clip or take_apart")
    ] = "generate_music_for_scenes",
    provider: Annotated[str, typer.Option(help="engine of music; left out: the embedded one")] = "",
    save: Annotated[bool, typer.Option("--save", help="put what was made into the export folder")] = False,
    cap: Cap = "",
    month: Month = "",
    off: Annotated[bool, typer.Option("--off", help="made, and switched on later")] = False,
    as_json: Json = False,
) -> None:
    """Make a rule; it is for what happens from now on."""
    said = _json(rule) or {
        "trigger": {"type": "watch_folder", "folder": watch, "licence": licence}
        if watch
        else {"type": "event", "event": "scenes_processed"},
        "actions": [{"type": do, "config": _config(do, provider, save)}],
    }
    values = said | ({"name": name} if name else {})
    unknown = sorted(set(values) - {"name", "trigger", "actions"})
    if unknown:
        raise UserError(f"A rule has no {unknown[0]!r}.", "It has name, trigger and actions.")
    if not {"trigger", "actions"} <= set(values):
        raise UserError("A rule needs a trigger and actions.", "Give both in --rule, or neither and --watch, --do.")
    with studio() as opened:
        row = opened.automations.create(ACTOR, **values, cap_usd=dollars(cap), month_usd=dollars(month), on=not off)
        line = AutomationLine.of(opened.automations.show(ACTOR, row.id))
    say(line, as_json, line.text)


@automations.command()
def edit(
    automation_id: AutomationId,
    name: Annotated[str, typer.Option(help="another name")] = "",
    rule: Annotated[str, typer.Option(help="JSON, or @FILE: another trigger, other actions")] = "",
    cap: Cap = "",
    month: Month = "",
    as_json: Json = False,
) -> None:
    """What is not named stays."""
    changes: dict[str, Any] = _json(rule) | ({"name": name} if name else {})
    for field, said in (("cap_usd", cap), ("month_usd", month)):
        if said:
            changes[field] = None if said == "none" else dollars(said)
    with studio() as opened:
        opened.automations.edit(ACTOR, automation_id, **changes)
        line = AutomationLine.of(opened.automations.show(ACTOR, automation_id))
    say(line, as_json, line.text)


def _switch(automation_id: str, as_json: bool, *, on: bool) -> None:
    with studio() as opened:
        opened.automations.switch(ACTOR, automation_id, on=on)
        line = AutomationLine.of(opened.automations.show(ACTOR, automation_id))
    say(line, as_json, line.text)


@automations.command()
def on(automation_id: AutomationId, as_json: Json = False) -> None:
    """For what happens from now on."""
    _switch(automation_id, as_json, on=True)


@automations.command()
def off(automation_id: AutomationId, as_json: Json = False) -> None:
    """What happens meanwhile is never made up."""
    _switch(automation_id, as_json, on=False)


@automations.command()
def delete(automation_id: AutomationId, as_json: Json = False) -> None:
    """With its log; what it made stays."""
    with studio() as opened:
        opened.automations.delete(ACTOR, automation_id)
    say(Deleted(id=automation_id), as_json, "deleted")


@automations.command()
def runs(
    automation_id: AutomationId, limit: Annotated[int, typer.Option(min=1, max=500)] = 50, as_json: Json = False
) -> None:
    """What came of each time it fired, newest first."""
    with studio() as opened:
        lines = [AutomationRunLine.of(each) for each in opened.automations.runs(ACTOR, automation_id, limit)]
    say(list(lines), as_json, "\n".join(line.text for line in lines) or "It has not fired yet.")


@automations.command()
def run(
    automation_id: AutomationId,
    clip_id: Annotated[str, typer.Argument(help="a clip whose scenes are known")],
    as_json: Json = False,
) -> None:
    """Now, also when it is off."""
    with studio() as opened:
        line = AutomationRunLine.of(opened.automations.run(ACTOR, automation_id, clip_id))
    say(line, as_json, line.text)


def _config(do: str, provider: str, save: bool) -> dict[str, Any]:
    said: dict[str, Any] = {"provider": provider} if provider else {}
    return said | ({"autoDownload": True} if save and do != "take_apart" else {})


def _json(said: str) -> dict[str, Any]:
    if not said:
        return {}
    try:
        found = json.loads(Path(said[1:]).read_text(encoding="utf-8") if said.startswith("@") else said)
    except (OSError, ValueError) as error:
        raise UserError(f"The rule cannot be read: {error}.", "Give JSON, or @ and the name of a file.") from None
    if not isinstance(found, dict):
        raise UserError("The rule is no JSON object.", 'Give {"trigger": {…}, "actions": […]}.')
    return found
