"""What kinds of job there are. core.app fills this; a kind is a function and the resource it needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from core.kit.errors import UserError
from core.providers.base import Output

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from core.jobs.work import Work
    from core.store.jobs import Job

Resource = Literal["cpu", "net", "flow"]
"""cpu: this machine works. net: it waits for somebody else. flow: it waits for its own children. Kept apart, so that
sleeping remote jobs never hold up local ones and parents never wait in their children's queue."""


@dataclass(frozen=True)
class Product:
    """What a job hands over to be kept: all of it in one transaction, or none of it."""

    outputs: tuple[Output, ...]
    name: str
    source: str
    config: Mapping[str, Any]
    """generation_config of every output: enough to make it again."""
    licence: Mapping[str, Any]
    sources: tuple[tuple[str, str], ...] = ()
    """(asset id, role) of what it was made from."""
    draft: bool = False
    answer: Mapping[str, Any] = field(default_factory=dict)
    """Put into the job's result beside the assets."""
    provider: str = ""
    folder: str = ""
    take: Mapping[str, Any] = field(default_factory=dict)
    """Of a passage of another piece: a row of core.store.takes for the primary output."""


@dataclass(frozen=True)
class JobKind:
    name: str
    resource: Resource
    run: Callable[[Work], Product]
    waits: Callable[[Mapping[str, Any]], bool] = lambda request: False
    """Whether this request is for a service, so that waiting for it must take no place from work of this machine."""
    written: Callable[[Connection, Job], None] = lambda connection, job: None
    """Called in the transaction that writes a job of this kind, submitted or a child: what counts it, counts it once."""

    def resource_of(self, request: Mapping[str, Any]) -> Resource:
        return "net" if self.waits(request) else self.resource


class Maker(Protocol):
    """Whoever has jobs of kinds of its own to run."""

    @property
    def job_kinds(self) -> tuple[JobKind, ...]: ...


class JobKinds:
    def __init__(self) -> None:
        self._kinds: dict[str, JobKind] = {}

    def add(self, *kinds: JobKind) -> None:
        for kind in kinds:
            self._kinds[kind.name] = kind

    def get(self, name: str) -> JobKind:
        try:
            return self._kinds[name]
        except KeyError:
            raise UserError(f"There is no kind of job {name!r}.", f"Kinds: {', '.join(sorted(self._kinds))}.") from None
