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
from core.money.allowance import PLAN_STOP
from core.money.ledger import Ledger
from core.store import attempts, jobs
from core.voice.pieces import KIND, Piece, sold, units
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
        self._unable: dict[str, MoneyError] = {}
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
            return [each for each in everyone if each[0] != _ASKED or self.unable(index) is None]
        same = [each for each in everyone if each[0] == speaking]
        return same + [each for each in everyone if self._how == "mixed" and each[0] != speaking]

    def piece(self, index: int) -> Piece:
        """As it was asked for."""
        return self._pieces[index]

    def first(self, index: int) -> bool:
        """Whether nobody has said anything of this speaker's part yet."""
        return self._pieces[index].part.voice not in self._speaks

    def unable(self, index: int) -> MoneyError | None:
        """Why the voice asked for does not begin a speaker's part: its plan does not pay for the whole of it, and it
        would fall silent in the middle."""
        return self._unable.get(self._pieces[index].part.voice)

    def look_ahead(self) -> None:
        """Once, before the first piece: finds who is `unable`."""
        if self._how != "whole":
            return
        with self._work.store.db.read() as connection:
            for speaker in {each.part.voice for each in self._pieces if each.stand_ins} - set(self._speaks):
                try:
                    self._usd(connection, [each for each in self._pieces if each.part.voice == speaker])
                except MoneyError as error:
                    if error.code == PLAN_STOP:
                        self._unable[speaker] = error

    def spoke(self, index: int, number: int) -> None:
        self._speaks[self._pieces[index].part.voice] = number

    def refuses(self, index: int, number: int) -> str:
        """Why this voice may not say the rest of the speaker's part; "": it may."""
        speaker = self._pieces[index].part.voice
        if number == _ASKED or self._speaks.get(speaker) == number:
            return ""
        left = [each for each in self._pieces[index:] if each.part.voice == speaker]
        after = [each.stand_ins[number - 1] for each in left]
        others = [each for each in self._pieces[index:] if each.part.voice != speaker]
        with self._work.store.db.read() as connection:
            root = jobs.find(connection, self._work.job.root_id)
            cap = root.cap_usd if root is not None else None
            try:
                cost = self._usd(connection, after)
                if cost > 0 and cap is None and cost > (said := self._said(connection, left)):
                    return f"it would cost up to ${cost:f} where ${said:f} was said, and the job has no cap for that"
                self._ledger.foresee(
                    connection, self._work.actor, root_job_id=self._work.job.root_id, job_cap=cap,
                    wanted=sold([*after, *(each for each in others if self._sold(connection, each))]),
                )  # fmt: skip
            except StudioError as error:
                return error.message
        return ""

    def _said(self, connection: Any, pieces: Sequence[Piece]) -> Decimal:
        """What the voice asked for would cost; nothing where its plan sells no more, so that no cash takes its place."""
        try:
            return self._usd(connection, pieces)
        except MoneyError:
            return Decimal(0)

    def _sold(self, connection: Any, piece: Piece) -> bool:
        try:
            self._usd(connection, [piece])
        except MoneyError:
            return False
        return True

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
            for (provider, model), counted in _counted(pieces).items()
        ]
        return sum((quote.usd for quote in quotes), Decimal(0))


def _counted(pieces: Sequence[Piece]) -> dict[tuple[str, str], dict[str, Decimal]]:
    return {model: counted for model, counted in units(pieces).items() if counted}


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
