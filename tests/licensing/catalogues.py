"""A catalogue in the process itself, for tests of what is done with tracks. Real catalogues are in tests/contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.app import Studio, build_studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import OutcomeUnknown
from core.kit.settings import load_settings
from core.licensing.catalogue import FILES, KIND
from core.licensing.types import Terms, Track
from core.providers.base import Call, Found, Made, Output, ProviderInfo, Units
from core.store.assets import Asset
from tests.library.sounds import wav

PRICES = """
- {provider: stockroom, unit: downloads, usd: "0.25", source: "tests", checked_on: 2026-11-21, valid_from: 2026-01-01}
- {provider: counter, unit: usd, usd: "1", source: "tests", checked_on: 2026-11-21, valid_from: 2026-01-01}
"""


def track(number: int, *, kind: str = "per-track", provider: str = "stockroom", **terms: Any) -> Track:
    return Track(
        provider=provider, id=str(number), title=f"Piece {number}", artist="A. Composer", composer="A. Composer",
        publisher="Stock Music Ltd", duration_s=1.0, bpm=120.0, genres=("ambient",), moods=("calm",),
        page_url=f"https://stock.example/{number}", terms=Terms(kind, **({"title": "Stockroom licence"} | terms)),
    )  # fmt: skip


class Stockroom:
    """Tracks 1 to 40; from 30 on under open licences. `gone` ids have vanished."""

    steps = ()
    about_terms = "For tests."

    def __init__(self) -> None:
        self.gone: set[str] = set()
        self.asked: list[Mapping[str, Any]] = []
        self.info = ProviderInfo(
            name="stockroom", title="Stockroom", kind=KIND, form="query", resource="net",
            capabilities=frozenset({"search", "tracks", "validate", "preview", "download", "text"}),
        )  # fmt: skip
        cc = {"kind": "cc", "url": "https://creativecommons.org/", "attribution": "Piece by A. Composer (CC)"}
        self.tracks = {str(n): track(n) for n in range(1, 30)}
        self.tracks["30"] = track(30, **cc, id="cc-by-4.0", title="CC BY 4.0", commercial=True)
        self.tracks["31"] = track(31, **cc, id="cc-by-nc-4.0", title="CC BY-NC 4.0")
        self.tracks["32"] = track(32, **cc, id="cc-by-nd-4.0", title="CC BY-ND 4.0", commercial=True, derivatives=False)

    def maximum(self, request: Any) -> Units:
        return {}

    def query(self, request: Mapping[str, Any], call: Call) -> Found:
        self.asked.append(request)
        there = {key: each for key, each in self.tracks.items() if key not in self.gone}
        if request["op"] == "tracks":
            found = [there[key].as_dict() for key in request["ids"] if key in there]
            return Found({"tracks": found, "gone": [key for key in request["ids"] if key not in there]})
        if request["op"] == "search":
            text = str(request["search"].get("text", "")).lower()
            found = [each.as_dict() for each in there.values() if text in each.title.lower()]
            return Found({"tracks": found, "total": len(found), "more": False, "notes": []})
        return Found({"state": "available" if request["id"] in there else "withdrawn", "terms": {}, "note": ""})


class StockroomFiles:
    """Every full file costs one download. `bought` is the account the outside world keeps."""

    def __init__(self) -> None:
        self.bought: list[str] = []
        self.fails: list[Exception] = []
        self.info = ProviderInfo(
            name="stockroom", title="Stockroom", kind=FILES, form="make", resource="net", units=("downloads",)
        )

    def maximum(self, request: Mapping[str, Any]) -> Units:
        return {"downloads": Decimal(int(request["form"] == "full"))}

    def make(self, request: Mapping[str, Any], call: Call) -> Made:
        full = request["form"] == "full"
        if full:
            self.bought.append(request["id"])
        if self.fails:
            raise self.fails.pop()
        path = wav(call.folder / "track.wav", seconds=1.0, hertz=200 + 7 * int(request["id"]) + 300 * full)
        return Made((Output("primary", path, "music"),), {"downloads": Decimal(int(full))}, facts={"file": "wav"})


@contextmanager
def opened(folder: Path, **settings: Any) -> Iterator[tuple[Studio, Stockroom, StockroomFiles]]:
    prices = folder / "prices"
    prices.mkdir(parents=True, exist_ok=True)
    (prices / "stock.yaml").write_text(PRICES)
    catalogue, files = Stockroom(), StockroomFiles()
    studio = build_studio(
        load_settings(home=folder / "home", prices_dir=prices, **settings), providers=(catalogue, files)
    )
    studio.ensure_worker()
    try:
        yield studio, catalogue, files
    finally:
        studio.close()


def brought(studio: Studio, number: int, form: str = "full", actor: Actor = LOCAL) -> Asset:
    job = studio.jobs.wait(actor, studio.bringing.submit(actor, "stockroom", str(number), form).id, 60)
    assert job.status == "done", job.error
    return studio.jobs.assets(actor, job.id)[0]


def mixed(studio: Studio, *assets: Asset, actor: Actor = LOCAL, name: str = "The mix") -> Asset:
    voice, music = (assets[0], assets[1]) if len(assets) > 1 else (assets[0], None)
    started = studio.sound.voice_over_music(actor, [voice.id], music.id if music else None, name=name)
    job = studio.jobs.wait(actor, started.id, 60)
    assert job.status == "done", job.error
    return studio.jobs.assets(actor, job.id)[0]


def lost() -> Exception:
    return OutcomeUnknown("the connection broke after the request was sent")
