"""Buying the pieces of a script: which steps they are, what is still to be bought, and who is asked when one cannot."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.calls.metered import Bought
from core.jobs.work import Work
from core.kit.errors import MoneyError, OutcomeUnknown, ProviderError, SetupError, StudioError
from core.money.allowance import PLAN_STOP
from core.money.ledger import Ledger
from core.store import attempts
from core.voice.pieces import KIND, Piece, units

_LATER = {"profile": "", "pitch": 0.0, "range": 1.0}
"""Of an Utterance, what came after scripts were bought in pieces: left as it is by itself, it renames no step."""


def buy(
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
