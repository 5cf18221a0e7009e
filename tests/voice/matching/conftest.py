"""Embedded voices as speakers: a man's, on which a woman's profile is laid. Measured once for all tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from core.voice.matching.bases import say
from core.voice.matching.laying import lay
from core.voice.matching.profile import Profile, measure
from core.voice.matching.world import RATE

MAN, WOMAN = "en-us+m7", "en-us+f2"
LEARNT = (
    "The old harbour wakes before the sun. Fishermen carry their nets along the pier, and a thin grey cat watches every "
    "move they make."
)
SPOKEN = (
    "My daughter counts the geese from our kitchen window. Yesterday she reached ninety four before her soup went cold."
)


@dataclass(frozen=True)
class Laid:
    before: NDArray[np.float32]
    after: NDArray[np.float32]
    """(1, frames) at RATE."""


@pytest.fixture(scope="session")
def man() -> Profile:
    return measure([(say(MAN, LEARNT), RATE)])


@pytest.fixture(scope="session")
def woman() -> Profile:
    return measure([(say(WOMAN, LEARNT), RATE)])


@pytest.fixture(scope="session")
def laid(man: Profile, woman: Profile) -> Laid:
    """The man speaking new words with the woman's profile."""
    spoken = say(MAN, SPOKEN)
    after, rate = lay(spoken, RATE, woman, man)
    assert rate == RATE
    return Laid(spoken, after)


@pytest.fixture(scope="session")
def heard(laid: Laid) -> tuple[Profile, Profile]:
    """Before and after, each measured on its sound."""
    return measure([(laid.before, RATE)]), measure([(laid.after, RATE)])
