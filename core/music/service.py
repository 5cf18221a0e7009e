"""Music: compose from a prompt or from choices. The engine is behind the metered call."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, get_args

from pydantic import ValidationError

from core.jobs.registry import JobKind
from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.children import Children
from core.kit.errors import UserError
from core.money.allowance import Plans
from core.money.ledger import Ledger, Sold
from core.music import previewing, reuse
from core.music.engine import KIND, ignored
from core.music.engines import EMBEDDED, Engines
from core.music.filling import TEMPLATE, OfSuggestion, OfTemplate
from core.music.making import BESIDE, DRAWN, ENGINES, HEAR, PROVIDER, QUALITY, ROUTE, Making
from core.music.material import check_material
from core.music.previewing import Preview
from core.music.quality.agreement import Agreement
from core.music.routing import Route, route
from core.music.similar import Likeness, alike
from core.music.streaming import Listeners
from core.music.types import LONGEST_S, SHORTEST_S, Ending, Genre, Intensity, Mood, MusicRequest, Reading
from core.providers.registry import Registry
from core.store import suggestions, template_uses
from core.store.jobs import Job
from core.store.store import Store

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

MOODS: tuple[str, ...] = get_args(Mood)
GENRES: tuple[str, ...] = get_args(Genre)
INTENSITIES: tuple[str, ...] = get_args(Intensity)
ENDINGS: tuple[str, ...] = get_args(Ending)


@dataclass(frozen=True)
class Estimate:
    """What a request will take, before anything is queued."""

    engine: str
    title: str
    usd: Decimal
    """The most it can cost, with every try; of a plan's allowance nothing is cash."""
    seconds: float
    route: str
    """Why this one, where a quality chose it."""
    stand_ins: tuple[str, ...]
    """Names of engines that are asked where the first fails without cost."""
    told: Mapping[str, Any]
    """What the engine will be told, by its own names."""
    ignored: tuple[str, ...]
    """Fields that were set and that it does not know."""
    licence: str
    had: str
    """Id of the same piece in the library, which would be used again at $0; "" where there is none."""


