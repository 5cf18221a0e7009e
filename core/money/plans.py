"""Monthly plans at providers, as dated data: what they cost, what they allow, and what lies beyond."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from core.kit.clock import today
from core.kit.errors import UserError
from core.kit.paths import REFERENCE
from core.money.prices import lines_of, same_currency, unreadable


def _exact(value: Any) -> Any:
    if value is not None and not isinstance(value, str):
        raise ValueError("write the amount as a quoted decimal string")
    return value


class Draw(BaseModel):
    """How many plan units one billed unit takes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    unit: str
    model: str = "*"
    each: Decimal = Field(gt=0)

    _quoted = field_validator("each", mode="before")(_exact)


class Plan(BaseModel):
    """One entry of a plan file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: str
    plan: str
    title: str
    usd_per_month: Decimal = Field(ge=0)
    allowance: Decimal | None = Field(ge=0)
    """Units a month; None: no limit."""
    unit: str
    draws: tuple[Draw, ...]
    beyond: Literal["stop", "prices"] | Decimal
    """What lies beyond the allowance: nothing, the provider's price file, or dollars per plan unit."""
    example: bool = False
    """From a planning document: shown and tried out, but not what is sold today."""
    commercial: bool = True
    source: str
    checked_on: date
    valid_from: date
    valid_until: date | None = None

    _quoted = field_validator("usd_per_month", "allowance", "beyond", mode="before")(_exact)

    @field_validator("beyond")
    @classmethod
    def _beyond(cls, value: Any) -> Any:
        if isinstance(value, Decimal) and not (value.is_finite() and value >= 0):
            raise ValueError("give stop, prices, or dollars per unit")
        return value

    @property
    def unlimited(self) -> bool:
        return self.allowance is None

    def draw(self, kind: str, unit: str, model: str) -> Draw | None:
        """The first line that fits; None: the plan does not pay for this."""
        for draw in self.draws:
            if draw.kind == kind and draw.unit == unit and draw.model in (model, "*"):
                return draw
        return None

    @property
    def beyond_words(self) -> str:
        if self.unlimited:
            return "no limit"
        if self.beyond == "stop":
            return "stops there"
        return "list price" if self.beyond == "prices" else f"${self.beyond:f} per {self.unit.removesuffix('s')}"


class PlanBook:
    """Plans from `data/reference/plans.yaml` and, winning over them, from `plans/*.yaml` in the user's prices folder."""

    def __init__(self, own_folder: Path | None = None, shipped: Path = REFERENCE / "plans.yaml") -> None:
        self._own = own_folder
        self._shipped = shipped

    def all(self, day: date | None = None, *, examples: bool = True) -> list[Plan]:
        """Valid on that day: per provider and name the newest, one's own before the shipped."""
        day = day or today()
        own = sorted((self._own / "plans").glob("*.yaml")) if self._own is not None else []
        found: dict[tuple[str, str], Plan] = {}
        for file in (self._shipped, *own):
            for plan in sorted(_plans(file), key=lambda plan: plan.valid_from):
                ended = plan.valid_until is not None and plan.valid_until < day
                if plan.valid_from <= day and not ended and (examples or not plan.example):
                    found[plan.provider, plan.plan] = plan
        return sorted(found.values(), key=lambda plan: (plan.provider, plan.example, plan.usd_per_month, plan.plan))

    def get(self, provider: str, name: str, day: date | None = None) -> Plan:
        plans = [plan for plan in self.all(day) if plan.provider == provider]
        for plan in plans:
            if plan.plan == name:
                return plan
        known = ", ".join(plan.plan for plan in plans) or "none is known"
        raise UserError(f"There is no plan {name!r} at {provider!r}.", f"Plans there: {known}.", "no_plan")


def _plans(file: Path) -> tuple[Plan, ...]:
    facts = file.stat()
    return _parsed(file, facts.st_mtime_ns, facts.st_size)


@lru_cache(maxsize=64)
def _parsed(file: Path, _changed: int, _size: int) -> tuple[Plan, ...]:
    plans = []
    for line in lines_of(file):
        same_currency(file, line)
        try:
            plans.append(Plan(**{name: value for name, value in line.items() if name != "currency"}))
        except ValidationError as error:
            raise unreadable(file, error) from None
    return tuple(plans)
