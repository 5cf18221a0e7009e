"""studio engines: who can make music here, what each knows, costs and may be used for."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import BaseModel

from core.cli.session import say, studio
from core.music.engines import EngineLine


class MusicEngineLine(BaseModel):
    name: str
    title: str
    kind: str
    paid: bool
    ready: bool
    why: str
    remedy: str
    obeys: list[str]
    models: list[str]
    default_model: str
    shortest_s: float
    longest_s: float
    licence: str
    licence_title: str
    commercial: bool
    usd: str | None
    units: str

    @classmethod
    def of(cls, line: EngineLine) -> MusicEngineLine:
        values = dict(line.__dict__) | {"usd": None if line.usd is None else f"{line.usd:f}"}
        return cls.model_validate(values | {"obeys": list(line.obeys), "models": list(line.models)})


class MusicEngineLines(BaseModel):
    engines: list[MusicEngineLine]


def engines(as_json: Annotated[bool, typer.Option("--json", help="print the answer as JSON")] = False) -> None:
    """The engines of music: ready or not, their licence, and what 30 seconds cost."""
    with studio() as opened:
        lines = [MusicEngineLine.of(line) for line in opened.music.engines.listing()]
    say(MusicEngineLines(engines=lines), as_json, "\n".join(_told(line) for line in lines))


def _told(line: MusicEngineLine) -> str:
    if not line.longest_s:
        return f"{line.name:16} {line.title}\n  not available: {line.why}. {line.remedy}"
    price = line.units or ("free" if not line.paid else "no price known" if line.usd is None else f"up to ${line.usd}")
    state = "ready" if line.ready else f"not ready: {line.why}. {line.remedy}"
    sale = "commercial use" if line.commercial else "no commercial use cleared"
    return f"{line.name:16} {line.title}\n  {price} for 30 s; {line.licence_title} ({sale})\n  {state}"
