"""Best of several: a piece is scored, and while its score is too low made again with another seed, within the budget. Once
the first was not good enough, the engine is told all seeds that are left, and may make them in one go."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from core.calls.asking import Bought
from core.jobs.work import Work
from core.kit.children import Children
from core.kit.errors import MoneyError, ProviderError
from core.music.quality.agreement import Agreement
from core.music.quality.choosing import best, verdict
from core.music.quality.scoring import score_file
from core.music.quality.types import Asked, Score
from core.music.receiving import received
from core.music.types import BESIDE, TRY, MusicRequest
from core.providers.base import Output

_SEEDS = 2**31
_STEP = 104_729
"""Between the seeds of tries: a prime, so that they meet no neighbour that somebody else tries by hand."""
MADE = 0.88
"""Of a try's progress; the rest is listening to what came."""


@dataclass(frozen=True)
class Try:
    request: MusicRequest
    bought: Bought
    outputs: tuple[Output, ...]
    score: Score | None


Buy = Callable[[MusicRequest, str, tuple[float, float], tuple[int, ...]], Bought]
"""(request, step, share of the progress, seeds that may be wanted too)"""


def best_try(
    work: Work, request: MusicRequest, buy: Buy, children: Children, agreement: Agreement | None
) -> tuple[Try, dict[str, Any]]:
    """The try that is kept, and what its recipe tells of the quality. A draft is not scored. The first try's errors are the
    job's; a later one that a cap refuses or that fails ends the tries, and the best so far is kept."""
    tries: list[Try] = []
    made_already: list[Bought] = []
    why = ""
    most = request.best_of if not request.draft else 1
    for number in range(most):
        low, high = number / request.best_of, (number + 1) / request.best_of
        wanted = request if not number else request.model_copy(update={"seed": _seed(request, number)})
        try:
            if not made_already:
                left = tuple(_seed(request, later) for later in range(number + 1, most)) if number else ()
                share = (low, low + (high - low) * MADE)
                made_already = _apart(buy(wanted, f"again:{number}" if number else "main", share, left))
            bought = made_already.pop(0)
            work.progress("Listening", low + (high - low) * MADE)
            made = _heard(work, wanted, bought, children, agreement)
        except (MoneyError, ProviderError) as error:
            if not tries or (isinstance(error, ProviderError) and not error.cost_nothing):
                raise
            why = f"No further try: {error.message}"
            break
        tries.append(made)
        if made.score is None or not verdict(made.score, request.min_score).again:
            break
    scores = [each.score for each in tries if each.score is not None]
    if not scores:
        return tries[0], {}
    chosen = best(scores)
    kept = tries[chosen.index]
    assert kept.score is not None
    judged = verdict(kept.score, request.min_score)
    told = kept.score.as_dict() | {
        "score": kept.score.total, "below": judged.again, "why": judged.reason, "tries": [each.total for each in scores],
        "choice": " ".join(part for part in (chosen.reason if len(scores) > 1 else "", why) if part),
    }  # fmt: skip
    return kept, {"quality": told}


def _apart(bought: Bought) -> list[Bought]:
    """What came in one go, one by one: as if each had been asked for by itself."""
    made = bought.made
    further = [each for each in made.outputs if each.role.startswith(TRY)]
    own = tuple(each for each in made.outputs if not each.role.startswith(TRY))
    facts = {name: value for name, value in made.facts.items() if name != BESIDE}
    first = replace(bought, made=replace(made, outputs=own, facts=facts))
    return [first] + [
        replace(bought, made=replace(made, outputs=(replace(each, role="primary"),), facts=told))
        for each, told in zip(further, made.facts.get(BESIDE, ()), strict=True)
    ]


def _heard(
    work: Work, request: MusicRequest, bought: Bought, children: Children, agreement: Agreement | None
) -> Try:  # fmt: skip
    primary, *rest = bought.made.outputs
    told = "peaks" in primary.facts
    facts = primary.facts
    primary = received(primary, request, children, work.cancelled)
    score = None
    if not request.draft:
        # What an engine says it chose counts as asked for, where nobody asked for something else.
        own = {name: facts.get(name) for name in ("bpm", "key", "genre")} if told else {}
        asked = {**own, **{n: v for n, v in request.model_dump(mode="json").items() if v is not None}}
        try:
            score = score_file(children, primary.path, Asked.of(asked), agreement=agreement, cancelled=work.cancelled)
        except ProviderError:
            score = None  # a piece is not lost because its listener died
    return Try(request, bought, (primary, *rest), score)


def _seed(request: MusicRequest, number: int) -> int:
    return ((request.seed or 0) + number * _STEP) % _SEEDS
