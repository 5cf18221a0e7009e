"""Sound effects: a description becomes a sound, made by a service. The engine is behind the metered call."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.jobs.registry import JobKind, Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.errors import SetupError, UserError
from core.kit.words import one_line
from core.money.allowance import Plans
from core.money.ledger import Ledger
from core.providers.registry import Registry
from core.rights import licences
from core.store import charges
from core.store.jobs import Job
from core.store.store import Store

KIND = "sound_effect"
MAX_CHARACTERS = 450
"""Of a description. Ours: the service's own limit is not written down, and longer ones say no more."""
SECONDS = (0.5, 30.0)


class EffectRequest(BaseModel):
    """What should be heard. What is left open is the service's own choice."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    text: str = Field(min_length=1, max_length=MAX_CHARACTERS, examples=["rain on a tin roof, far thunder"])
    seconds: float | None = Field(
        default=None, ge=SECONDS[0], le=SECONDS[1], description="as long as the sound needs otherwise"
    )
    influence: float = Field(default=0.3, ge=0, le=1, description="0: freely, 1: to the letter")
    loop: bool = Field(default=False, description="its end leads into its beginning")
    name: str = Field(default="", max_length=200)


@dataclass(frozen=True)
class Readiness:
    ready: bool
    title: str
    why: str
    """What is missing, and `remedy` the line that mends it; "" where nothing is."""
    remedy: str
    usd: Decimal | None
    """Of one effect; None where no price is known, so that none is made."""
    units: str
    """What it takes from a plan instead; "" where it is cash."""


class Effects:
    def __init__(self, store: Store, jobs: Jobs, registry: Registry, ledger: Ledger, plans: Plans) -> None:
        self._store = store
        self._jobs = jobs
        self._registry = registry
        self._ledger = ledger
        self._plans = plans

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "net", self._run),)

    def state(self) -> Readiness:
        """Whether one could be made now, and what it would cost at most."""
        states = self._registry.readiness(KIND)
        first = next((each for each in states if each.ready), states[0])
        usd, units = None, ""
        if first.ready:
            info = first.info
            provider = self._registry.get(KIND, info.name)
            with self._store.db.read() as connection:
                quote = self._ledger.quote(connection, info.name, KIND, info.models[0], provider.maximum(None))
            usd = quote.usd
            units = f"{quote.plan_used:g} {quote.plan_unit}" if quote.plan_used else ""
        return Readiness(first.ready, first.info.title, "" if first.ready else first.why, first.remedy, usd, units)

    def submit(
        self, actor: Actor, *, priority: str = "normal", idempotency_key: str | None = None,
        cap_usd: Decimal | None = None, **values: Any,
    ) -> Job:  # fmt: skip
        """SetupError where no service is set up, UserError for what cannot be asked; nothing is queued then."""
        request = effect_request(**values)
        states = self._registry.readiness(KIND)
        if not any(each.ready for each in states):
            told = states[0]
            raise SetupError(
                f"Sound effects are made by {told.info.title}, which is not ready: {told.why}.", told.remedy,
                "no_effects",
            )  # fmt: skip
        title = request.name or request.text[:60]
        return self._jobs.submit(
            actor, KIND, request.model_dump(mode="json"), title=title, priority=priority,
            idempotency_key=idempotency_key, cap_usd=cap_usd,
        )  # fmt: skip

    def _run(self, work: Work) -> Product:
        request = EffectRequest.model_validate(work.job.request)
        bought = work.buy(KIND, request)
        info = self._registry.get(KIND, bought.provider).info
        with work.store.db.read() as connection:
            charge = charges.by_attempt(connection, bought.attempt_id)
        # As it stood when it was bought: a later plan does not clear what was made before it.
        on_plan = bool(info.licence_on_plan) and charge is not None and self._plans.bought_commercially(charge)
        config = {
            "provider": bought.provider, "model": bought.model, "prompt": request.text,
            # The mixer repeats what was made to loop without a cross-fade; it looks for this name.
            "settings": {"seconds": request.seconds, "influence": request.influence, "loopable": request.loop},
        } | dict(bought.made.facts)  # fmt: skip
        return Product(
            outputs=bought.made.outputs,
            name=request.name or request.text[:60],
            source="ai_sound",
            config=config,
            licence=licences.record(info.licence_on_plan if on_plan else info.licence),
            provider=bought.provider,
        )


def effect_request(**values: Any) -> EffectRequest:
    """An EffectRequest, or one UserError that names the first value that cannot work and what is allowed."""
    for name in ("text", "name"):
        if isinstance(values.get(name), str):
            values[name] = one_line(values[name], 10_000)
    if not values.get("text"):
        raise UserError("Nothing says what should be heard.", "Describe the sound: rain on a tin roof, far thunder.")
    try:
        return EffectRequest(**values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = str(first["loc"][0]) if first["loc"] else "request"
        limits = {
            "text": f"at most {MAX_CHARACTERS} characters", "seconds": "0.5 to 30 seconds, or none",
            "influence": "0 (freely) to 1 (to the letter)", "name": "at most 200 characters",
        }  # fmt: skip
        allowed = limits.get(field, str(first["msg"]))
        raise UserError(f"{field} = {first.get('input')!r:.60} cannot be used.", f"Allowed: {allowed}.") from None
