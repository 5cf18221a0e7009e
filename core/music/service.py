"""Music: compose from a prompt or from choices. The engine is behind the metered call."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any, get_args

from pydantic import ValidationError

from core.jobs.registry import JobKind, Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.music.types import Ending, Genre, Intensity, Mood, MusicRequest, Reading
from core.providers.registry import Registry
from core.rights import licences
from core.store.jobs import Job

KIND = "music"
MOODS: tuple[str, ...] = get_args(Mood)
GENRES: tuple[str, ...] = get_args(Genre)
INTENSITIES: tuple[str, ...] = get_args(Intensity)
ENDINGS: tuple[str, ...] = get_args(Ending)


class Music:
    def __init__(self, jobs: Jobs, registry: Registry) -> None:
        self._jobs = jobs
        self._registry = registry

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "cpu", run),)

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
        provider: str | None = None,
        **values: Any,
    ) -> Job:
        data = self.request(provider=provider, **values)
        return self._jobs.submit(
            actor, KIND, data, title=title_of(data), priority=priority, idempotency_key=idempotency_key, cap_usd=cap_usd
        )

    def request(self, *, provider: str | None = None, **values: Any) -> dict[str, Any]:
        """What a music job is asked for, checked. Without `seconds` the prompt's own length counts, else 30. Without
        a seed one is drawn here and stored, so that every piece can be made again."""
        if values.get("seconds") is None:
            values["seconds"] = self.read(str(values.get("prompt") or "")).seconds or 30.0
        request = music_request(**values)
        if request.seed is None:
            request = request.model_copy(update={"seed": secrets.randbelow(2**31)})
        from core.music.composer.plan import plan

        plan(request)  # an instrument that does not exist is named now, not in the queue
        if provider is not None:
            self._registry.get(KIND, provider)
        return request.model_dump(mode="json") | ({"provider": provider} if provider else {})


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
        limits = {"bpm": "40 to 220 BPM", "seconds": "3 to 600 seconds", "seed": "a whole number from 0 to 2147483647",
                  "prompt": "at most 2,000 characters"}  # fmt: skip
        hint = (
            f"Allowed: {limits[field]}." if field in limits else str(first["msg"]).removeprefix("Value error, ") + "."
        )
        raise UserError(f"{field} = {shown} cannot be used.", hint) from None


def run(work: Work) -> Product:
    data = dict(work.job.request)
    provider = data.pop("provider", None)
    request = MusicRequest.model_validate(data)
    bought = work.buy("music", request, provider=provider)
    facts = dict(bought.made.facts)
    config = {
        "provider": bought.provider, "model": bought.model, "prompt": request.prompt, "seed": request.seed,
        "settings": request.model_dump(mode="json", exclude={"prompt", "name", "draft", "seed"}),
    } | facts  # fmt: skip
    return Product(
        outputs=bought.made.outputs,
        name=request.name or request.prompt[:60] or work.job.title,
        source="ai_music",
        config=config,
        licence=licences.record(bought.licence),
        draft=request.draft,
        provider=bought.provider,
    )
