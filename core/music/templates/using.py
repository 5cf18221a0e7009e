"""Music made with a template: its fields, what was said differently, and the engine that plays it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.music.engine import KIND
from core.music.filling import TEMPLATE, OfTemplate, from_preset
from core.music.service import Music, title_of
from core.music.templates import fitting
from core.music.templates.content import OF_ONE_PIECE, renamed
from core.music.templates.fitting import Form, Ignored
from core.music.templates.looking import Looking
from core.music.templates.types import Template
from core.providers.registry import Registry
from core.store import template_uses
from core.store.jobs import Job

_PLAIN = frozenset({"seconds", "seed", "stems"})
"""What may be said differently without making another kind of music of it."""


@dataclass(frozen=True)
class Asked:
    """What would be made, before anything is."""

    template: Template
    values: dict[str, Any]
    """The template's fields with the overrides in them, without those that nobody would obey."""
    form: Form
    plain: bool
    more: dict[str, Any]
    """Of this one piece alone: its name, draft, …"""


@dataclass(frozen=True)
class Started:
    job: Job
    ignored: tuple[Ignored, ...]


class Using:
    def __init__(self, looking: Looking, music: Music, jobs: Jobs, registry: Registry) -> None:
        self._templates = looking
        self._music = music
        self._jobs = jobs
        self._registry = registry

    def form(self, actor: Actor, template_id: str, provider: str = "") -> Form:
        """The controls of the engine asked for, else the template's own, else the one that comes first."""
        template = self._templates.get(actor, template_id)
        return fitting.form(self._registry, provider or template.provider, template.fields)

    def plan(
        self, actor: Actor, template_id: str, overrides: Mapping[str, Any] | None = None, *, provider: str = "",
        best_seed: bool = False,
    ) -> Asked:  # fmt: skip
        """`overrides`: any field of a request; None leaves open what the template sets. UserError for a value that cannot
        work. Fields that the engine lacks are in `form.ignored`. Where somebody chose the engine they are left out; where
        the next one may take over they stay in, since that one may know them."""
        template = self._templates.get(actor, template_id)
        given = dict(overrides or {})
        more = {name: given.pop(name) for name in OF_ONE_PIECE & given.keys()}
        engine = provider or template.provider
        own = renamed(given, "A template")
        if best_seed:
            found = self._templates.best(actor, template_id)
            if found is None:
                raise UserError(
                    f"Nothing that {template.name!r} made was kept yet, so no seed is known to be good.",
                    "Make some and keep what you like.", "no_best",
                )  # fmt: skip
            own["seed"], engine = found.seed, provider or found.engine
        values = {name: value for name, value in (template.fields | own).items() if value not in (None, "", [], ())}
        form = fitting.form(self._registry, engine, values)
        if form.chosen:
            values = {name: value for name, value in values.items() if name not in {one.field for one in form.ignored}}
        changed = {name for name, value in own.items() if value != template.fields.get(name)}
        return Asked(template, values, form, changed <= _PLAIN, more)

    def request(
        self, actor: Actor, template_id: str, overrides: Mapping[str, Any] | None = None, *, provider: str = "",
        best_seed: bool = False,
    ) -> tuple[dict[str, Any], tuple[Ignored, ...]]:  # fmt: skip
        """What a music job is asked for, checked, and the fields that will not count; for batches and schedules, whose
        jobs count as uses as well."""
        asked = self.plan(actor, template_id, overrides, provider=provider, best_seed=best_seed)
        engine = asked.form.provider if asked.form.chosen else None
        named = {"name": asked.template.name} | asked.more
        data = self._music.request(actor, provider=engine, **asked.values, **named)
        data[template_uses.KEY] = _told(asked)
        return data, asked.form.ignored

    def fill(self, actor: Actor, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """For tables and trials: a template by its name or id, otherwise a preset. `values` win over it."""
        same = [one for one in self._templates.find(actor) if name.strip().casefold() in (one.id, one.name.casefold())]
        if not same:
            return from_preset(actor, name, values)
        own = dict(values)
        beside = {key: own.pop(key) for key in ("provider", "quality") if own.get(key)}
        asked = self.plan(actor, same[0].id, own, provider=str(beside.get("provider") or ""))
        if asked.form.chosen:
            beside.setdefault("provider", asked.form.provider)
        return {**asked.values, **asked.more, **beside, TEMPLATE: OfTemplate(_told(asked))}

    def generate(
        self,
        actor: Actor,
        template_id: str,
        overrides: Mapping[str, Any] | None = None,
        *,
        provider: str = "",
        best_seed: bool = False,
        priority: str = "normal",
        idempotency_key: str | None = None,
        cap_usd: Decimal | None = None,
    ) -> Started:
        """Submit it. The use is counted in the same transaction, once for a repeated idempotency key; a preview (`draft`)
        is no use."""
        known = self._jobs.before(actor, priority, idempotency_key)
        if known is not None:
            return Started(known, ())
        data, ignored = self.request(actor, template_id, overrides, provider=provider, best_seed=best_seed)
        job = self._jobs.submit(
            actor, KIND, data, title=title_of(data), priority=priority, idempotency_key=idempotency_key, cap_usd=cap_usd
        )
        return Started(job, ignored)


def _told(asked: Asked) -> dict[str, Any]:
    """What a job's request keeps of it."""
    return {
        "id": asked.template.id, "version": asked.template.version, "name": asked.template.name, "plain": asked.plain,
        "ignored": [one.field for one in asked.form.ignored],
    }  # fmt: skip
