"""What may be made later, or again: each kind with the way from a stored request to a fresh job. core.app fills this.

A request here is what a person would send to that kind's own door, never what the door makes of it: so a run next month,
or a hit of last year, is checked, priced and cleared as if it were asked for now.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from core.kit.actor import Actor
from core.kit.errors import UserError
from core.store.jobs import Job

Check = Callable[[Actor, dict[str, Any]], dict[str, Any]]
"""Raises what submitting would raise; answers the request as it is to be kept."""
Asked = Callable[[Mapping[str, Any]], dict[str, Any]]
"""From a job's request to what was asked for."""


class Submit(Protocol):
    def __call__(
        self,
        actor: Actor,
        request: dict[str, Any],
        *,
        idempotency_key: str | None,
        cap_usd: Decimal | None,
        title: str,
    ) -> Job: ...


@dataclass(frozen=True)
class Submitter:
    kind: str
    check: Check
    submit: Submit
    asked: Asked


class Submitters:
    def __init__(self) -> None:
        self._known: dict[str, Submitter] = {}

    def add(self, kind: str, check: Check, submit: Submit, asked: Asked = dict) -> None:
        self._known[kind] = Submitter(kind, check, submit, asked)

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(sorted(self._known))

    def get(self, kind: str) -> Submitter:
        try:
            return self._known[kind]
        except KeyError:
            raise UserError(
                f"A job of the kind {kind[:40]!r} cannot be asked for here.",
                f"Kinds that can: {', '.join(self.kinds)}.",
                "no_submitter",
            ) from None
