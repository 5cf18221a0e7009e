"""Everything that may be scheduled or made again: each kind by its own service's door, as if asked for now."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from core.flows import batch
from core.flows.batch import Batches
from core.jobs.submitters import Submitters
from core.kit.actor import Actor
from core.kit.errors import StudioError, UserError
from core.music.engine import KIND as MUSIC
from core.music.making import BESIDE as MUSIC_BESIDE
from core.music.making import PROVIDER, QUALITY
from core.music.service import Music
from core.music.templates.desk import TemplateDesk
from core.music.types import MusicRequest
from core.sound import polishing, service
from core.sound.polishing import PolishAsked, Polishing
from core.sound.projects import Projects
from core.sound.service import Sound
from core.store.jobs import Job
from core.voice import effects as effect_service
from core.voice.effects import Effects, effect_request
from core.voice.pieces import KIND as SPEECH
from core.voice.service import BESIDE, TAKE, Speech

TEMPLATE = "template"


class Resubmitting:
    def __init__(
        self, voice: Speech, music: Music, effects: Effects, sound: Sound, projects: Projects, polishes: Polishing,
        batches: Batches, templates: TemplateDesk,
    ) -> None:  # fmt: skip
        self._templates = templates
        self._voice = voice
        self._music = music
        self._effects = effects
        self._sound = sound
        self._projects = projects
        self._polishes = polishes
        self._batches = batches

    def submitters(self) -> Submitters:
        known = Submitters()
        known.add(MUSIC, self._check_music, self._make_music, _composed)
        known.add(TEMPLATE, self._check_template, self._from_template)
        known.add(SPEECH, self._check_speech, self._speak, _spoken)
        known.add(effect_service.KIND, self._check_effect, self._make_effect)
        known.add(service.KIND, self._check_mix, self._mix)
        known.add(polishing.KIND, self._check_polish, self._polish)
        known.add(batch.KIND, self._check_batch, self._batch, _items)
        return known

    def _check_music(self, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
        _known("music", request, {*MusicRequest.model_fields, PROVIDER, QUALITY} - {"material"})
        self._music.request(actor, **request)
        return request  # not what it became: a seed that was left open is drawn anew at every run

    def _make_music(
        self, actor: Actor, request: dict[str, Any], *, idempotency_key: str | None, cap_usd: Decimal | None, title: str
    ) -> Job:
        return self._music.compose(actor, idempotency_key=idempotency_key, cap_usd=cap_usd, **request)

    def _check_template(self, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
        """{template_id, overrides, provider, best_seed}"""
        self._templates.using.request(actor, **_of_template(request))
        return request

    def _from_template(
        self, actor: Actor, request: dict[str, Any], *, idempotency_key: str | None, cap_usd: Decimal | None, title: str
    ) -> Job:
        return self._templates.using.generate(
            actor, **_of_template(request), idempotency_key=idempotency_key, cap_usd=cap_usd
        ).job

    def _check_speech(self, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
        _none_of("speech", request)
        self._voice.prepared(actor, **request)
        return request

    def _speak(
        self, actor: Actor, request: dict[str, Any], *, idempotency_key: str | None, cap_usd: Decimal | None, title: str
    ) -> Job:
        return self._voice.speak(actor, idempotency_key=idempotency_key, cap_usd=cap_usd, **request)

    def _check_effect(self, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
        effect_request(**request)
        return request

    def _make_effect(
        self, actor: Actor, request: dict[str, Any], *, idempotency_key: str | None, cap_usd: Decimal | None, title: str
    ) -> Job:
        return self._effects.submit(actor, idempotency_key=idempotency_key, cap_usd=cap_usd, **request)

    def _check_mix(self, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
        _known("mix", request, {"project_id", "version", "name", "stems", "draft"})
        self._projects.open(actor, str(request.get("project_id") or ""), request.get("version"))
        return request

    def _mix(
        self, actor: Actor, request: dict[str, Any], *, idempotency_key: str | None, cap_usd: Decimal | None, title: str
    ) -> Job:
        return self._sound.render(actor, idempotency_key=idempotency_key, cap_usd=cap_usd, **request)

    def _check_polish(self, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
        return _polished(request).model_dump(mode="json")

    def _polish(
        self, actor: Actor, request: dict[str, Any], *, idempotency_key: str | None, cap_usd: Decimal | None, title: str
    ) -> Job:
        asked = _polished(request)
        return self._polishes.submit(
            actor, asked.asset_id, asked.preset, asked.overrides, idempotency_key=idempotency_key
        )

    def _check_batch(self, actor: Actor, request: dict[str, Any]) -> dict[str, Any]:
        self._prepared(actor, request)
        return request

    def _batch(
        self, actor: Actor, request: dict[str, Any], *, idempotency_key: str | None, cap_usd: Decimal | None, title: str
    ) -> Job:
        items = self._prepared(actor, request)
        return self._batches.submit(actor, items, title=title, idempotency_key=idempotency_key, cap_usd=cap_usd)

    def _prepared(self, actor: Actor, request: dict[str, Any]) -> list[dict[str, Any]]:
        items = request.get("items")
        if not isinstance(items, list) or not items or len(items) > batch.MAX_ITEMS:
            raise UserError("A batch needs items.", f"Give 1 to {batch.MAX_ITEMS}, each with kind and request.")
        return [self._item(actor, number, item) for number, item in enumerate(items)]

    def _item(self, actor: Actor, number: int, item: Any) -> dict[str, Any]:
        try:
            if not isinstance(item, dict) or not isinstance(item.get("request"), dict):
                raise UserError("An item has a kind and a request.", "Write it as {kind, request, title}.")
            values = item["request"]
            if item.get("kind") == SPEECH:
                _none_of("speech", values)
                request = self._voice.prepared(actor, **values)
            elif item.get("kind") == MUSIC:
                self._check_music(actor, values)
                request = self._music.request(actor, **values)
            else:
                raise UserError(f"A batch has no item {str(item.get('kind'))[:40]!r}.", "Use speech or music.")
        except StudioError as error:
            error.message = f"items.{number}: {error.message}"
            raise
        title = item.get("title") or request.get("name") or request.get("text") or request.get("prompt") or item["kind"]
        return {"kind": item["kind"], "request": request, "title": str(title)[:60]}


def _known(kind: str, request: Mapping[str, Any], names: set[str]) -> None:
    unknown = sorted(set(request) - names)
    if unknown:
        raise UserError(f"A {kind} request has no {unknown[0][:40]!r}.", f"It has: {', '.join(sorted(names))}.")


def _none_of(kind: str, request: Mapping[str, Any]) -> None:
    """What a door says beside the values may not come in among them."""
    inner = sorted(
        {"self", "actor", "priority", "idempotency_key", "cap_usd", "by_sentence", "paced", "take"} & set(request)
    )
    if inner:
        raise UserError(f"A {kind} request has no {inner[0]!r}.", "Send only what should be spoken and how.")


def _of_template(request: Mapping[str, Any]) -> dict[str, Any]:
    _known(TEMPLATE, request, {"template_id", "overrides", "provider", "best_seed"})
    if not isinstance(request.get("template_id"), str) or not isinstance(request.get("overrides") or {}, dict):
        raise UserError("A template's request names a template.", "Give template_id, and overrides as {field: value}.")
    return {
        "template_id": request["template_id"], "overrides": request.get("overrides") or {},
        "provider": str(request.get("provider") or ""), "best_seed": bool(request.get("best_seed")),
    }  # fmt: skip


def _composed(request: Mapping[str, Any]) -> dict[str, Any]:
    """Without the route as it was found then; a quality is looked for anew."""
    dropped = set(MUSIC_BESIDE) - {PROVIDER, QUALITY}
    return {name: value for name, value in request.items() if name not in dropped}


def _polished(request: Mapping[str, Any]) -> PolishAsked:
    try:
        return PolishAsked.model_validate(dict(request))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "request"
        raise UserError(f"polish: {where}: {first['msg']}.", "It takes asset_id, preset and overrides.") from None


def _spoken(request: Mapping[str, Any]) -> dict[str, Any]:
    """Without the voices and stand-ins as they were found then: they are found anew, with the rights of whoever asks."""
    if request.get(TAKE):
        raise UserError("This was a take of one passage.", "Make another under Takes, beside its piece.", "a_take")
    return {name: value for name, value in request.items() if name not in BESIDE}


def _items(request: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "items": [
            {**item, "request": _spoken(item["request"]) if item["kind"] == SPEECH else _composed(item["request"])}
            for item in request["items"]
        ]
    }
