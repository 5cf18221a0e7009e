"""Voice: speak a text, preview a voice, know how long it will take. The engine is behind the metered call."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.audio.voicing.presets import preset
from core.jobs.registry import JobKind, Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.children import Children
from core.kit.clock import new_id, today
from core.kit.errors import MoneyError, StudioError, UserError
from core.kit.settings import Settings
from core.money.allowance import Plans
from core.money.ledger import Ledger, Sold
from core.providers.registry import Registry
from core.store.jobs import CANCELLED, DONE, FAILED, Job
from core.store.store import Store
from core.voice import grading, piecewise
from core.voice.book import VoiceBook
from core.voice.buying import foresee
from core.voice.cloning.own import PREFIX
from core.voice.dictionaries import Dictionaries
from core.voice.estimate import Engine, Estimate, engine_of
from core.voice.favourites import Favourites
from core.voice.gallery import PROVIDER as EMBEDDED
from core.voice.gallery import default_voice, find_voice, preview_text
from core.voice.languages import script_language, seconds_of
from core.voice.listeners import Streams
from core.voice.pacing import PACED
from core.voice.passage import to_speak
from core.voice.pieces import KIND, Piece, check_model, ignored, plan, sold, units
from core.voice.presets import Presets
from core.voice.routing.preference import Preferences
from core.voice.routing.routed import Routed, Routes
from core.voice.routing.router import Router
from core.voice.routing.tongue import speaking
from core.voice.sounding import sounded
from core.voice.standing import STAND_INS, how_of, kept, voices_of
from core.voice.streaming import SpokenStream
from core.voice.types import SpeechRequest, Voice, speech_request
from core.voice.whole import whole

LONGEST_SECONDS = 7200.0
TAKES_FOLDER = "Takes"
"""Of the library: they would otherwise stand between the finished pieces."""
_BY_SENTENCE = "by_sentence"
_PRESET = "preset"
_ROUTE = "route"
TAKE = "take"
BESIDE = ("cast", _BY_SENTENCE, PACED, _PRESET, _ROUTE, STAND_INS, TAKE)
"""What a job's request holds that is no SpeechRequest's."""
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_NOT_A_NAME = re.compile(r"[^\w+-]")


@dataclass(frozen=True)
class _Planned:
    request: SpeechRequest
    voice: Voice
    pieces: list[Piece]
    """Empty where the embedded engine takes the script as a whole."""
    cast: Mapping[str, Voice]
    """Every voice of the script by the name it goes by there; the main one by its id."""


class Speech:
    def __init__(
        self, settings: Settings, store: Store, jobs: Jobs, registry: Registry, ledger: Ledger, plans: Plans, children: Children,
        book: VoiceBook,
    ) -> None:  # fmt: skip
        self._settings = settings
        self._store = store
        self._jobs = jobs
        self._registry = registry
        self._ledger = ledger
        self._plans = plans
        self._children = children
        self.book = book
        self.presets = Presets(store, book)
        self.favourites = Favourites(store, book)
        self._dictionaries = Dictionaries(store)
        self.routing = Preferences(store, registry, book)
        router = Router(store, registry, ledger, book, self.routing, self.favourites)
        self._routes = Routes(router, self.routing, self.presets, book)
        self._locking = threading.Lock()
        self._previews: dict[str, threading.Lock] = {}
        self._streams = Streams(
            settings, store, jobs, children, lambda actor, job: self._written(actor, job).pieces
        )  # fmt: skip

    @property
    def job_kinds(self) -> tuple[JobKind, ...]:
        return (JobKind(KIND, "cpu", self._run, self._waits),)

    def _waits(self, request: Mapping[str, Any]) -> bool:
        """By the main voice: one line of another engine in a long script changes little. Asked inside transactions, so it
        may not read the database."""
        voice = str(request.get("voice", ""))
        provider = dict(request.get("cast", {}).get(voice, {})).get("provider") or voice.partition(":")[0]
        return any(info.name == provider and info.resource == "net" for info in self._registry.known(KIND))

    def request(self, actor: Actor, **values: Any) -> SpeechRequest:
        """Checked: the text can be spoken, the voices exist and their engines are ready, the markup is right; the
        user's own pronunciations are in, and what a `preset` says beside them. UserError or SetupError otherwise."""
        words = self._dictionaries.counting(actor, values)
        return self._planned(actor, self._routed(actor, values, None, words).values, words).request

    def _routed(
        self, actor: Actor, values: Mapping[str, Any], cap_usd: Decimal | None, words: Mapping[str, str]
    ) -> Routed:
        """A preset's values filled in, and the voice of a quality found."""
        return self._routes.find(
            actor, values, cap_usd, lambda wanted: self._most(self._planned(actor, wanted, words).pieces)
        )

    def _most(self, pieces: list[Piece]) -> Decimal:
        with self._store.db.read() as connection:
            quotes = [
                self._ledger.quote(connection, provider, KIND, model, counted)
                for (provider, model), counted in units(pieces).items()
                if counted
            ]
        return sum((quote.usd for quote in quotes), Decimal(0))

    def _planned(
        self,
        actor: Actor,
        values: dict[str, Any],
        own: Mapping[str, str] = _NOTHING,
        cast: Mapping[str, Any] = _NOTHING,
        *,
        by_sentence: bool = False,
        stand_ins: Mapping[str, Sequence[Voice]] = _NOTHING,
    ) -> _Planned:
        """`cast`: voices as they were found when the script was submitted. What is found then holds: a service that
        renames a voice, or does not answer, must not change what is bought at a second try."""
        from core.voice.pronunciation import dictionary

        def find(name: str) -> Voice:
            try:
                kept = Voice(**cast[name])
            except (KeyError, TypeError):  # not written down, or by a waiting list that somebody edited
                return self.book.find(actor, name)
            if not kept.id.startswith(PREFIX):
                return kept
            current = self.book.find(actor, kept.id)  # it may have been deleted, switched off or taken back since
            # What was begun at a service is not bought again because the voice has learned something new meanwhile.
            return kept if self._registry.get(KIND, kept.provider).info.paid else current

        request = speech_request(**values)
        if request.sound:
            preset(request.sound)
        voice = (
            find(request.voice) if request.voice else default_voice(request.language or script_language(request.text))
        )
        if request.language:
            engine: Any = self._registry.get(KIND, voice.provider)
            voice = speaking(voice, engine, request.language, request.model)
        words = {**own, **request.pronunciations}
        request = request.model_copy(update={"voice": voice.id, "pronunciations": words})
        segments = to_speak(request, voice.language)
        spelt = dictionary(words)
        found = {voice.id: voice}
        for segment in segments:
            name = segment.style.voice
            if name and name not in found:
                found[name] = find(name)
        if {each.provider for each in found.values()} == {EMBEDDED}:
            check_model(request.model, self._registry.get(KIND, EMBEDDED).info)
            # Phonemes of the engine stand in no piece: such a script is made as a whole, and heard when it is done.
            at_once = not by_sentence or any(spelt.speak(each.text).phonemes for each in segments)
            if at_once:
                return _Planned(request, voice, [], {})
        self._not_too_long(request, voice)
        pieces = plan(request, found.__getitem__, self._registry, each_sentence=by_sentence, stand_ins=stand_ins)
        return _Planned(request, voice, pieces, found)

    def _not_too_long(self, request: SpeechRequest, voice: Voice) -> None:
        """Before anything is bought: by pace an estimate, so what turns out longer is delivered all the same."""
        if not request.draft and self._seconds(request, voice) > LONGEST_SECONDS:
            raise UserError(
                f"The speech would last more than {LONGEST_SECONDS / 3600:.0f} hours.",
                "Split the text, shorten its pauses or speak faster.",
                "speech_too_long",
            )

    @staticmethod
    def _seconds(request: SpeechRequest, voice: Voice) -> float:
        return seconds_of(
            to_speak(request, voice.language), voice.language, request.speed, request.sentence_pause_ms, request.paragraph_pause_ms
        )  # fmt: skip

    def engine(self, actor: Actor, voice: str) -> Engine:
        """NotFound for a voice that is not there."""
        found = self.book.find(actor, voice)
        engine: Any = self._registry.get(KIND, found.provider)
        return engine_of(engine, piecewise.licence(engine, self._plans, str(found.engine.get("voice", ""))))

    def estimate(self, actor: Actor, *, cap_usd: Decimal | None = None, **values: Any) -> Estimate:
        """Raises what speak() would raise for these values; SetupError where a price is missing."""
        words = self._dictionaries.counting(actor, values)
        routed = self._routed(actor, values, cap_usd, words)
        planned = self._planned(actor, routed.values, words)
        request, voice, pieces = planned.request, planned.voice, planned.pieces
        seconds, usd = self._seconds(request, voice), self._most(pieces)
        others = self._routes.stand_ins(actor, routed, pieces)
        segments = to_speak(request, voice.language)
        characters = sum(len(piece.utterance.text) for piece in pieces) or sum(len(each.text) for each in segments)
        model = next((piece.utterance.model for piece in pieces if piece.voice.provider == voice.provider), "")
        sellers = tuple(dict.fromkeys(piece.engine.info.title for piece in pieces if piece.engine.info.paid))
        sections = len({segment.section for segment in segments if segment.section})
        beside = dict.fromkeys(other.voice.name for found in others.values() for other in found)
        return Estimate(
            characters, seconds, usd, voice.provider, model, len(pieces) or 1, sections, sellers, voice.id,
            "" if routed.choice is None else routed.choice.why, tuple(beside),
        )  # fmt: skip

    def speak(
        self,
        actor: Actor,
        *,
        priority: str = "normal",
        idempotency_key: str | None = None,
        cap_usd: Decimal | None = None,
        by_sentence: bool = False,
        paced: bool = False,
        **values: Any,
    ) -> Job:
        """`by_sentence`: for who will listen while it is made: every sentence is a request of its own. `paced`: paid ones are
        not made long before he hears them."""
        request = self.prepared(actor, by_sentence=by_sentence, cap_usd=cap_usd, **values) | (
            {PACED: True} if paced else {}
        )
        title = request["name"] or spoken_title(request["text"], request["speakers"])
        return self._jobs.submit(
            actor, KIND, request, title=title, priority=priority, idempotency_key=idempotency_key, cap_usd=cap_usd,
        )  # fmt: skip

    def prepared(
        self,
        actor: Actor,
        *,
        by_sentence: bool = False,
        cap_usd: Decimal | None = None,
        take: Mapping[str, Any] = _NOTHING,
        **values: Any,
    ) -> dict[str, Any]:
        """The request of a speech job, checked, with its voices as they were found: also for the children of a flow. `values`
        are a SpeechRequest's, a Wish's, or `preset` and `project_id`: what they do not say, the preset fills in. `take`: a
        row of core.store.takes, where a passage of another piece is spoken anew."""
        words = self._dictionaries.counting(actor, values)
        routed = self._routed(actor, values, cap_usd, words)
        planned = self._planned(actor, routed.values, words, by_sentence=by_sentence)
        cast = {name: voice.as_dict() for name, voice in planned.cast.items()}
        others = self._routes.stand_ins(actor, routed, planned.pieces)
        extra = {
            "cast": cast, _BY_SENTENCE: by_sentence, _PRESET: routed.preset,
            _ROUTE: {} if routed.choice is None else routed.choice.as_dict(),
            STAND_INS: kept(routed.how, {voice: [one.voice for one in found] for voice, found in others.items()}),
            TAKE: dict(take),
        }  # fmt: skip
        return planned.request.model_dump(mode="json") | {name: value for name, value in extra.items() if value}

    def foresee(self, work: Work, scripts: Mapping[str, Mapping[str, Any]]) -> None:
        """For a flow, before its first child: MoneyError where a cap has no room for all that is still to be bought.
        `scripts`: the prepared request of every child by its job's id."""
        planned = {
            job_id: self._planned(
                work.actor, {name: value for name, value in request.items() if name not in BESIDE},
                cast=request.get("cast", _NOTHING), stand_ins=voices_of(request),
            ).pieces
            for job_id, request in scripts.items()
        }  # fmt: skip
        foresee(work, list(planned.items()), self._ledger)

    def sold(self, actor: Actor, request: Mapping[str, Any]) -> dict[Sold, Mapping[str, Decimal]]:
        """The most that a prepared request takes, as Ledger.foresee() counts it: for what is foreseen together with
        other things."""
        values = {name: value for name, value in request.items() if name not in BESIDE}
        cast = request.get("cast", _NOTHING)
        return sold(self._planned(actor, values, cast=cast, stand_ins=voices_of(request)).pieces)

    def stream(self, actor: Actor, *, format: str = "mp3", **values: Any) -> SpokenStream:
        """Speak, and hear every sentence as soon as it is made; `values` as for speak(). Leaving early ends the job."""
        return self._streams.begin(actor, format, lambda: self.speak(actor, by_sentence=True, paced=True, **values))

    def listen(self, actor: Actor, job_id: str, format: str = "mp3") -> SpokenStream:
        """A speech job from its beginning, made or being made; it goes on when the listener leaves."""
        return self._streams.listen(actor, job_id, format)

    def _written(self, actor: Actor, job: Job) -> _Planned:
        values = {name: value for name, value in job.request.items() if name not in BESIDE}
        cast, by_sentence = job.request.get("cast", _NOTHING), bool(job.request.get(_BY_SENTENCE))
        return self._planned(
            actor, values, cast=cast, by_sentence=by_sentence, stand_ins=voices_of(job.request)
        )  # fmt: skip

    def preview_file(self, actor: Actor, voice_id: str, *, max_usd: Decimal | None = None) -> Path:
        """A cached sample of a voice; made on first listening, as a draft job like everything else. Of a voice that is
        paid for, by cash or by a plan, only where `max_usd` says so and within it; MoneyError otherwise."""
        voice = self.book.find(actor, voice_id)
        cached = self.sample_path(voice)
        if cached.exists():
            return cached
        sample: dict[str, Any] = {
            "text": preview_text(voice), "voice": voice.id, "draft": True, "captions": False,
            "name": f"{voice.name}, sample", "stand_in": "never",
        }  # fmt: skip
        paid = voice.provider != EMBEDDED and bool((said := self.estimate(actor, **sample)).sellers)
        if paid and (max_usd is None or said.usd > max_usd):
            raise MoneyError(
                f"A sample of {voice.name} may cost up to ${said.usd:.4f} or units of your plan, so it is not made unasked.",
                "Press Preview to hear your own words in this voice, or send max_usd to …/ai-voice/preview.",
                "preview_costs",
            )
        with self._lock_of(voice.id):
            if cached.exists():
                return cached
            job = self._sample(actor, voice, sample, max_usd if paid else None)
            ended = self._jobs.wait(actor, job.id, timeout_s=60)
            if ended.status != DONE:
                raise self._jobs.failure(ended) or StudioError("The preview is not ready yet.", "Is a worker running?")
            asset = self._jobs.assets(actor, job.id)[0]
            cached.parent.mkdir(parents=True, exist_ok=True)
            fresh = cached.with_suffix(".tmp")
            shutil.copyfile(self._store.blobs.path(asset.sha256), fresh)
            fresh.replace(cached)
        return cached

    def sample_path(self, voice: Voice) -> Path:
        """Where its sample is, or will be; a voice that learned something new gets another."""
        version = voice.engine.get("version", "")
        return self._settings.cache / "voices" / f"{_NOT_A_NAME.sub('_', voice.id)}{version and f'.{version}'}.wav"

    def _sample(self, actor: Actor, voice: Voice, sample: dict[str, Any], cap_usd: Decimal | None) -> Job:
        """The day's one job for this sample: whoever gave up waiting and asks again must not buy it again."""
        key = f"preview:{voice.id}{voice.engine.get('version', '')}:{today()}"
        job = self.speak(actor, priority="urgent", cap_usd=cap_usd, idempotency_key=key, **sample)
        if job.status in (FAILED, CANCELLED):
            return self._jobs.retry(actor, job.id)
        if job.status == DONE and not self._jobs.assets(actor, job.id):  # made, cleared away, and the cache as well
            key = f"{key}:{new_id('again')}"
            return self.speak(actor, priority="urgent", cap_usd=cap_usd, idempotency_key=key, **sample)
        return job

    def _lock_of(self, voice_id: str) -> threading.Lock:
        with self._locking:
            return self._previews.setdefault(voice_id, threading.Lock())

    def _run(self, work: Work) -> Product:
        planned = self._written(work.actor, work.job)
        request = planned.request
        title = spoken_title(request.text, request.speakers)
        if planned.pieces:
            how = how_of(work.job.request)
            made = piecewise.run(work, request, planned.pieces, self._children, self._ledger, self._plans, title, how)
        else:
            emotions = [each.style.emotion for each in to_speak(request, planned.voice.language)]
            left = ignored(request, self._registry.get(KIND, EMBEDDED).info, emotions)
            made = whole(work, request, find_voice(request.voice), title, left)
            if not request.draft:
                made = grading.whole(work, made, request, planned.voice.language, self._children)
        made = sounded(work, made, request.sound, self._children)
        more = {name: told for name in (_PRESET, _ROUTE, TAKE) if (told := work.job.request.get(name))}
        made = replace(made, config={**made.config, **more}) if more else made
        return replace(made, take=more[TAKE], folder=TAKES_FOLDER) if TAKE in more else made

    def pronunciations(self, actor: Actor, project_id: str = "") -> dict[str, str]:
        """The actor's own dictionary, or the project's."""
        return self._dictionaries.read(actor, project_id)

    def set_pronunciations(self, actor: Actor, words: dict[str, str], project_id: str = "") -> None:
        """Used from now on: the actor's own for every text, a project's for what is spoken in it."""
        self._dictionaries.write(actor, words, project_id)


def spoken_title(text: str, speakers: Mapping[str, str] = _NOTHING) -> str:
    """The first words that are heard: headings and markup are not."""
    from core.voice.text import parse

    return " ".join(" ".join(segment.text for segment in parse(text, speakers=speakers)[:3]).split())[:60]
