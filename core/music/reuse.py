"""Reuse before buying: what was bought once in the same words is in the library, and costs nothing a second time."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from core.kit.actor import Actor
from core.music.engine import obeyed
from core.music.types import MusicRequest
from core.providers.base import Output, ProviderInfo
from core.store import assets
from core.store.assets import Asset
from core.store.store import Store

_COLUMNS = (
    "duration_s", "sample_rate", "channels", "lufs", "true_peak_dbtp", "bpm", "key", "genre", "mood", "intensity",
    "instruments", "peaks", "made_as",
)  # fmt: skip


def made_as(info: ProviderInfo, model: str, request: MusicRequest) -> str:
    """Under which hash a purchase is found again: engine, model and every field it obeys, but the seed, which is drawn
    anew for each request that names none."""
    told = request.model_dump(mode="json", include=set(obeyed(info)) - {"seed"})
    told["prompt"] = " ".join(str(told.get("prompt", "")).casefold().split())
    whole = json.dumps({"engine": info.name, "model": model, "told": told}, sort_keys=True)
    return hashlib.sha256(whole.encode()).hexdigest()


def find(store: Store, actor: Actor, fingerprint: str, seed: int | None) -> list[Asset]:
    """Of the newest piece that was made like this and is the actor's own: all that came with it, the piece first. Empty
    where there is none. `seed`: only of this one; None: of any."""
    with store.db.read() as connection:
        for piece in assets.made_like(connection, actor, fingerprint):
            if seed is None or piece.generation_config.get("seed") == seed:
                whole = [] if piece.job_id is None else assets.of_job(connection, piece.job_id)
                return [
                    piece,
                    *(other for other in whole if other.role.startswith("stem:") and other.deleted_at is None),
                ]
    return []


def outputs(store: Store, found: list[Asset], folder: Path) -> tuple[Output, ...]:
    """The same files once more: the library keeps their bytes once."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for number, asset in enumerate(found):
        path = folder / f"had-{number}.{asset.format}"
        shutil.copyfile(store.blobs.path(asset.sha256), path)
        facts = {name: getattr(asset, name) for name in _COLUMNS if getattr(asset, name) is not None}
        made.append(Output(asset.role if number else "primary", path, asset.kind, facts))
    return tuple(made)
