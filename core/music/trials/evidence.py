"""Choices as evidence about the values that were compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from core.music.trials.optimiser import KEPT_WEIGHT
from core.music.trials.rates import Seen
from core.store.trials import Choice, TrialRow, label


def of_trials(found: Iterable[TrialRow], chosen: Sequence[Choice], *, kept: bool) -> list[Seen]:
    """One for each axis of each choice that has a winner; ties say nothing of either. `kept`: also what was kept, with
    less weight."""
    seen: list[Seen] = []
    for trial in found:
        mine = [each for each in chosen if each.trial_id == trial.id]
        for each in mine:
            if each.winner is not None:
                seen += _seen(trial, each.heard, each.winner, 1.0)
        if kept and trial.kept is not None:
            seen += _seen(trial, list(range(1, len(trial.variants) + 1)), trial.kept, KEPT_WEIGHT)
    return seen


def _seen(trial: TrialRow, heard: Sequence[int], winner: int, weight: float) -> list[Seen]:
    found = []
    for axis in trial.axes:
        values = Counter(label(trial.variants[number - 1].get(axis)) for number in heard)
        if len(values) > 1:
            shares = {value: count / len(heard) for value, count in values.items()}
            found.append(Seen(axis, shares, label(trial.variants[winner - 1].get(axis)), weight))
    return found


def pairs_of(found: Iterable[TrialRow], chosen: Sequence[Choice]) -> dict[str, list[tuple[str, str]]]:
    """By axis: (better, worse) of every pair in which that axis differed."""
    pairs: dict[str, list[tuple[str, str]]] = {}
    for trial in found:
        for better, worse in (pair for each in chosen if each.trial_id == trial.id for pair in each.pairs):
            for axis in trial.axes:
                a, b = (label(trial.variants[number - 1].get(axis)) for number in (better, worse))
                if a != b:
                    pairs.setdefault(axis, []).append((a, b))
    return pairs
