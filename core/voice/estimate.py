"""What is said of a script and of an engine before anything is made."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.voice.engine import CONTROLS, SpeechEngine
from core.voice.gallery import PROVIDER as EMBEDDED
from core.voice.routing.tongue import tellable


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
    voice: str = ""
    """Id of the main voice."""
    route: str = ""
    """Why this one, where a quality chose it."""
    stand_ins: tuple[str, ...] = ()
    """Names of those who may speak where a voice cannot."""


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
    told: tuple[str, ...] = ()
    """Models that can be told the language."""
    whole: bool = False
    """It reads a script in one go and cannot be out of reach: nobody ever stands in for it."""


def engine_of(engine: SpeechEngine, licence: str) -> Engine:
    info = engine.info
    return Engine(
        info.name, info.title, info.paid, frozenset(info.capabilities & {*CONTROLS, "range"} | {"speed", "pitch"}), info.models,
        engine.default_model, licence, tuple(model for model in info.models if tellable(engine, model)), info.name == EMBEDDED,
    )  # fmt: skip
