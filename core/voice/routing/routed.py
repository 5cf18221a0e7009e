"""A request's values with their voice found: by name, by preset or by quality, and with those who may stand in for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.kit.actor import Actor
from core.kit.errors import MoneyError
from core.money.allowance import PLAN_STOP
from core.voice.book import VoiceBook
from core.voice.pieces import Piece
from core.voice.presets import Presets
from core.voice.routing.choosing import Choice
from core.voice.routing.preference import Preferences
from core.voice.routing.router import Router, StandIn
from core.voice.routing.wish import StandIn as How
from core.voice.routing.wish import split
from core.voice.types import Voice, speech_request

Price = Callable[[dict[str, Any]], Decimal]
"""The most that a request with these values can cost; raises what it would be refused with."""
_NOT_OF_VOICE = ("voice", "model")


@dataclass(frozen=True)
class Routed:
    values: dict[str, Any]
    """Of a SpeechRequest."""
    preset: str
    choice: Choice | None
    how: How
    cap_usd: Decimal | None
    price: Price


class Routes:
    def __init__(self, router: Router, preferences: Preferences, presets: Presets, book: VoiceBook) -> None:
        self._router = router
        self._preferences = preferences
        self._presets = presets
        self._book = book

    def find(self, actor: Actor, values: Mapping[str, Any], cap_usd: Decimal | None, price: Price) -> Routed:
        """`values`: a SpeechRequest's, a Wish's, `preset` and `project_id`."""
        from core.voice.text import parse

        price = _remembered(price)
        wish, rest = split(values)
        filled, preset = self._presets.fill(actor, rest)
        how = wish.stand_in or self._preferences.of(actor).stand_in
        if not wish.quality:
            return Routed(filled, preset, None, how, cap_usd, price)
        request = speech_request(**filled)
        named = self._book.find(actor, request.voice) if request.voice else None
        parse(request.text, speakers=request.speakers)  # what is wrong with the text is wrong with every engine
        own = named.provider if named is not None else ""

        def priced(voice: Voice) -> Decimal:
            return price(_with(filled, voice, own))

        # A model that came with a preset is its voice's; one that was asked for is a condition.
        model = str(rest.get("model") or "")
        choice = self._router.choose(actor, wish, named, request.text, request.language, model, cap_usd, priced)
        return Routed(_with(filled, choice.voice, own), preset, choice, how, cap_usd, price)

    def stand_ins(self, actor: Actor, routed: Routed, pieces: list[Piece]) -> dict[str, list[StandIn]]:
        """By the id of the voice they may stand in for: every speaker of the script whose engine may fail. `pieces` as
        planned without them."""
        if routed.how not in ("whole", "mixed"):
            return {}
        language = str(routed.values.get("language") or "")
        try:
            said = routed.price(routed.values)
        except MoneyError as error:
            if error.code != PLAN_STOP:
                raise
            said = Decimal(0)  # its plan sells no more: others may stand in for nothing
        main = next((piece.voice.id for piece in pieces if not piece.part.voice), "")
        found: dict[str, list[StandIn]] = {}
        for voice in {piece.voice.id: piece.voice for piece in pieces}.values():
            own = routed.values if voice.id == main else {**routed.values, "voice": voice.id}

            def priced(other: Voice, own: Mapping[str, Any] = own, voice: Voice = voice) -> Decimal:
                return routed.price(_with(own, other, voice.provider))

            spoken = language if voice.id == main else voice.language
            found[voice.id] = self._router.stand_ins(actor, voice, spoken, said, routed.cap_usd, priced)
        return found


def _with(values: Mapping[str, Any], voice: Voice, engine: str) -> dict[str, Any]:
    """The values with another voice; a model is kept only where it is the same engine's."""
    kept = {name: value for name, value in values.items() if name not in _NOT_OF_VOICE}
    model = values.get("model")
    same = bool(model) and (not engine or voice.provider == engine)
    return kept | {"voice": voice.id} | ({"model": model} if same else {})


def _remembered(price: Price) -> Price:
    """A long script takes a while to be cut: once for each voice. Of one request nothing else changes."""
    known: dict[tuple[str, str], Decimal] = {}

    def remembered(values: dict[str, Any]) -> Decimal:
        key = str(values.get("voice") or ""), str(values.get("model") or "")
        if key not in known:
            known[key] = price(values)
        return known[key]

    return remembered
