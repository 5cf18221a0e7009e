"""The shape of a provider: who can make something, what it bills, and what its output may be used for.

A provider is one file with a class that has `info`, `maximum()` and the methods of its form. Its constructor does
nothing; models load on the first call. It reads no environment, no database and no UI: everything it needs comes in a
`Call`, and it returns files and facts, never URLs that expire.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from core.kit.children import Children
from core.kit.errors import SetupError

Form = Literal["make", "job", "stream", "query"]
Resource = Literal["cpu", "net"]
Units = Mapping[str, Decimal]
"""Billed quantities by unit name: characters, seconds, tracks, tokens, credits."""


@dataclass(frozen=True)
class ProviderInfo:
    name: str
    title: str
    kind: str
    """What it makes: speech, music, …"""
    form: Form = "make"
    resource: Resource = "cpu"
    capabilities: frozenset[str] = frozenset()
    units: tuple[str, ...] = ()
    """Units it bills. Empty: it bills nothing (an embedded engine) and needs no price file."""
    settings_key: str = ""
    """Name of the Settings field that holds its key, if it needs one."""
    settings_id: str = ""
    """Of a credential in two parts, the Settings field of the first: Call.key is then `first:second`."""
    key_optional: bool = False
    """It takes a key and works without: a server on this machine."""
    optional_set: str = ""
    """The requirements file that installs it, if the default set does not."""
    licence: str = "own-work"
    """Id in data/reference/licences.yaml: what its output may be used for."""
    licence_on_plan: str = ""
    """The same, while the studio holds a plan of this provider that allows commercial use."""
    models: tuple[str, ...] = ("default",)
    concurrency: int | None = None
    """Calls at the same time, over all workers; None: no limit but the worker's own."""
    per_minute: int | None = None
    per_hour: int | None = None
    per_day: int | None = None
    """Requests in any minute, hour and day, over all workers; configuration comes before them."""
    check_every_s: float = 1.0
    """Of a remote job: how long to leave it alone between two looks."""
    given_up_after_s: float = 3600.0
    """Of a remote job: still not done by then, its outcome counts as unknown."""
    ttl_s: float = 0.0
    """How long an answer of a query may be used again; 0: never."""
    idempotent: bool = False
    """Accepts an idempotency key, so a call with an unknown outcome can be asked again safely."""
    retired_on: date | None = None
    retired_why: str = ""

    @property
    def paid(self) -> bool:
        return bool(self.units)


@dataclass(frozen=True)
class Call:
    """What a provider gets for one attempt."""

    id: str
    """Also the idempotency key of a paid request."""
    folder: Path
    """Exists, empty, private to this attempt. Outputs go here."""
    children: Children
    cancelled: Callable[[], bool] = lambda: False
    progress: Callable[[str, float], None] = lambda stage, fraction: None
    """progress(stage, overall fraction 0 to 1)"""
    key: str = ""
    cache: Path | None = None
    """A folder that outlives the call and may be deleted at any time (note banks)."""
    another: Callable[[], None] = lambda: None
    """Before any further request to the provider within this call: waits until it may be made, and counts it."""


@dataclass(frozen=True)
class Output:
    """One file of the result."""

    role: str
    """primary, stem:drums, captions, midi, variant:2, …; unique within a job"""
    path: Path
    kind: str
    """Asset kind: voiceover, music, mix, captions, midi, stem, …"""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Asset columns known to the maker: bpm, key, genre, mood, duration_s, lufs, …"""


@dataclass(frozen=True)
class Made:
    outputs: tuple[Output, ...]
    units: Units = field(default_factory=dict)
    """What was used, in the units of ProviderInfo.units."""
    cost_usd: Decimal | None = None
    """The bill, where the provider states it; otherwise the units are priced."""
    currency: str = "USD"
    """Of `cost_usd`, as the provider names it; any other is not converted but booked at the maximum."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """Facts of the whole: model, seed, section map, …; goes into generation_config."""


@dataclass(frozen=True)
class RemoteState:
    state: Literal["waiting", "running", "done", "failed"]
    fraction: float = 0.0
    message: str = ""


@dataclass(frozen=True)
class Found:
    """The answer of a query."""

    value: Any
    """Plain data that JSON can hold."""
    units: Units = field(default_factory=dict)
    cost_usd: Decimal | None = None
    currency: str = "USD"


@dataclass(frozen=True)
class Part:
    """A piece of a stream, and the units used up to and including it: what is billed if it is cut here."""

    value: Any
    units: Units = field(default_factory=dict)


class Provider(Protocol):
    @property
    def info(self) -> ProviderInfo: ...

    def maximum(self, request: Any) -> Units:
        """The most this request can use of each billed unit; enforceable, since it is what gets reserved."""
        ...


@runtime_checkable
class Installed(Protocol):
    """A provider that needs more than the default set."""

    def lacks(self) -> SetupError | None:
        """What is missing and the line that mends it. Asked often: no imports, no reading of weights."""
        ...

    def about(self) -> str:
        """What it runs on here, in a few words; told by `studio doctor`."""
        ...


@runtime_checkable
class MakeProvider(Provider, Protocol):
    def make(self, request: Any, call: Call) -> Made: ...


@runtime_checkable
class JobProvider(Provider, Protocol):
    """A remote job: started once, checked until done, fetched. The remote id survives a crash of ours."""

    def start(self, request: Any, call: Call) -> str: ...

    def check(self, remote_id: str, call: Call) -> RemoteState: ...

    def fetch(self, remote_id: str, request: Any, call: Call) -> Made: ...

    def cancel(self, remote_id: str, call: Call) -> None: ...


@runtime_checkable
class QueryProvider(Provider, Protocol):
    def query(self, request: Any, call: Call) -> Found: ...


@runtime_checkable
class StreamProvider(Provider, Protocol):
    def stream(self, request: Any, call: Call) -> Iterator[Part]: ...
