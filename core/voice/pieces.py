"""A script as the requests that will be made for it: which engine says which words, and how."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from core.kit.errors import UserError
from core.money.ledger import Sold
from core.providers.base import ProviderInfo
from core.providers.registry import Registry
from core.voice.engine import CONTROLS, SpeechEngine, Utterance
from core.voice.parts import Part, in_context, parts
from core.voice.passage import around, to_speak
from core.voice.pronunciation import dictionary
from core.voice.types import SpeechRequest, Voice

KIND = "speech"


@dataclass(frozen=True)
class Piece:
    part: Part
    voice: Voice
    engine: SpeechEngine
    utterance: Utterance
    instead: tuple[Piece, ...] = ()
    """The same words by other engines that know the voice, for when this one cannot."""
    stand_ins: tuple[Piece, ...] = ()
    """The same words by other voices, where the user allowed it."""

    @property
    def anyone(self) -> tuple[Piece, ...]:
        return (self, *self.instead, *self.stand_ins)

    @property
    def price_group(self) -> tuple[str, str]:
        return self.engine.info.name, self.utterance.model


def plan(
    request: SpeechRequest,
    find: Callable[[str], Voice],
    registry: Registry,
    *,
    each_sentence: bool = False,
    stand_ins: Mapping[str, Sequence[Voice]] = MappingProxyType({}),
) -> list[Piece]:
    """Every request that will be made. UserError for what cannot be spoken. `each_sentence`: for a listener who hears it
    while it is made. `stand_ins`: by the id of the voice that others may stand in for."""
    main = find(request.voice)
    segments = to_speak(request, main.language)
    cast = {name: _able(find(name) if name else main) for name in {segment.style.voice for segment in segments}}
    check_model(request.model, registry.get(KIND, main.provider).info)
    ready = {item.info.name for item in registry.readiness(KIND) if item.ready} if stand_ins else set()
    others = {
        name: [other for other in stand_ins.get(able[0].id, ()) if other.provider in ready]
        for name, able in cast.items()
    }
    # An engine that went away after the script was submitted stops nobody for whom another may stand in.
    engines = {
        voice.provider: _engine(registry, voice, ready=not others[name])
        for name, able in cast.items()
        for voice in able
    }
    engines |= {other.provider: _engine(registry, other) for found in others.values() for other in found}
    models = {name: _model(request, engine, main) for name, engine in engines.items()}
    longest = min(engine.longest(models[name]) for name, engine in engines.items())

    def piece(part: Part, voice: Voice) -> Piece:
        engine = engines[voice.provider]
        return Piece(part, voice, engine, _utterance(request, part, voice, engine, models[voice.provider]))

    pieces = []
    cut = parts(segments, request, dictionary(request.pronunciations), longest, each_sentence=each_sentence)
    for part in in_context(cut, *around(request, main.language)):
        first, *same = cast[part.voice]
        instead = tuple(piece(part, voice) for voice in same)
        beside = tuple(piece(part, voice) for voice in others[part.voice])
        pieces.append(replace(piece(part, first), instead=instead, stand_ins=beside))
    return pieces


def _able(voice: Voice) -> list[Voice]:
    """The voice by every engine that knows it, first the one to be asked first."""
    return [voice] + [
        replace(voice, provider=other["engine"], engine={**voice.engine, "profile": "", "voice": "", **other})
        for other in voice.engine.get("also", ())
    ]


def _utterance(request: SpeechRequest, part: Part, voice: Voice, engine: SpeechEngine, model: str) -> Utterance:
    slowest, fastest = engine.speeds
    given = {
        name: getattr(request, name) for name in CONTROLS if name in engine.info.capabilities and name != "language"
    }
    if part.emotion and "emotion" in given:
        given["emotion"] = part.emotion
    # A voice of the studio's own goes by another name at every engine that learned it.
    return Utterance(
        text=part.text, voice=voice.engine.get("voice") or voice.id.partition(":")[2], model=model,
        speed=min(fastest, max(slowest, part.speed)), before=part.before, after=part.after,
        pitch=part.pitch if "pitch" in engine.info.capabilities else 0.0,
        range=part.range if "range" in engine.info.capabilities else 1.0,
        profile=voice.engine.get("profile", ""),
        language=voice.engine.get("language", "") if "language" in engine.info.capabilities else "", **given,
    )  # fmt: skip


def _engine(registry: Registry, voice: Voice, *, ready: bool = True) -> SpeechEngine:
    engine: Any = registry.route(KIND, voice.provider)[0] if ready else registry.get(KIND, voice.provider)
    return engine  # type: ignore[no-any-return]


def check_model(model: str, info: ProviderInfo) -> None:
    if model and model not in info.models:
        raise UserError(
            f"{info.title} has no model {model[:60]!r}.", f"There is: {', '.join(info.models)}.", "no_model"
        )  # fmt: skip


def _model(request: SpeechRequest, engine: SpeechEngine, main: Voice) -> str:
    """The model asked for is the main voice's; another engine in the same script speaks with its default."""
    return request.model if request.model and engine.info.name == main.provider else engine.default_model


def ignored(request: SpeechRequest, info: ProviderInfo, emotions: Iterable[str] = ()) -> list[str]:
    """Settings that were given and that this engine does not obey. `emotions`: those the text itself asks of voices
    that have none."""
    unset = SpeechRequest.model_fields
    extra = [] if "range" in info.capabilities else ["range"]
    names = [*extra, *(name for name in CONTROLS if name in unset and name not in info.capabilities)]
    in_text = {"emotion"} if any(emotions) else set()
    names += sorted(in_text - {*names})
    return [name for name in names if getattr(request, name) != unset[name].default or name in in_text]


def units(pieces: Sequence[Piece]) -> dict[tuple[str, str], dict[str, Decimal]]:
    """The most that will be billed, by provider and model."""
    total: dict[tuple[str, str], dict[str, Decimal]] = {}
    for piece in pieces:
        counted = total.setdefault(piece.price_group, {})
        for unit, quantity in piece.engine.maximum(piece.utterance).items():
            counted[unit] = counted.get(unit, Decimal(0)) + quantity
    return total


def sold(pieces: Sequence[Piece]) -> dict[Sold, Mapping[str, Decimal]]:
    """Of these units what costs something, as the ledger foresees it."""
    return {(KIND, *model): counted for model, counted in units(pieces).items() if counted}
