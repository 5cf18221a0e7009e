"""Speaking a script with an engine that is asked piece by piece: every piece its own metered call, then one file.

Each piece is a step of the job with attempts of its own, so that a crash, a failure or a retry goes on at the piece where
it stopped and buys none twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from core.calls.metered import Bought
from core.jobs.registry import Product
from core.jobs.work import Work
from core.kit.children import Children
from core.kit.errors import MoneyError, OutcomeUnknown, ProviderError, SetupError, StudioError, UserError
from core.money.allowance import PLAN_STOP, Plans
from core.money.ledger import Ledger
from core.providers.base import Made, Output, ProviderInfo
from core.providers.registry import Registry
from core.rights import licences
from core.store import attempts, charges
from core.store.voices import SOURCE_ROLE
from core.voice import captions
from core.voice.aligning import TRUSTED
from core.voice.engine import CONTROLS, SpeechEngine, Utterance
from core.voice.grading import Asked, Graded, graded
from core.voice.joining import Joined, JoinRequest, Take, join
from core.voice.pacing import Pace
from core.voice.parts import Part, parts
from core.voice.pronunciation import dictionary
from core.voice.text import draft, parse
from core.voice.types import SpeechRequest, Voice

KIND = "speech"
_LATER = {"profile": "", "pitch": 0.0, "range": 1.0}
"""Of an Utterance, what came after scripts were bought in pieces: left as it is by itself, it renames no step."""
_SPOKEN = 0.9
"""Where the progress stands when everything is spoken; the rest is joining."""


@dataclass(frozen=True)
class Piece:
    part: Part
    voice: Voice
    engine: SpeechEngine
    utterance: Utterance
    instead: tuple[Piece, ...] = ()
    """The same words by other engines that know the voice, for when this one cannot."""

    @property
    def price_group(self) -> tuple[str, str]:
        return self.engine.info.name, self.utterance.model


def plan(
    request: SpeechRequest, find: Callable[[str], Voice], registry: Registry, *, each_sentence: bool = False
) -> list[Piece]:
    """Every request that will be made. UserError for what cannot be spoken. `each_sentence`: for a listener who hears it
    while it is made."""
    main = find(request.voice)
    segments = parse(request.text, main.language, request.speakers)
    segments = draft(segments) if request.draft else segments
    cast = {name: _able(find(name) if name else main) for name in {segment.style.voice for segment in segments}}
    check_model(request.model, registry.get(KIND, main.provider).info)
    everyone = [voice for able in cast.values() for voice in able]
    engines = {voice.provider: _engine(registry, voice) for voice in everyone}
    models = {name: _model(request, engine, main) for name, engine in engines.items()}
    longest = min(engine.longest(models[name]) for name, engine in engines.items())

    def piece(part: Part, voice: Voice) -> Piece:
        engine = engines[voice.provider]
        return Piece(part, voice, engine, _utterance(request, part, voice, engine, models[voice.provider]))

    pieces = []
    for part in parts(segments, request, dictionary(request.pronunciations), longest, each_sentence=each_sentence):
        first, *others = cast[part.voice]
        instead = tuple(piece(part, voice) for voice in others)
        pieces.append(replace(piece(part, first), instead=instead))
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


def _engine(registry: Registry, voice: Voice) -> SpeechEngine:
    engine: Any = registry.route(KIND, voice.provider)[0]
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


def run(
    work: Work,
    request: SpeechRequest,
    pieces: list[Piece],
    children: Children,
    ledger: Ledger,
    plans: Plans,
    title: str,
) -> Product:
    if len(pieces) > 1:
        _foresee(work, pieces, ledger)
    pace = Pace(work)
    bought: list[Bought] = []
    failovers: list[dict[str, Any]] = []
    spoken, whole = 0, sum(len(piece.utterance.text) for piece in pieces)
    for index, piece in enumerate(pieces):
        share = (_SPOKEN * spoken / whole, _SPOKEN * (spoken + len(piece.utterance.text)) / whole)
        work.stop_if_cancelled()
        if piece.engine.info.paid:
            pace.wait(index)
        pieces[index], one = _buy(work, index, piece, share, failovers)
        bought.append(one)
        spoken += len(piece.utterance.text)
    asked = [Asked(one.engine.info, one.utterance, one.voice.language, step_of(n, one)) for n, one in enumerate(pieces)]
    checked = Graded(tuple(bought), (), {}) if request.draft else graded(work, asked, bought, children, request.seed)
    bought = list(checked.bought)
    takes = tuple(take_of(piece, one.made) for piece, one in zip(pieces, bought, strict=True))
    out = work.folder / "speech.wav"
    joined: Joined = children.run(
        join, JoinRequest(takes, out, request.volume_db, request.captions), cancelled=work.cancelled,
        progress=lambda stage, fraction: work.progress(stage, _SPOKEN + (1 - _SPOKEN) * fraction),
        timeout_s=120.0 + whole / 5,
    )  # fmt: skip
    return _product(work, request, pieces, checked, joined, title, plans, failovers)


def _buy(
    work: Work, index: int, piece: Piece, share: tuple[float, float], failovers: list[dict[str, Any]]
) -> tuple[Piece, Bought]:  # fmt: skip
    """By the first engine that can; another is asked only after what is known to have cost nothing. Answers with the
    piece as it was spoken. What was begun with one engine before a crash is not begun again with another."""
    candidates = [piece, *piece.instead]
    if piece.instead:
        held = _held(work)
        begun = [each for each in candidates if step_of(index, each) in held]
        candidates = begun or candidates
    for number, each in enumerate(candidates):
        try:
            one = work.buy(
                KIND, each.utterance, provider=each.engine.info.name, model=each.utterance.model,
                step=step_of(index, each), share=share,
            )  # fmt: skip
            return each, one
        except StudioError as error:
            if number == len(candidates) - 1 or not _cost_nothing(error):
                raise
            failovers.append({"piece": index, "engine": each.engine.info.name, "why": error.message})
    raise AssertionError("there is always a candidate")


def _cost_nothing(error: StudioError) -> bool:
    if isinstance(error, ProviderError):
        return error.cost_nothing and not isinstance(error, OutcomeUnknown)
    return isinstance(error, SetupError) or (isinstance(error, MoneyError) and error.code == PLAN_STOP)


def _held(work: Work) -> set[str]:
    """Steps of this job that were begun and did not fail."""
    with work.store.db.read() as connection:
        return {each.step for each in attempts.of_job(connection, work.job.id) if each.status != attempts.FAILED}


def step_of(index: int, piece: Piece) -> str:
    """Also by what is said and how: should a script ever be cut otherwise than at the first try, nothing bought then is
    taken for something else."""
    given = asdict(piece.utterance).items()
    settings = {name: value for name, value in given if name not in _LATER or value != _LATER[name]}
    said = json.dumps(settings, sort_keys=True, ensure_ascii=False)
    return f"part:{index}:{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def _foresee(work: Work, pieces: Sequence[Piece], ledger: Ledger) -> None:
    foresee(work, [(work.job.id, pieces)], ledger)


def foresee(work: Work, scripts: Sequence[tuple[str, Sequence[Piece]]], ledger: Ledger) -> None:
    """MoneyError before anything is bought where a cap has no room for the whole. `scripts`: (id of the job that buys it,
    its pieces). What is still to be bought counts: after a crash or a failure the earlier pieces are held already."""
    left: list[Piece] = []
    with work.store.db.read() as connection:
        for job_id, pieces in scripts:
            held = {each.step for each in attempts.of_job(connection, job_id) if each.status != attempts.FAILED}
            left += [piece for index, piece in enumerate(pieces) if step_of(index, piece) not in held]
        wanted = {model: counted for model, counted in units(left).items() if counted}
        ledger.foresee(
            connection, work.actor, root_job_id=work.job.root_id, job_cap=work.job.cap_usd, kind=KIND, wanted=wanted
        )


def take_of(piece: Piece, made: Made) -> Take:
    part = piece.part
    timed = made.facts.get("words")
    return Take(
        path=made.outputs[0].path, text=part.text, written=part.written, places=part.places,
        offsets=part.offsets, ends=part.ends,
        words=None if timed is None else tuple((int(a), int(b), float(c), float(d)) for a, b, c, d in timed),
        speed=part.speed / piece.utterance.speed, pitch=part.pitch - piece.utterance.pitch, before_ms=part.before_ms, after_ms=part.after_ms,
        section=part.section, name=piece.engine.info.title,
        # A voice of many languages is listed under English; its text says more by its script.
        language="" if piece.voice.language == "en" else piece.voice.language,
    )  # fmt: skip


def _product(
    work: Work,
    request: SpeechRequest,
    pieces: list[Piece],
    checked: Graded,
    joined: Joined,
    title: str,
    plans: Plans,
    failovers: list[dict[str, Any]],
) -> Product:
    main, bought = pieces[0], checked.bought
    own = {str(piece.voice.engine["own"]): piece.voice for piece in pieces if piece.voice.engine.get("own")}
    voice = next((piece.voice for piece in pieces if not piece.part.voice), main.voice)
    facts = {**joined.facts, "words": len(joined.words), "voice": voice.id, "language": voice.language}
    outputs = [Output("primary", work.folder / "speech.wav", "voiceover", facts)]
    if request.captions:
        by_word = joined.confidence is None or joined.confidence >= TRUSTED
        outputs += captions.files(work.folder, joined.words, voice.language, joined.duration_s, by_word=by_word)
    unacted = (piece.part.emotion for piece in pieces if "emotion" not in piece.engine.info.capabilities)
    config = {
        "provider": bought[0].provider, "model": bought[0].model, "voice": voice.id, "voice_name": voice.name,
        "language": voice.language, "text": request.text,
        "settings": request.model_dump(mode="json", exclude={"text", "voice", "name", "draft"}),
        "seed": request.seed, "pieces": len(pieces), "ignored": ignored(request, main.engine.info, unacted),
        "captions": _timing(joined.confidence) if request.captions else "none", "silent_pieces": list(joined.silent),
        "sections": [{"name": name, "start_s": round(start, 3)} for name, start in joined.sections],
        "failovers": failovers, **({"quality": checked.quality} if checked.quality else {}),
        "requests": [str(one.made.facts["request_id"]) for one in bought if one.made.facts.get("request_id")],
    }  # fmt: skip
    return Product(
        outputs=tuple(outputs), name=request.name or title, source="cloned" if own else "tts", config=config,
        licence=licences.combined(
            [licences.record(licence) for licence in _licences(work, pieces, checked, plans)]
            + [voice.engine["licence"] for voice in own.values()]
        ),
        sources=tuple((voice_id, SOURCE_ROLE) for voice_id in own), draft=request.draft, provider=bought[0].provider,
    )  # fmt: skip


def _timing(confidence: float | None) -> str:
    if confidence is None:
        return "timed by the engine"
    if confidence >= TRUSTED:
        return f"aligned to the sound, confidence {confidence:.2f}"
    return f"by the sentence: an alignment of words had a confidence of {confidence:.2f}"


def licence(info: ProviderInfo, plans: Plans) -> str:
    """Of what is made now."""
    on_plan = info.licence_on_plan and plans.commercial(info.name)
    return info.licence_on_plan if on_plan else info.licence


def _licences(work: Work, pieces: list[Piece], checked: Graded, plans: Plans) -> list[str]:
    """As they stood when each piece was bought: a later plan does not clear what was made before it."""
    found = set()
    with work.store.db.read() as connection:
        for piece, one in zip(pieces, checked.bought, strict=True):
            info = piece.engine.info
            charge = charges.by_attempt(connection, one.attempt_id) if info.licence_on_plan else None
            on_plan = charge is not None and plans.bought_commercially(charge)
            found.add(info.licence_on_plan if on_plan else info.licence)
    return sorted(found)
