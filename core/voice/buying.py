"""Buying the pieces of a script: which steps they are, what is still to be bought, and who is asked when one cannot."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from core.calls.asking import Bought
from core.jobs.work import Work
from core.kit.errors import MoneyError, OutcomeUnknown, ProviderError, SetupError, StudioError
from core.money.allowance import PLAN_STOP
from core.money.ledger import Ledger
from core.store import attempts
from core.voice.pieces import KIND, Piece, sold
from core.voice.routing.wish import StandIn
from core.voice.standing import Standing, held

_LATER = {"profile": "", "pitch": 0.0, "range": 1.0}
"""Of an Utterance, what came after scripts were bought in pieces: left as it is by itself, it renames no step."""


def buy(
    work: Work, index: int, standing: Standing, share: tuple[float, float], failovers: list[dict[str, Any]]
) -> tuple[Piece, Bought]:  # fmt: skip
    """By the first engine that can; another is asked only after what is known to have cost nothing. Answers with the
    piece as it was spoken. What was begun with one engine before a crash is not begun again with another."""
    candidates = standing.candidates(index)
    if len(candidates) > 1:
        known = held(work)
        begun = [each for each in candidates if step_of(index, each[1]) in known]
        candidates = begun or candidates
    failure: StudioError | None = None
    if all(number for number, _ in candidates) and (stop := standing.unable(index)) is not None:
        failure = stop
        if standing.first(index):
            failovers.append(_passed(index, standing.piece(index), stop.message))
    for number, each in candidates:
        if why := standing.refuses(index, number):
            failovers.append(_passed(index, each, why))
            continue
        try:
            one = work.buy(
                KIND, each.utterance, provider=each.engine.info.name, model=each.utterance.model,
                step=step_of(index, each), share=share,
            )  # fmt: skip
        except StudioError as error:
            if not _cost_nothing(error):
                raise
            failure = error
            failovers.append(_passed(index, each, error.message))
        else:
            standing.spoke(index, number)
            return each, one
    assert failure is not None
    raise standing.told(index, failure)


def _passed(index: int, piece: Piece, why: str) -> dict[str, Any]:
    return {"piece": index, "engine": piece.engine.info.name, "voice": piece.voice.id, "why": why, "usd": "0"}


def begin(work: Work, pieces: Sequence[Piece], how: StandIn, ledger: Ledger) -> Standing:
    """Who speaks, with what an earlier run of the job has decided."""
    standing = Standing(work, pieces, how, ledger)
    steps = {
        step_of(index, each): (piece.part.voice, number)
        for index, piece in enumerate(pieces)
        if piece.stand_ins
        for number, group in enumerate([(piece, *piece.instead), *((one,) for one in piece.stand_ins)])
        for each in group
    }
    standing.begun(steps)
    standing.look_ahead()
    return standing


def _cost_nothing(error: StudioError) -> bool:
    if isinstance(error, ProviderError):
        return error.cost_nothing and not isinstance(error, OutcomeUnknown)
    return isinstance(error, SetupError) or (isinstance(error, MoneyError) and error.code == PLAN_STOP)


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
            begun = {each.step for each in attempts.of_job(connection, job_id) if each.status != attempts.FAILED}
            left += [
                piece
                for index, piece in enumerate(pieces)
                if not any(step_of(index, each) in begun for each in piece.anyone)
            ]
        ledger.foresee(
            connection, work.actor, root_job_id=work.job.root_id, job_cap=work.job.cap_usd, wanted=sold(left)
        )
