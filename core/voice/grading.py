"""Every speech job's result held against its text, piece by piece; and one more try for a piece that failed.

A second try is bought only where the engine draws lots, the user chose no seed, and somebody agreed to more than the
estimate said: a paid engine needs a cap on the job. It comes after all pieces are there, so that it can never take the money
that the rest of the script needs, and is a step of its own with an attempt and a charge of its own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.calls.asking import Bought
from core.jobs.registry import Product
from core.jobs.work import Work
from core.kit.children import Children
from core.kit.errors import Cancelled, OutcomeUnknown, StudioError
from core.providers.base import ProviderInfo
from core.store import attempts, charges, jobs
from core.voice.engine import Utterance
from core.voice.passage import to_speak
from core.voice.quality import CHECKS, AssessRequest, TakeQuality, assess_file, better
from core.voice.text import Segment
from core.voice.types import SpeechRequest

_TIMEOUT_S = 120.0
_ORDER = ("good", "not assessed", "doubtful", "failed")


@dataclass(frozen=True)
class Asked:
    """One piece as it was bought."""

    info: ProviderInfo
    utterance: Utterance
    language: str
    step: str


@dataclass(frozen=True)
class Graded:
    bought: tuple[Bought, ...]
    """Of each piece the take that is used."""
    unused: tuple[Bought, ...]
    """Takes that were bought as well; their charges stand."""
    quality: dict[str, Any]


def graded(
    work: Work, asked: Sequence[Asked], bought: Sequence[Bought], children: Children, seed: int | None
) -> Graded:
    """`seed`: the user's own, which is never replaced by another."""
    used, unused = list(bought), []
    told = [_assessed(work, piece, one, children) for piece, one in zip(asked, bought, strict=True)]
    again: list[dict[str, Any]] = []
    for index, piece in enumerate(asked):
        if told[index].state != "failed" or "seed" not in piece.info.capabilities or seed is not None:
            continue
        why = _forbidden(work, piece)
        second = None
        if not why:
            second, why = _second(work, piece)
        row: dict[str, Any] = {"piece": index + 1, "first": told[index].as_dict(), "taken": "first", "why_not": why}
        if second is not None:
            found = _assessed(work, piece, second, children)
            takes = better(told[index], found)
            row |= {"second": found.as_dict(), "taken": "second" if takes else "first"}
            unused.append(used[index] if takes else second)
            if takes:
                used[index], told[index] = second, found
        again.append(row)
    return Graded(tuple(used), tuple(unused), summary(told) | {"again": again})


def _assessed(work: Work, piece: Asked, bought: Bought, children: Children) -> TakeQuality:
    said = piece.utterance
    words = bought.made.facts.get("words")
    request = AssessRequest(
        bought.made.outputs[0].path, said.text, said.language or piece.language, said.speed,
        None if words is None else tuple((int(a), int(b), float(c), float(d)) for a, b, c, d in words),
    )  # fmt: skip
    return _in_child(work, request, children)


def _in_child(work: Work, request: AssessRequest, children: Children) -> TakeQuality:
    try:
        found: TakeQuality = children.run(assess_file, request, cancelled=work.cancelled, timeout_s=_TIMEOUT_S)
    except Cancelled:
        raise
    except StudioError:
        return TakeQuality("not assessed", (), CHECKS, {})  # what was paid for must not be lost for a look at it
    return found


def _forbidden(work: Work, piece: Asked) -> str:
    """Why no second take is bought; "" where it may be."""
    step = _again(piece)
    with work.store.db.read() as connection:
        if piece.info.paid and work.job.id != work.job.root_id:
            return "What the other chapters need comes first: retakes are bought one by one, afterwards."
        root = jobs.find(connection, work.job.root_id)
        if piece.info.paid and (root is None or root.cap_usd is None):
            return "It would cost more than the estimate said, and the job has no cap that allows for it."
        for attempt in attempts.of_job(connection, work.job.id, step):
            charge = charges.by_attempt(connection, attempt.id)
            if attempt.status == attempts.FAILED and charge is not None and charge.status == charges.SETTLED:
                return "A second take was billed before, and did not arrive."
    return ""


def _again(piece: Asked) -> str:
    return f"{piece.step}:again"


def _second(work: Work, piece: Asked) -> tuple[Bought | None, str]:
    # From the step, so that a job that goes on after a crash asks for the very same thing.
    seed = int(hashlib.sha256(piece.step.encode()).hexdigest()[:7], 16)
    try:
        return work.buy(
            "speech", replace(piece.utterance, seed=seed), provider=piece.info.name, model=piece.utterance.model,
            step=_again(piece), share=(0.9, 0.9),
        ), ""  # fmt: skip
    except (Cancelled, OutcomeUnknown):
        raise
    except StudioError as error:
        return None, error.message  # no room under a cap, or refused for nothing: the first take is there


def summary(told: Sequence[TakeQuality]) -> dict[str, Any]:
    """What the asset remembers: the worst state, every finding with its piece (from 1), and what could not be told."""
    findings = [
        {"piece": number, **finding}
        for number, one in enumerate(told, start=1)
        for finding in one.as_dict()["findings"]
    ]
    unknown = sorted({name for one in told for name in one.not_assessed}, key=CHECKS.index)
    state = max((one.state for one in told), key=_ORDER.index, default="not assessed")
    return {"state": state, "findings": findings, "not_assessed": unknown, "pieces": len(told)}


def whole(work: Work, product: Product, request: SpeechRequest, language: str, children: Children) -> Product:
    """For an engine that reads a script in one go: the result is the take."""
    segments = to_speak(request, language)
    primary = next(output for output in product.outputs if output.role == "primary")
    asked = AssessRequest(
        primary.path, " ".join(segment.text for segment in segments), language, request.speed * _pace(segments),
        asked_pause_s=_longest_pause_s(segments, request),
    )  # fmt: skip
    quality = summary([_in_child(work, asked, children)])
    return replace(product, config=dict(product.config) | {"quality": quality})


def _pace(segments: Sequence[Segment]) -> float:
    """Of the whole script, by what its markup asks for."""
    letters = sum(len(segment.text) for segment in segments)
    time = sum(len(segment.text) / segment.style.speed for segment in segments)
    return letters / time if time else 1.0


def _longest_pause_s(segments: Sequence[Segment], request: SpeechRequest) -> float:
    given = [each for segment in segments for each in (segment.pause_before_ms, segment.pause_after_ms or 0)]
    # Before and after may meet at one place.
    return (2 * max(given, default=0) + max(request.sentence_pause_ms, request.paragraph_pause_ms)) / 1000
