"""Speaking a script with an engine that is asked piece by piece: every piece its own metered call, then one file.

Each piece is a step of the job with attempts of its own, so that a crash, a failure or a retry goes on at the piece where
it stopped and buys none twice.
"""

from __future__ import annotations

from typing import Any

from core.calls.asking import Bought
from core.jobs.registry import Product
from core.jobs.work import Work
from core.kit.children import Children
from core.kit.errors import MoneyError
from core.money.allowance import PLAN_STOP, Plans
from core.money.ledger import Ledger
from core.providers.base import Made, Output
from core.rights import licences
from core.store import charges
from core.store.voices import SOURCE_ROLE
from core.voice import captions
from core.voice.aligning import TRUSTED
from core.voice.buying import begin, buy, foresee, step_of
from core.voice.engine import LicensedByVoice, SpeechEngine
from core.voice.grading import Asked, Graded, graded
from core.voice.joining import Joined, JoinRequest, Take, join
from core.voice.pacing import Pace
from core.voice.pieces import Piece, ignored
from core.voice.routing.wish import StandIn
from core.voice.standing import stood_in
from core.voice.types import SpeechRequest

_SPOKEN = 0.9
"""Where the progress stands when everything is spoken; the rest is joining."""


def run(
    work: Work,
    request: SpeechRequest,
    pieces: list[Piece],
    children: Children,
    ledger: Ledger,
    plans: Plans,
    title: str,
    how: StandIn = "never",
) -> Product:
    """`how`: whether another voice may stand in."""
    if len(pieces) > 1:
        try:
            foresee(work, [(work.job.id, pieces)], ledger)
        except MoneyError as error:  # a plan that sells no more is no end where another voice may stand in
            if error.code != PLAN_STOP or not any(piece.stand_ins for piece in pieces):
                raise
    pace, standing, wished = Pace(work), begin(work, pieces, how, ledger), list(pieces)
    bought: list[Bought] = []
    failovers: list[dict[str, Any]] = []
    spoken, whole = 0, sum(len(piece.utterance.text) for piece in pieces)
    for index, piece in enumerate(pieces):
        share = (_SPOKEN * spoken / whole, _SPOKEN * (spoken + len(piece.utterance.text)) / whole)
        work.stop_if_cancelled()
        if piece.engine.info.paid:
            pace.wait(index)
        pieces[index], one = buy(work, index, standing, share, failovers)
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
    return _product(work, request, pieces, checked, joined, title, plans, failovers, stood_in(wished, pieces))


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
    others: list[dict[str, Any]],
) -> Product:
    main, bought = pieces[0], checked.bought
    own = {str(piece.voice.engine["own"]): piece.voice for piece in pieces if piece.voice.engine.get("own")}
    voice = next((piece.voice for piece in pieces if not piece.part.voice), main.voice)
    facts = {**joined.facts, "words": len(joined.words), "voice": voice.id, "language": voice.language}
    outputs = [Output("primary", work.folder / "speech.wav", "voiceover", facts)]
    if request.captions:
        by_word = joined.confidence is None or joined.confidence >= TRUSTED
        outputs += captions.files(
            work.folder, joined.words, voice.language, joined.duration_s, by_word=by_word,
            spoken_by=tuple(dict.fromkeys(piece.voice.name for piece in pieces)) if others else (),
        )  # fmt: skip
    unacted = (piece.part.emotion for piece in pieces if "emotion" not in piece.engine.info.capabilities)
    config = {
        "provider": bought[0].provider, "model": bought[0].model, "voice": voice.id, "voice_name": voice.name,
        "language": voice.language, "text": request.text,
        "settings": request.model_dump(mode="json", exclude={"text", "voice", "name", "draft"}),
        "seed": request.seed, "pieces": len(pieces), "ignored": ignored(request, main.engine.info, unacted),
        "captions": _timing(joined.confidence) if request.captions else "none", "silent_pieces": list(joined.silent),
        "sections": [{"name": name, "start_s": round(start, 3)} for name, start in joined.sections],
        "failovers": failovers, **({"stood_in": others} if others else {}), **({"quality": checked.quality} if checked.quality else {}),
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


def licence(engine: SpeechEngine, plans: Plans, voice: str) -> str:
    """Of what is made now. `voice`: as in Utterance."""
    on_plan = engine.info.licence_on_plan and plans.commercial(engine.info.name)
    return engine.info.licence_on_plan if on_plan else _usual(engine, voice)


def _usual(engine: SpeechEngine, voice: str) -> str:
    return engine.licence_of(voice) if isinstance(engine, LicensedByVoice) else engine.info.licence


def _licences(work: Work, pieces: list[Piece], checked: Graded, plans: Plans) -> list[str]:
    """As they stood when each piece was bought: a later plan does not clear what was made before it."""
    found = set()
    with work.store.db.read() as connection:
        for piece, one in zip(pieces, checked.bought, strict=True):
            info = piece.engine.info
            charge = charges.by_attempt(connection, one.attempt_id) if info.licence_on_plan else None
            on_plan = charge is not None and plans.bought_commercially(charge)
            found.add(info.licence_on_plan if on_plan else _usual(piece.engine, piece.utterance.voice))
    return sorted(found)
