"""Retakes: single sentences or sections of a finished speech spoken anew, compared, and laid into a new version of it.

A take is a speech job like any other, so caps, rights and a crash are what they are there. The piece itself never changes:
choosing takes makes a new one, whose lineage names the piece and every take in it. Of a book the chapters are taken anew,
and the book is bound again from them.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.flows.batch import Batches
from core.flows.narrate import Narrations
from core.flows.whole_again import KIND, Assembly
from core.jobs.registry import JobKind
from core.jobs.service import Jobs
from core.kit.actor import Actor
from core.kit.children import Children
from core.kit.errors import UserError
from core.store import assets, preferences, takes
from core.store.assets import Asset
from core.store.jobs import Job
from core.store.store import Store
from core.voice import captions
from core.voice.pieces import KIND as SPEECH
from core.voice.retakes import sheet
from core.voice.retakes.sheet import Passage
from core.voice.retakes.wishes import MAX_TAKES, Wishes
from core.voice.service import Speech

_OF_REQUEST = ("passage", "captions", "name", "draft", "text", "voice")


@dataclass(frozen=True)
class Taken:
    take: takes.Take
    asset: Asset


@dataclass(frozen=True)
class Sheet:
    """A speech, or one chapter of a book, as passages with their takes."""

    asset: Asset
    passages: tuple[Passage, ...]
    takes: tuple[Taken, ...]
    redraws: bool
    """Whether the voice says a text another way each time; otherwise takes differ by stated variations."""


class Retakes:
    def __init__(
        self, store: Store, jobs: Jobs, voice: Speech, batches: Batches, narrations: Narrations, children: Children
    ) -> None:
        self._store = store
        self._jobs = jobs
        self._voice = voice
        self._batches = batches
        self._narrations = narrations
        self._assembly = Assembly(store, children)

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "cpu", self._assembly.run),)

    def sheet(self, actor: Actor, asset_id: str) -> Sheet:
        """UserError for what was not spoken here, or has no captions to find its sentences by."""
        with self._store.db.read() as connection:
            asset = assets.get(connection, actor, asset_id)
            found = [Taken(each, assets.get(connection, actor, each.asset_id)) for each in takes.of(connection, actor, asset.id)]  # fmt: skip
        passages = self._passages(actor, asset)
        return Sheet(asset, tuple(passages), tuple(found), self._redraws(actor, str(asset.generation_config["voice"])))

    def chapters(self, actor: Actor, asset_id: str) -> list[Asset]:
        """Of a book, in order; of any other speech itself alone. What was deleted meanwhile is left out."""
        with self._store.db.read() as connection:
            asset = assets.get(connection, actor, asset_id)
            marks = asset.generation_config.get("chapters")
            if not marks:
                return [asset]
            found = [assets.source(connection, str(mark.get("asset", ""))) for mark in marks]
        return [one for one in found if one is not None and one.deleted_at is None]

    def chosen(self, actor: Actor, asset_id: str) -> int:
        """How many passages of it are to be replaced."""
        with self._store.db.read() as connection:
            return sum(each.chosen for each in takes.of(connection, actor, asset_id))

    def _passages(self, actor: Actor, asset: Asset) -> list[Passage]:
        sheet.check(asset)
        path = self._assembly.captions_of(actor, asset)
        words = captions.read(path)[0] if path is not None else []
        return sheet.sentences(asset.generation_config, words, asset.duration_s or 0.0)

    def estimate(self, actor: Actor, asset_id: str, first: int, past: int, count: int, wishes: Wishes) -> Decimal:
        """The most that the takes can cost."""
        usd = Decimal(0)
        for _, values in self._requests(actor, asset_id, first, past, count, wishes, number=2):
            usd += self._voice.estimate(actor, **values).usd
        return usd

    def take(
        self,
        actor: Actor,
        asset_id: str,
        first: int,
        past: int,
        *,
        count: int = 1,
        wishes: Wishes | None = None,
        priority: str = "normal",
        cap_usd: Decimal | None = None,
        idempotency_key: str | None = None,
    ) -> Job:
        """Speak the sentences from `first` to `past` of the script `count` times anew. One job, or a batch of them."""
        known = self._jobs.before(actor, priority, idempotency_key)
        if known is not None:
            return known
        if not 1 <= count <= MAX_TAKES:
            raise UserError(f"{count} takes at once cannot be made.", f"Ask for 1 to {MAX_TAKES}.", "takes")
        asked = self._requests(actor, asset_id, first, past, count, wishes or Wishes(), number=0)
        items = [
            {"kind": SPEECH, "request": self._voice.prepared(actor, take=row, **values), "title": values["name"]}
            for row, values in asked
        ]
        if len(items) == 1:
            return self._jobs.submit(
                actor, SPEECH, items[0]["request"], title=str(items[0]["title"]), priority=priority, cap_usd=cap_usd,
                idempotency_key=idempotency_key,
            )  # fmt: skip
        return self._batches.submit(
            actor, items, title=f"{count} takes", priority=priority, cap_usd=cap_usd, idempotency_key=idempotency_key
        )

    def _requests(
        self, actor: Actor, asset_id: str, first: int, past: int, count: int, wishes: Wishes, *, number: int
    ) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """(row of the take, values of its speech). `number` of the first; 0: the next ones that are free, which then are
        not."""
        with self._store.db.read() as connection:
            asset = assets.get(connection, actor, asset_id)
        passage = sheet.passage(self._passages(actor, asset), first, past)
        config = asset.generation_config
        text, settings = str(config["text"]), dict(config.get("settings") or {})
        voice = wishes.voice or passage.voice or str(config["voice"])
        engine = self._voice.engine(actor, voice)
        redraws = self._redraws(actor, voice)
        number = number or self._numbers(asset.id, first, past, count)
        asked = []
        for place in range(count):
            each, label = wishes, wishes.label()
            if not redraws and (wishes.empty or place):
                # What was asked for comes first as it was asked; the engine would say it the same way again.
                turn = number + place - 2 if wishes.empty else place - 1
                each, varied = wishes.with_variation(turn, obeys_range="range" in engine.obeys)
                label = f"{label}, {varied}" if label else varied
            said = each.markup(text[first:past])
            changed = "" if said == text[first:past] else said
            row = {
                "original_id": asset.id, "first": first, "past": past, "number": number + place, "label": label[:80],
                "words": changed,
            }  # fmt: skip
            values = {name: value for name, value in settings.items() if name not in _OF_REQUEST and value is not None}
            if redraws and "seed" in engine.obeys:
                values["seed"] = _seed(asset.id, first, past, number + place)
            values |= {
                "text": text[:first] + said + text[past:], "voice": str(config["voice"]), "captions": True,
                "passage": (first, first + len(said)), "stand_in": "never", "name": f"{asset.name[:120]}, take {number + place}",
            }  # fmt: skip
            asked.append((row, values))
        return asked

    def _redraws(self, actor: Actor, voice: str) -> bool:
        engine = self._voice.engine(actor, voice)
        return engine.paid or "seed" in engine.obeys

    def _numbers(self, asset_id: str, first: int, past: int, count: int) -> int:
        """The first of `count` numbers that no take of this passage has or will have."""
        name, passage = f"takes.{asset_id}", f"{first}-{past}"
        with self._store.db.exclusive(name) as connection:
            given = dict(preferences.read(connection, name, {}))
            last = max(int(given.get(passage, 1)), takes.last_number(connection, asset_id, first, past))
            preferences.write(connection, name, given | {passage: last + count})
        return last + 1

    def choose(self, actor: Actor, take_id: str, *, chosen: bool = True) -> list[str]:
        """This take stands for its passage; others that overlap it do no longer. Answers the ids chosen now."""
        with self._store.db.exclusive("takes.choose") as connection:
            assets.to_edit(connection, actor, take_id)
            original = takes.original_of(connection, take_id)
            if original is None:
                raise UserError(
                    "This is no take of a passage.", "Choose one of the takes listed for the piece.", "no_take"
                )
            found = takes.of(connection, actor, original)
            one = next(each for each in found if each.asset_id == take_id)
            others = [each.asset_id for each in found if each.overlaps(one) and (not chosen or each is not one)]
            takes.choose(connection, [one.asset_id] if chosen else [], others)
            return [each.asset_id for each in takes.of(connection, actor, original) if each.chosen]

    def assemble(
        self,
        actor: Actor,
        asset_id: str,
        *,
        name: str = "",
        priority: str = "normal",
        idempotency_key: str | None = None,
    ) -> Job:
        """A new version of the piece with the chosen takes in it, or of the book with every chapter that has some."""
        known = self._jobs.before(actor, priority, idempotency_key)
        if known is not None:
            return known
        with self._store.db.read() as connection:
            asset = assets.get(connection, actor, asset_id)
        if asset.generation_config.get("chapters"):
            return self._bind_again(actor, asset, name, priority, idempotency_key)
        request = self._assembled(actor, asset, name)
        return self._jobs.submit(
            actor, KIND, request, title=request["name"], priority=priority, idempotency_key=idempotency_key
        )

    def _assembled(self, actor: Actor, asset: Asset, name: str = "") -> dict[str, Any]:
        self._passages(actor, asset)
        with self._store.db.read() as connection:
            chosen = [each for each in takes.of(connection, actor, asset.id) if each.chosen]
        if not chosen:
            raise UserError("No take is chosen.", "Choose a take of at least one passage first.", "nothing_chosen")
        return {
            "original": asset.id, "takes": [each.asset_id for each in chosen],
            "name": name or f"{asset.name[:150]}, retaken",
        }  # fmt: skip

    def _bind_again(
        self, actor: Actor, book: Asset, name: str, priority: str, idempotency_key: str | None
    ) -> Job:  # fmt: skip
        replaced: dict[str, dict[str, Any]] = {}
        for chapter in self.chapters(actor, book.id):
            with self._store.db.read() as connection:
                some = any(each.chosen for each in takes.of(connection, actor, chapter.id))
            if some:
                replaced[chapter.id] = {"kind": KIND, "request": self._assembled(actor, chapter, chapter.name)}
        if not replaced:
            raise UserError("No take is chosen.", "Choose a take in at least one chapter first.", "nothing_chosen")
        return self._narrations.bind_again(
            actor, book, replaced, name=name, priority=priority, idempotency_key=idempotency_key
        )


def _seed(*parts: object) -> int:
    return int(hashlib.sha256(repr(parts).encode()).hexdigest()[:7], 16)
