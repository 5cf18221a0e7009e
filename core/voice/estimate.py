"""What is said of a script and of an engine before anything is made."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Estimate:
    """What a script will take, before anything is spent."""

    characters: int
    """That the engine gets; markup and headings are not spoken."""
    seconds: float
    usd: Decimal
    """The most it can cost; of a plan's allowance nothing is cash."""
    provider: str
    model: str
    requests: int
    sections: int
    """That have a name."""
    sellers: tuple[str, ...]
    """Titles of the paid services that would speak in it."""


@dataclass(frozen=True)
class Engine:
    """What a page shows of the engine behind a voice."""

    name: str
    title: str
    paid: bool
    obeys: frozenset[str]
    """Names of SpeechRequest's settings; speed and pitch work with all."""
    models: tuple[str, ...]
    default_model: str
    licence: str
    """What is made with it now may be used for: an id of data/reference/licences.yaml."""
