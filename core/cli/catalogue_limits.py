"""studio catalogue limits|cache: how far the catalogues' limits are used, and what the cache of their answers saved."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import BaseModel

from core.cli.session import ACTOR, say, studio
from core.kit.errors import UserError
from core.licensing.configuring import CLASSES, Usage

AsJson = Annotated[bool, typer.Option("--json", help="print the answer as JSON")]


class LimitLine(BaseModel):
    provider: str
    used: dict[str, int]
    limits: dict[str, int | None]
    near: list[str]
    paused_s: float

    @classmethod
    def of(cls, one: Usage) -> LimitLine:
        return cls(
            provider=one.provider, used={name: window.used for name, window in one.windows.items()},
            limits={name: window.limit for name, window in one.windows.items()}, near=one.near, paused_s=one.paused_s,
        )  # fmt: skip

    @property
    def text(self) -> str:
        parts = [
            f"{name} {used}/{'-' if self.limits[name] is None else self.limits[name]}"
            for name, used in self.used.items()
        ]
        near = f"  near its limit: {', '.join(self.near)}" if self.near else ""
        paused = f"  paused by itself for {self.paused_s:.0f} s" if self.paused_s else ""
        return f"{self.provider:<20} {'  '.join(parts)}{near}{paused}"


class LimitLines(BaseModel):
    limits: list[LimitLine]


class CacheLine(BaseModel):
    provider: str
    cache_class: str
    hits: int
    misses: int
    stale: int
    hit_rate: float | None
    entries: int
    fresh: int
    usd_saved: str

    @property
    def text(self) -> str:
        rate = "-" if self.hit_rate is None else f"{self.hit_rate:.0%}"
        return (
            f"{self.provider:<20} {self.cache_class:<11} {rate:>4} hits ({self.hits} of {self.hits + self.misses + self.stale}, "
            f"{self.stale} stale)  {self.entries} kept, {self.fresh} fresh  saved ${self.usd_saved}"
        )


class CacheLines(BaseModel):
    cache: list[CacheLine]


class Forgotten(BaseModel):
    forgotten: int


def limits(
    provider: Annotated[str, typer.Argument(help="a catalogue; all without")] = "", as_json: AsJson = False
) -> None:
    """How often each catalogue was asked within the last minute, hour and day, and how often it may be."""
    with studio() as opened:
        lines = [LimitLine.of(one) for one in opened.catalogue_settings.usage(ACTOR, provider or None)]
    say(LimitLines(limits=lines), as_json, "\n".join(line.text for line in lines))


def cache(
    provider: Annotated[str, typer.Argument(help="a catalogue; all without")] = "",
    cache_class: Annotated[str, typer.Option("--class", help=f"{', '.join(CLASSES)}: with --forget")] = "",
    forget: Annotated[bool, typer.Option("--forget", help="drop the answers instead of counting them")] = False,
    as_json: AsJson = False,
) -> None:
    """What the cache of the catalogues' answers did in the last 30 days, and what is in it."""
    if cache_class and cache_class not in CLASSES:
        raise UserError(f"There is no class of answers {cache_class!r}.", f"Choose from: {', '.join(CLASSES)}.")
    with studio() as opened:
        if forget:
            gone = opened.catalogue_settings.forget(ACTOR, provider or None, cache_class or None)
            say(Forgotten(forgotten=gone), as_json, f"{gone} answers dropped.")
            return
        lines = [
            CacheLine(
                provider=one.provider, cache_class=one.cache_class, hits=one.hits, misses=one.misses, stale=one.stale,
                hit_rate=one.hit_rate, entries=one.entries, fresh=one.fresh, usd_saved=f"{one.saved_usd:f}",
            )
            for one in opened.catalogue_settings.cache(ACTOR, provider or None)
            if cache_class in ("", one.cache_class)
        ]  # fmt: skip
    say(CacheLines(cache=lines), as_json, "\n".join(line.text for line in lines) or "Nothing was asked yet.")
