"""One line of `make bench`: a ratio within this run, its gate and goal, and what was measured in words."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    name: str
    ratio: float
    detail: str
    at_most: float | None = None
    at_least: float | None = None
    """The gate, of the one kind or the other; without one the line only tells."""
    goal: float | None = None

    @property
    def failure(self) -> str:
        """Empty when the gate holds."""
        if self.at_most is not None and self.ratio > self.at_most:
            return f"{self.name}: {self.ratio:.2f} is over the gate of {self.at_most:g}"
        if self.at_least is not None and self.ratio < self.at_least:
            return f"{self.name}: {self.ratio:.2f} is under the gate of {self.at_least:g}"
        return ""

    def __str__(self) -> str:
        gate = self.at_most if self.at_most is not None else self.at_least
        told = [self.detail] if self.detail else []
        told += [f"gate {gate:g}"] if gate is not None else []
        told += [f"goal {self.goal:g}"] if self.goal is not None else []
        return f"{self.name:<72} {self.ratio:8.2f}   ({'; '.join(told)})"


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
