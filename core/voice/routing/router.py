"""Routing at this moment: the engines as they are, the voices they have, what is left under the caps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.money.ledger import Ledger
from core.providers.registry import Readiness, Registry
from core.rights import licences
from core.store.store import Store
from core.voice.book import VoiceBook
from core.voice.engine import SpeechEngine
from core.voice.favourites import Favourites
from core.voice.gallery import DEFAULT_LANGUAGE
from core.voice.languages import name_of, script_language
from core.voice.pieces import KIND
from core.voice.routing.choosing import Able, Choice, choose, over, ranked
from core.voice.routing.nearness import Likeness, distance, fits, likeness, nearest
from core.voice.routing.preference import Preference, Preferences, class_of
from core.voice.routing.tongue import speaks
from core.voice.routing.wish import Wish
from core.voice.types import Voice

MOST_STAND_INS = 3


@dataclass(frozen=True)
class StandIn:
    voice: Voice
    usd: Decimal
    """The most the script can cost with it."""


class Router:
    def __init__(
        self, store: Store, registry: Registry, ledger: Ledger, book: VoiceBook, preferences: Preferences, favourites: Favourites
    ) -> None:  # fmt: skip
        self._store = store
        self._registry = registry
        self._ledger = ledger
        self._book = book
        self._preferences = preferences
        self._favourites = favourites

    def choose(
        self, actor: Actor, wish: Wish, named: Voice | None, text: str, language: str, model: str,
        cap_usd: Decimal | None, price: Callable[[Voice], Decimal],
    ) -> Choice:  # fmt: skip
        """The route of a quality. `named`: the voice that was given beside it: it speaks itself where it is of this quality
        and can, otherwise another that is near to it. `price`: the most the script can cost with a voice."""
        mine = self._preferences.of(actor)
        wanted = _wanted(wish, named, text, language)
        room = self.room(actor, cap_usd)
        if named is not None and named.tier == "custom":
            return self._own(wish, named, price, room)
        voices, favourites = self._by_engine(actor), self._favourites.listing(actor)
        engines = [
            self._able(each, mine, wanted, favourites, voices, model)
            for each in self._registry.readiness(KIND)
            if self._preferences.routable(each.info)
        ]
        ranking = ranked(wish.quality, engines, mine.order, self._registry.put_in_order(KIND))
        if named is not None:  # of the right quality already: a person's choice comes before any order
            ranking = _with(ranking, named, wanted)
        return choose(wish.quality, ranking, room, lambda engine: price(engine.voice) if engine.voice else Decimal(0))

    def stand_ins(
        self, actor: Actor, voice: Voice, language: str, most_usd: Decimal, cap_usd: Decimal | None,
        price: Callable[[Voice], Decimal],
    ) -> list[StandIn]:  # fmt: skip
        """Who may speak where a voice cannot, nearest first, one of each other engine. None costs more than `most_usd`
        (what was said for the voice itself), unless the job has a cap: then none costs more than that."""
        mine = self._preferences.of(actor)
        wanted = likeness(voice, language)
        favourites = self._favourites.listing(actor)
        found: list[tuple[tuple[int, ...], int, Voice]] = []
        voices = self._by_engine(actor)
        for number, each in enumerate(self._in_order(mine)):
            if each.info.name == voice.provider:
                continue
            able = self._able(each, mine, wanted, favourites, voices, "")
            if not able.why_not and able.voice is not None:
                found.append((distance(able.voice, wanted), number, able.voice))
        room = self.room(actor, cap_usd)
        chosen: list[StandIn] = []
        for _, _, other in sorted(found, key=lambda one: one[:2]):
            try:
                usd = price(other)
            except StudioError:
                continue  # it cannot say this script: no price, too long a word, not its language
            dearer = usd > most_usd and cap_usd is None
            if not dearer and not over(usd, room):
                chosen.append(StandIn(other, usd))
        return chosen[:MOST_STAND_INS]

    def room(self, actor: Actor, cap_usd: Decimal | None) -> Mapping[str, Decimal]:
        with self._store.db.read() as connection:
            return self._ledger.room(connection, actor, cap_usd)

    def _in_order(self, mine: Preference) -> list[Readiness]:
        states = {item.info.name: item for item in self._registry.readiness(KIND)}
        names = [*mine.order, *(name for name in self._registry.order(KIND) if name not in mine.order)]
        return [states[name] for name in names]

    def _by_engine(self, actor: Actor) -> dict[str, list[Voice]]:
        found: dict[str, list[Voice]] = {}
        for voice in self._book.voices(actor):
            found.setdefault(voice.provider, []).append(voice)
        return found

    def _able(
        self, item: Readiness, mine: Preference, wanted: Likeness, favourites: Sequence[str],
        voices: Mapping[str, Sequence[Voice]], model: str,
    ) -> Able:  # fmt: skip
        info, engine = item.info, self._engine(item.info.name)
        kind = class_of(info)
        plan = info.paid and info.name in self._registry.with_allowance_left(KIND)
        limited = kind == "local" and not licences.known()[info.licence]["commercial"]

        def able(found: Voice | None, why: str) -> Able:
            return Able(info.name, info.title, kind, found, why, plan, limited)

        if info.name in mine.off:
            return able(None, "you switched it off")
        if not item.ready:
            return able(None, item.why)
        if model and model not in info.models:
            return able(None, f"it has no model {model}")
        found = nearest(
            voices.get(info.name, ()), wanted, lambda voice: speaks(voice, engine, wanted.language, model), favourites
        )
        return able(found, "" if found else f"no voice there is known to speak {_asked(wanted)}")

    def _own(
        self, wish: Wish, named: Voice, price: Callable[[Voice], Decimal], room: Mapping[str, Decimal]
    ) -> Choice:  # fmt: skip
        """A voice of one's own is never exchanged by a quality; it only has to fit the caps."""
        info = self._engine(named.provider).info
        only = Able(info.name, info.title, class_of(info), named)
        return choose(wish.quality, [only], room, lambda _: price(named))

    def _engine(self, name: str) -> SpeechEngine:
        engine: Any = self._registry.get(KIND, name)
        return engine  # type: ignore[no-any-return]


def _wanted(wish: Wish, named: Voice | None, text: str, language: str) -> Likeness:
    if named is None:
        return Likeness(language or script_language(text) or DEFAULT_LANGUAGE, wish.gender, wish.accent, strict=True)
    like = likeness(named, language)
    if not (wish.gender or wish.accent):
        return like
    return Likeness(like.language, wish.gender or like.gender, wish.accent or like.accent, strict=True)


def _with(ranking: list[Able], named: Voice, wanted: Likeness) -> list[Able]:
    first = [replace(each, voice=named) for each in ranking if each.name == named.provider and fits(named, wanted)]
    return first + [each for each in ranking if not first or each.name != named.provider]


def _asked(wanted: Likeness) -> str:
    more = [wanted.gender, wanted.accent] if wanted.strict else []
    return ", ".join([name_of(wanted.language), *(word for word in more if word)])