class Music:
    def __init__(
        self, store: Store, jobs: Jobs, registry: Registry, ledger: Ledger, plans: Plans, children: Children,
        agreement: Agreement, work: Path,
    ) -> None:  # fmt: skip
        """`work`: where running jobs have their folders."""
        self._store = store
        self._jobs = jobs
        self._ledger = ledger
        self.engines = Engines(store, registry, ledger, plans)
        self.listeners = Listeners(store, jobs, work)
        self._making = Making(store, self.engines, plans, children, agreement)

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "cpu", self._making.run, self._waits, written=_written),)

    def _waits(self, request: Mapping[str, Any]) -> bool:
        names = [request.get(PROVIDER), *request.get(ENGINES, ())]
        return next((self.engines.waits(str(name)) for name in names if name), False)

    def read(self, prompt: str) -> Reading:
        """How a prompt is understood; shown to the user before anything is made."""
        from core.music.prompt import read_prompt

        return read_prompt(prompt)

    def presets(self) -> list[Any]:
        from core.music.presets import presets

        return list(presets())

    def compose(
        self,
        actor: Actor,
        *,
        priority: str = "normal",
        idempotency_key: str | None = None,
        cap_usd: Decimal | None = None,
        **values: Any,
    ) -> Job:
        data = self.request(actor, cap_usd=cap_usd, **values)
        return self._jobs.submit(
            actor, KIND, data, title=title_of(data), priority=priority, idempotency_key=idempotency_key, cap_usd=cap_usd
        )

    def preview(self, actor: Actor, **values: Any) -> Preview:
        """Submits it. `values` as of compose(); those that say who makes the piece do not count."""
        wanted = previewing.asked(values)
        beside = {name: wanted.pop(name) for name in ("priority", "cap_usd", "idempotency_key") if name in wanted}
        engine, seconds, usd = previewing.chosen(self.engines, self._read_in(dict(wanted)))
        job = self.compose(actor, provider=engine, **(wanted | {"seconds": seconds}), **beside)
        return Preview(job, engine, usd)

    def request(
        self, actor: Actor, *, provider: str | None = None, quality: str = "", cap_usd: Decimal | None = None,
        template: OfTemplate | None = None, suggestion: OfSuggestion | None = None, hear: bool = False, **values: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """What a music job is asked for, checked. Without `seconds` the prompt's own length counts, else 30. Without
        a seed one is drawn here and stored, so that every piece can be made again. `provider`: this engine and no other;
        `quality`: the best of it within the caps; neither: the studio's first. `hear`: while it is made, so one engine makes
        it, and no other stands in for that."""
        request, route, drawn = self._planned(actor, provider, quality, cap_usd, values)
        extra: dict[str, Any] = {PROVIDER: provider} if provider else {ENGINES: list(route.engines)}
        if hear:
            self.engines.check_streams(route.engines[0], request)
            extra |= {HEAR: True} if provider else {HEAR: True, ENGINES: [route.engines[0]]}
        if quality:
            extra[QUALITY] = quality
        if template is not None:
            extra[TEMPLATE] = dict(template.told)
        if suggestion is not None:
            extra[suggestions.KEY] = dict(suggestion.told)
        if route.why:
            extra[ROUTE] = {"route": route.as_dict()}
        if drawn:
            extra[DRAWN] = True
        return request.model_dump(mode="json", exclude_defaults=False) | extra

    def checked(self, **values: Any) -> MusicRequest:
        """A request that the embedded engine could play and that names no engine: for what is kept and made later."""
        request = self._read_in(values)
        self.engines.get(EMBEDDED).told(request)
        return request

    def estimate(
        self, actor: Actor, *, provider: str | None = None, quality: str = "", cap_usd: Decimal | None = None,
        template: OfTemplate | None = None, suggestion: OfSuggestion | None = None, hear: bool = False, **values: Any,
    ) -> Estimate:  # fmt: skip
        """As request(), and told instead of queued."""
        del template, suggestion  # what they mean is in the values
        request, route, drawn = self._planned(actor, provider, quality, cap_usd, values)
        name = route.engines[0]
        if hear:
            self.engines.check_streams(name, request)
        engine = self.engines.get(name)
        told = self.engines.check(name, request)
        mark = reuse.made_as(engine.info, request.model or engine.default_model, request)
        reusable = engine.info.paid and not request.fresh and not request.draft
        had = reuse.find(self._store, actor, mark, None if drawn else request.seed) if reusable else []
        return Estimate(
            name, engine.info.title, route.usd * request.best_of, request.seconds, route.why,
            () if hear else route.engines[1:], dict(told),
            ignored(engine.info, request), self.engines.licence(engine.info), had[0].id if had else "",
        )  # fmt: skip

    def sold(self, requests: Iterable[Mapping[str, Any]]) -> dict[Sold, dict[str, Decimal]]:
        """The most that these prepared requests take together, as Ledger.foresee() counts it. By the engine that is asked
        first: no other is dearer."""
        whole: dict[Sold, dict[str, Decimal]] = {}
        for data in requests:
            request = MusicRequest.model_validate({name: value for name, value in data.items() if name not in BESIDE})
            engine = self.engines.get(str(data.get(PROVIDER) or data[ENGINES][0]))
            if counted := engine.maximum(request):
                units = whole.setdefault((KIND, engine.info.name, request.model or engine.default_model), {})
                for unit, quantity in counted.items():
                    units[unit] = units.get(unit, Decimal(0)) + quantity * request.best_of
        return whole

    def foresee(
        self, actor: Actor, requests: Iterable[Mapping[str, Any]], *, cap_usd: Decimal | None = None, root_job_id: str = "",
        besides: Mapping[Sold, Mapping[str, Decimal]] = MappingProxyType({}),
    ) -> Decimal:  # fmt: skip
        """The most that these cost together, and what is bought besides; MoneyError where a cap has no room for all of it.
        `root_job_id`: of a job that runs already; what it has spent counts against its cap."""
        wanted = {**self.sold(requests), **besides}
        with self._store.db.read() as connection:
            return self._ledger.foresee(connection, actor, root_job_id=root_job_id, job_cap=cap_usd, wanted=wanted)

    def lengths(self, provider: str | None = None) -> tuple[float, float]:
        """(shortest, longest) piece in seconds that this engine makes with its usual model; the embedded one where none
        is named."""
        engine = self.engines.get(provider or EMBEDDED)
        shortest, longest = engine.lengths(engine.default_model)
        return max(SHORTEST_S, shortest), min(LONGEST_S, longest)

    def unheard(self, job: Job) -> list[str]:
        """Fields of a job's request that its engine does not know."""
        data = {name: value for name, value in job.request.items() if name not in BESIDE}
        name = job.request.get(PROVIDER) or next(iter(job.request.get(ENGINES, ())), None)
        return list(ignored(self.engines.get(name).info, MusicRequest.model_validate(data))) if name else []

    def similar(self, actor: Actor, *, limit: int = 3, **values: Any) -> list[Likeness]:
        """Kept pieces near to what is asked for: offered before something is bought."""
        values = {name: value for name, value in values.items() if name in MusicRequest.model_fields}
        return alike(self._store, actor, self._read_in(values), limit)

    def _planned(
        self, actor: Actor, provider: str | None, quality: str, cap_usd: Decimal | None, values: dict[str, Any]
    ) -> tuple[MusicRequest, Route, bool]:
        request = self._read_in(values)
        drawn = request.seed is None
        if drawn:
            request = request.model_copy(update={"seed": secrets.randbelow(2**31)})
        request = check_material(self._store, actor, request)
        return request, route(self.engines, actor, request, provider=provider, quality=quality, cap_usd=cap_usd), drawn

    def _read_in(self, values: dict[str, Any]) -> MusicRequest:
        if values.get("seconds") is None:
            values["seconds"] = self.read(str(values.get("prompt") or "")).seconds or 30.0
        return music_request(**values)


def _written(connection: Connection, job: Job) -> None:
    template_uses.count(connection, job)
    suggestions.note(connection, job)


def title_of(data: dict[str, Any]) -> str:
    named = data["name"] or data["prompt"][:60]
    return named or " ".join(word for word in (data["mood"], data["genre"]) if word) or "Music"


def music_request(**values: Any) -> MusicRequest:
    """A MusicRequest, or one UserError that names the first value that cannot work and what is allowed."""
    allowed = {"mood": MOODS, "genre": GENRES, "intensity": INTENSITIES, "ending": ENDINGS}
    for field, choices in allowed.items():
        value = values.get(field)
        if isinstance(value, str) and value:
            values[field] = value.strip().lower()
            if values[field] not in choices:
                raise UserError(f"There is no {field} {value[:60]!r}.", f"Choose one of: {', '.join(choices)}.")
        elif field in values and not value and field != "ending":
            values[field] = None
    if values.get("key"):
        from core.music.composer.keys import parse_key

        values["key"] = parse_key(str(values["key"])).label
    elif "key" in values:
        values["key"] = None
    if values.get("preset"):
        from core.music.presets import preset

        values["prompt"] = values.get("prompt") or preset(str(values["preset"])).prompt
    if values.get("prompt"):
        values["prompt"] = "".join(c if c.isprintable() else " " for c in str(values["prompt"])).strip()
    try:
        return MusicRequest(**values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = str(first["loc"][0]) if first["loc"] else "request"
        shown = repr(first.get("input"))[:60]
        limits = {
            "bpm": "40 to 220 BPM", "seconds": "3 to 600 seconds", "seed": "a whole number from 0 to 2147483647",
            "prompt": "at most 2,000 characters", "negative_prompt": "at most 500 characters", "temperature": "0.1 to 2",
            "top_k": "0 to 2048", "top_p": "0 to 1", "guidance": "0 to 25", "steps": "1 to 500", "strength": "0.01 to 1", "best_of": "1 to 8", "min_score": "0 to 100",
        }  # fmt: skip
        hint = (
            f"Allowed: {limits[field]}." if field in limits else str(first["msg"]).removeprefix("Value error, ") + "."
        )
        raise UserError(f"{field} = {shown} cannot be used.", hint) from None
