"""Who says a speaker's part when the voice that was asked for cannot.

A listener must not get two voices by surprise. `whole`: a speaker has one voice from the first piece to the last; another
steps in only while nothing of that speaker is made, and later the job stops, keeps what it has and may be retried. `mixed`,
where the user said so: another also goes on in the middle, and stays. Neither may cost more than what was said for the
voice asked, unless the job has a cap; and the rest of the script has to fit every cap before a piece of it is bought.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, get_args

from core.jobs.work import Work
from core.kit.errors import MoneyError, StudioError
from core.money.ledger import Ledger
from core.store import attempts, jobs
from core.voice.pieces import KIND, Piece, units
from core.voice.routing.wish import StandIn
from core.voice.types import Voice

STAND_INS = "stand_ins"
"""What a job's request holds beside a SpeechRequest's: {how, voices: {id: [voice, …]}}."""
_ASKED = 0


class Standing:
    """For one run of one job. A voice is told by its number: 0 was asked for, the others may stand in."""

    def __init__(self, work: Work, pieces: Sequence[Piece], how: StandIn, ledger: Ledger) -> None:
        self._work = work
        self._pieces = tuple(pieces)
        self._how = how
        self._ledger = ledger
        self._speaks: dict[str, int] = {}
        self._held = held(work) if any(piece.stand_ins for piece in pieces) else set()

    def begun(self, steps: Mapping[str, tuple[str, int]]) -> None:
        """Who spoke before a crash or a retry goes on speaking. `steps`: (speaker, number of the voice) of every step there
        may be, in the order of the script."""
        for step, (speaker, number) in steps.items():
            if step in self._held and (self._how == "mixed" or speaker not in self._speaks):
                self._speaks[speaker] = number

    def candidates(self, index: int) -> list[tuple[int, Piece]]:
        """In the order in which they are asked. The same voice by another engine changes nothing for a listener."""
        piece = self._pieces[index]
        everyone = [(_ASKED, each) for each in (piece, *piece.instead)]
        everyone += [(number, each) for number, each in enumerate(piece.stand_ins, 1)]
        speaking = self._speaks.get(piece.part.voice)
        if speaking is None:
            return everyone
        same = [each for each in everyone if each[0] == speaking]
        return same + [each for each in everyone if self._how == "mixed" and each[0] != speaking]

    def spoke(self, index: int, number: int) -> None:
        self._speaks[self._pieces[index].part.voice] = number

    def refuses(self, index: int, number: int) -> str:
        """Why this voice may not say the rest of the speaker's part; "": it may."""
        if number == _ASKED:
            return ""
        speaker = self._pieces[index].part.voice
        left = self._pieces[index:]
        after = [each.stand_ins[number - 1] if each.part.voice == speaker else each for each in left]
        try:
            with self._work.store.db.read() as connection:
                root = jobs.find(connection, self._work.job.root_id)
                cap = root.cap_usd if root is not None else None
                cost, said = self._usd(connection, after), self._usd(connection, left)
                if cost > said and cap is None:
                    return f"it would cost up to ${cost:f} where ${said:f} was said, and the job has no cap for that"
                self._ledger.foresee(
                    connection, self._work.actor, root_job_id=self._work.job.root_id, job_cap=cap, kind=KIND,
                    wanted={model: counted for model, counted in units(after).items() if counted},
                )  # fmt: skip
        except MoneyError as error:
            return error.message
        return ""

    def told(self, index: int, error: StudioError) -> StudioError:
        """The error, with what became of the rest and what can be done."""
        piece = self._pieces[index]
        if self._how == "whole" and piece.stand_ins and piece.part.voice in self._speaks:
            error.hint = (
                f"{error.hint} What was spoken before piece {index + 1} of {len(self._pieces)} is kept: retry the job to go on"
                " there. No other voice goes on in the middle unless you allow mixed voices."
            ).strip()
        return error

    def _usd(self, connection: Any, pieces: Sequence[Piece]) -> Decimal:
        quotes = [
            self._ledger.quote(connection, provider, KIND, model, counted)
            for (provider, model), counted in units(pieces).items()
            if counted
        ]
        return sum((quote.usd for quote in quotes), Decimal(0))


def held(work: Work) -> set[str]:
    """Steps of this job that were begun and did not fail."""
    with work.store.db.read() as connection:
        return {each.step for each in attempts.of_job(connection, work.job.id) if each.status != attempts.FAILED}


def how_of(request: Mapping[str, Any]) -> StandIn:
    kept = request.get(STAND_INS)
    how: StandIn = kept.get("how", "never") if isinstance(kept, Mapping) else "never"
    return how if how in get_args(StandIn) else "never"


def voices_of(request: Mapping[str, Any]) -> dict[str, list[Voice]]:
    """As they were found when the script was submitted."""
    kept = request.get(STAND_INS)
    if not isinstance(kept, Mapping) or how_of(request) in ("", "never"):
        return {}
    return {voice_id: [Voice(**one) for one in found] for voice_id, found in kept.get("voices", {}).items()}


def kept(how: StandIn, found: Mapping[str, Sequence[Voice]]) -> dict[str, Any]:
    """What the job's request holds; empty where nobody may stand in."""
    voices = {voice_id: [voice.as_dict() for voice in others] for voice_id, others in found.items() if others}
    return {"how": how, "voices": voices} if voices else {}


def stood_in(asked: Sequence[Piece], spoken: Sequence[Piece]) -> list[dict[str, Any]]:
    """Who really spoke instead of whom, for the asset."""
    told: dict[tuple[str, str], dict[str, Any]] = {}
    for before, after in zip(asked, spoken, strict=True):
        if after.voice.id == before.voice.id:
            continue
        row = {"for": before.voice.id, "for_name": before.voice.name, "voice": after.voice.id, "name": after.voice.name}
        one = told.setdefault((before.voice.id, after.voice.id), row | {"engine": after.engine.info.name, "pieces": 0})
        one["pieces"] += 1
    return list(told.values())
