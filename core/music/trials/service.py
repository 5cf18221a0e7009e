"""A/B trials of music: made as one batch under one cap, heard blind at one level, chosen, revealed, one kept."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.kit.actor import Actor
from core.kit.clock import new_id
from core.kit.errors import UserError
from core.kit.words import one_line
from core.music.engine import KIND
from core.music.filling import Fill, checked, from_preset
from core.music.service import Music
from core.music.trials.blind import Heard, letters, level_gain_db, write_at
from core.music.trials.evidence import of_trials, pairs_of
from core.music.trials.habits import MOST_PIECES, habits
from core.music.trials.optimiser import Proposal, propose
from core.music.trials.planning import FIELDS, Plan, planned, values_of
from core.music.trials.rates import Rate, bradley_terry, rates
from core.store import assets, jobs, tastes, trials
from core.store.assets import Asset
from core.store.jobs import DONE, Job
from core.store.store import Store
from core.store.trials import Choice, TrialRow

_SUBJECT = "trials"
_NOTE = 1000


@dataclass(frozen=True)
class Price:
    """Before anything is queued."""

    plan: Plan
    usd: Decimal
    """The most all variants can cost together."""
    each: tuple[Decimal, ...]
    lengths_s: tuple[float, ...]

    @property
    def seconds(self) -> float:
        return sum(self.lengths_s)


@dataclass(frozen=True)
class Blind:
    """What a listener sees before choosing, in an order of his own."""

    trial: TrialRow
    heard: tuple[Heard, ...]
    live: bool
    stage: str
    fraction: float
    eta_s: float | None
    choice: Choice | None


@dataclass(frozen=True)
class Variant:
    number: int
    letter: str
    """As the one who asks heard it."""
    values: dict[str, Any]
    status: str
    error: str
    piece: Asset | None
    wins: int
    strength: float | None
    """By Bradley-Terry, where there are pairs."""


@dataclass(frozen=True)
class Result:
    trial: TrialRow
    variants: tuple[Variant, ...]
    choices: tuple[Choice, ...]
    rates: tuple[Rate, ...]


class Trials:
    def __init__(
        self, store: Store, music: Music, submit: Callable[..., Job], discard: Callable[[Actor, Sequence[str]], int],
        fill: Fill = from_preset,
    ) -> None:  # fmt: skip
        """`submit`: makes a batch; `discard`: moves assets to the bin. Both live above or beside this service."""
        self._store = store
        self._music = music
        self._submit = submit
        self._discard = discard
        self.fill = fill
        self.keep_given: Callable[[Actor, Variant], None] = lambda actor, variant: None
        """What keeping a variant means where it is a draft of something given: set by core.app."""

    def estimate(
        self, actor: Actor, *, base: Mapping[str, Any] | None = None, grid: Mapping[str, Sequence[Any]] | None = None,
        variants: Sequence[Mapping[str, Any]] = (), count: int | None = None,
    ) -> Price:  # fmt: skip
        """What start() with the same values would compare, and cost at most."""
        base, plan = self._plan(actor, base, grid, variants, count)
        found = [self._music.estimate(actor, **self._values(actor, base, own)) for own in plan.variants]
        each = tuple(one.usd for one in found)
        return Price(plan, sum(each, Decimal(0)), each, tuple(one.seconds for one in found))

    def start(
        self, actor: Actor, *, name: str = "", base: Mapping[str, Any] | None = None,
        grid: Mapping[str, Sequence[Any]] | None = None, variants: Sequence[Mapping[str, Any]] = (),
        count: int | None = None, cap_usd: Decimal | None = None, at_once: int | None = None, priority: str = "normal",
        idempotency_key: str | None = None,
    ) -> TrialRow:  # fmt: skip
        """`base`: what all variants share, with the names of a music request; its `template` gives what it leaves open, and
        every variant counts as a use of it. Without a seed, the template's or one that is drawn here is shared, so that
        nothing differs but what is compared. `grid`: values by name; `variants`: each written out. Without
        a cap of its own it may cost what estimate() says."""
        base, plan = self._plan(actor, base, grid, variants, count)
        if cap_usd is None:
            usd = sum(
                (self._music.estimate(actor, **self._values(actor, base, own)).usd for own in plan.variants), Decimal(0)
            )
            cap_usd = usd or None
        title = one_line(name, 100) or f"Trial of {', '.join(plan.axes) or 'variants'}"
        items = []
        for number, own in enumerate(plan.variants, 1):
            values = self._values(actor, base, own) | {"name": f"{title} {number}"}
            request = self._music.request(actor, cap_usd=cap_usd, **values)
            items.append({"kind": KIND, "request": request, "title": f"{title} {number}"[:60]})
        return self._begun(
            actor, items, title, base, plan.axes, plan.variants, at_once=at_once, priority=priority, cap_usd=cap_usd,
            idempotency_key=idempotency_key,
        )  # fmt: skip

    def given(
        self, actor: Actor, items: Sequence[Mapping[str, Any]], *, name: str, under: Mapping[str, Any], axis: str,
        values: Sequence[Mapping[str, Any]], priority: str = "normal", idempotency_key: str | None = None,
    ) -> TrialRow:  # fmt: skip
        """Of what is there already: each item is a job that makes a draft of one of `values` ({name, …}) heard under
        something. Nothing is learnt of it about requests of music; its owner keeps the value, not the draft."""
        variants = [{axis: dict(each)} for each in values]
        return self._begun(
            actor, [dict(each) for each in items], name, {"under": dict(under)}, {axis: [each[axis] for each in variants]},
            variants, priority=priority, idempotency_key=idempotency_key,
        )  # fmt: skip

    def _begun(
        self, actor: Actor, items: list[dict[str, Any]], title: str, base: dict[str, Any], axes: dict[str, list[Any]],
        variants: list[dict[str, Any]], **how: Any,
    ) -> TrialRow:  # fmt: skip
        job = self._submit(actor, items, title=title, **how)
        with self._store.db.exclusive(_SUBJECT) as connection:
            known = trials.by_job(connection, job.id)
            if known is not None:
                return known
            trial_id = new_id("trial")
            trials.add(
                connection, actor, trial_id, name=title, job_id=job.id, base=base, axes=axes, variants=variants,
                salt=secrets.token_hex(16),
            )  # fmt: skip
            return trials.get(connection, actor, trial_id)

    def _values(self, actor: Actor, base: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
        return checked(values_of(base, own, lambda name, values: self.fill(actor, name, values)))

    def _plan(
        self, actor: Actor, base: Mapping[str, Any] | None, grid: Mapping[str, Sequence[Any]] | None,
        variants: Sequence[Mapping[str, Any]], count: int | None,
    ) -> tuple[dict[str, Any], Plan]:  # fmt: skip
        shared = {"stems": False} | {name: value for name, value in dict(base or {}).items() if value not in (None, "")}
        foreign = next((name for name in shared if name not in FIELDS), None)
        if foreign is not None:
            raise UserError(f"There is no {foreign[:40]!r} to ask of music.", f"Choose among: {', '.join(FIELDS)}.")
        seed = shared.get("seed")
        plan = planned(dict(grid or {}), count, variants, seed if isinstance(seed, int) else 0)
        if (
            "seed" not in shared
            and "seed" not in plan.variants[0]
            and self._values(actor, shared, {}).get("seed") is None
        ):
            shared["seed"] = secrets.randbelow(2**31)
        return shared, plan

    def listing(self, actor: Actor) -> list[TrialRow]:
        """One's own and what was shared with one, the newest first."""
        with self._store.db.read() as connection:
            return trials.listing(connection, actor)

    def get(self, actor: Actor, trial_id: str) -> TrialRow:
        with self._store.db.read() as connection:
            return trials.get(connection, actor, trial_id)

    def show(self, actor: Actor, trial_id: str) -> Blind:
        """No names, no parameters: letters in an order that is this listener's own."""
        with self._store.db.read() as connection:
            trial = trials.get(connection, actor, trial_id)
            parent = jobs.find(connection, trial.job_id)
            children = {child.id: child for child in jobs.children(connection, trial.job_id)}
            pieces = self._pieces(connection, trial)
            choice = trials.choice_of(connection, trial.id, actor.user_id)
        quietest = level_gain_db([piece.lufs for piece in pieces.values()])
        heard = []
        for letter, number in letters(trial.salt, actor.user_id, len(trial.variants)).items():
            child, piece = children.get(f"{trial.job_id}/{number}"), pieces.get(number)
            status = "waiting" if child is None else "gone" if child.status == DONE and piece is None else child.status
            heard.append(
                Heard(
                    letter, number, status, child.stage if child else "", child.fraction if child else 0.0,
                    child.eta_s if child else None, piece.duration_s if piece else None, tuple(piece.peaks) if piece else (),
                    quietest(piece.lufs) if piece else 0.0,
                )
            )  # fmt: skip
        live = parent is not None and not parent.ended
        return Blind(
            trial, tuple(heard), live, parent.stage if parent else "", parent.fraction if parent else 1.0,
            parent.eta_s if live and parent else None, choice,
        )  # fmt: skip

    def _pieces(self, connection: Any, trial: TrialRow) -> dict[int, Asset]:
        """Of every variant that can be heard, by number. Whoever may hear the trial may hear them; they are not shown as
        assets."""
        found = {}
        for number in range(1, len(trial.variants) + 1):
            made = assets.of_job(connection, f"{trial.job_id}/{number}")
            piece = next((each for each in made if each.role == "primary" and each.deleted_at is None), None)
            if piece is not None:
                found[number] = piece
        return found

    def sound(self, actor: Actor, trial_id: str, letter: str, path: Path) -> Path:
        """A WAV of what bears this letter for this listener, turned down to the quietest variant's loudness, without any
        of the file's own marks."""
        blind = self.show(actor, trial_id)
        heard = self._lettered(blind, letter)
        if heard.seconds is None:
            raise UserError(f"{letter} cannot be heard: it is {heard.status}.", "Wait until it is made.", "not_ready")
        with self._store.db.read() as connection:
            piece = self._pieces(connection, blind.trial)[heard.number]
        return write_at(self._store.blobs.path(piece.sha256), path, heard.gain_db)

    @staticmethod
    def _lettered(blind: Blind, letter: str) -> Heard:
        wanted = str(letter).strip().upper()
        for heard in blind.heard:
            if heard.letter == wanted:
                return heard
        raise UserError(
            f"There is no variant {wanted[:10]!r}.", f"Choose one of: {', '.join(h.letter for h in blind.heard)}."
        )

    def choose(
        self, actor: Actor, trial_id: str, *, winner: str = "", tie: bool = False, pairs: Sequence[tuple[str, str]] = (),
        rating: int | None = None, note: str = "",
    ) -> Result:  # fmt: skip
        """Once a listener, by the letters he heard; then all is revealed to him. `pairs`: (better, worse)."""
        blind = self.show(actor, trial_id)
        if blind.live:
            raise UserError("It is still being made.", "Listen to all of it before you choose.", "not_ready")
        ready = [heard for heard in blind.heard if heard.seconds is not None]
        if len(ready) < 2:
            raise UserError(
                "Fewer than two variants can be heard.", "Resume the batch, or start another trial.", "too_few"
            )
        if sum((bool(winner), tie)) > 1 or not (winner or tie or pairs):
            raise UserError("Choose one winner, or a tie, or pairs.", "Give winner, tie, or pairs.", "no_choice")
        if rating is not None and not 1 <= rating <= 5:
            raise UserError(f"rating = {rating} cannot be used.", "Give 1 to 5, or none.")
        for pair in pairs:
            if len(pair) != 2 or pair[0].strip().upper() == pair[1].strip().upper():
                raise UserError("A pair is two different letters.", "Give the better one first.", "bad_pair")
        for letter in {letter for letter in (winner, *(letter for pair in pairs for letter in pair)) if letter}:
            if self._lettered(blind, letter) not in ready:
                raise UserError(f"{letter} could not be heard.", "Choose one that could.", "not_ready")
        number = self._lettered(blind, winner).number if winner else None
        ranked = [[self._lettered(blind, letter).number for letter in pair] for pair in pairs]
        with self._store.db.exclusive(_SUBJECT) as connection:
            if trials.choice_of(connection, trial_id, actor.user_id) is not None:
                raise UserError("You chose already, and know now which is which.", "Start another trial.", "chosen")
            trials.choose(
                connection, trial_id, actor.user_id, winner=number, tie=tie, pairs=ranked,
                heard=[heard.number for heard in ready], rating=rating, note=one_line(note, _NOTE),
            )  # fmt: skip
        return self.result(actor, trial_id)

    def result(self, actor: Actor, trial_id: str) -> Result:
        """Only after one's own choice: what is known cannot be heard blind."""
        with self._store.db.read() as connection:
            trial = trials.get(connection, actor, trial_id)
            if trials.choice_of(connection, trial_id, actor.user_id) is None:
                raise UserError("Choose first: then it is told which is which.", "Listen, then choose.", "blind")
            chosen = trials.choices_of(connection, [trial_id])
            children = {child.id: child for child in jobs.children(connection, trial.job_id)}
            pieces = self._pieces(connection, trial)
        strengths = bradley_terry([(str(better), str(worse)) for each in chosen for better, worse in each.pairs])
        found = []
        for letter, number in letters(trial.salt, actor.user_id, len(trial.variants)).items():
            child = children.get(f"{trial.job_id}/{number}")
            found.append(
                Variant(
                    number, letter, dict(trial.variants[number - 1]), child.status if child else "waiting",
                    str((child.error or {}).get("message", "")) if child else "", pieces.get(number),
                    sum(each.winner == number for each in chosen), strengths.get(str(number)),
                )
            )  # fmt: skip
        found.sort(key=lambda each: (-each.wins, each.number))
        return Result(trial, tuple(found), tuple(chosen), tuple(rates(of_trials([trial], chosen, kept=False))))

    def keep(self, actor: Actor, trial_id: str, letter: str = "") -> Asset:
        """The variant of this letter (left out: the one with the most wins) stays, marked as a favourite; the others go to
        the bin. Drafts of what was given go by themselves: what they are of is kept."""
        with self._store.db.read() as connection:
            trial = trials.get(connection, actor, trial_id, own=True)
        result = self.result(actor, trial_id)
        wanted = letter.strip().upper()
        variant = next((v for v in result.variants if (v.letter == wanted if wanted else v.piece is not None)), None)
        if variant is None or variant.piece is None:
            raise UserError(f"There is no variant {wanted[:10]!r} to keep.", "Give the letter of one that is there.")
        if trial.given:
            self.keep_given(actor, variant)
            with self._store.db.exclusive(_SUBJECT) as connection:
                trials.set_kept(connection, trial_id, variant.number)
            return variant.piece
        others = [v.piece.id for v in result.variants if v.piece is not None and v.number != variant.number]
        with self._store.db.exclusive(_SUBJECT) as connection:
            trials.set_kept(connection, trial_id, variant.number)
            assets.edit(connection, actor, [variant.piece.id], favourite=True)
            kept = assets.get(connection, actor, variant.piece.id)
        if others:
            self._discard(actor, others)
        return kept

    def win_rates(self, actor: Actor) -> list[Rate]:
        """Of every value of every axis, engines and templates among them, over all trials the actor may see."""
        found, chosen = self._evidence(actor)
        return rates(of_trials(found, chosen, kept=False))

    def strengths(self, actor: Actor) -> dict[str, dict[str, float]]:
        """By axis and value, from the pairs of all trials."""
        found, chosen = self._evidence(actor)
        return {axis: bradley_terry(pairs) for axis, pairs in pairs_of(found, chosen).items()}

    def propose(
        self, actor: Actor, *, axes: Mapping[str, Sequence[Any]] | None = None, seed: int = 0, history: bool = True,
    ) -> Proposal:  # fmt: skip
        """What to try next; nothing is changed by asking. `axes`: the values to choose among; left out, all that were ever
        compared. `history`: what this person kept and discarded outside of trials counts as well."""
        found, chosen = self._evidence(actor)
        candidates: dict[str, list[Any]] = {name: list(values) for name, values in (axes or {}).items() if len(values)}
        if not candidates:
            for trial in found:
                for axis, values in () if trial.given else trial.axes.items():
                    mine = candidates.setdefault(axis, [])
                    mine += [value for value in values if value not in mine]
        foreign = next((name for name in candidates if name not in FIELDS), None)
        if foreign is not None or not candidates:
            raise UserError(
                f"{foreign[:40]!r} cannot be compared." if foreign else "Nothing was compared yet.",
                "Give axes with the values to choose among." if not foreign else f"Choose among: {', '.join(FIELDS)}.", "no_axis",
            )  # fmt: skip
        made = []
        if history:
            with self._store.db.read() as connection:
                made = tastes.of(connection, actor, MOST_PIECES)
        return propose(
            candidates, of_trials(found, chosen, kept=True), seed, habits(candidates, made) if history else ()
        )

    def _evidence(self, actor: Actor) -> tuple[list[TrialRow], list[Choice]]:
        with self._store.db.read() as connection:
            found = trials.listing(connection, actor)
            return found, trials.choices_of(connection, [trial.id for trial in found])
