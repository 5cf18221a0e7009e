"""The files that a request names by id: found for whoever asks, and put into the lineage of what is made with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.kit.actor import Actor
from core.kit.children import Progress
from core.kit.errors import UserError
from core.music.styles import steering
from core.music.types import Material, MusicRequest
from core.store import assets, styles
from core.store.store import Store


def soundfont_in_child(path: str, progress: Progress) -> dict[str, Any]:
    """The child's side of bringing a SoundFont in: it is looked through whole, or refused."""
    from core.music.composer.synth.soundfont_file import read_soundfont

    read_soundfont(Path(path))
    progress("Looking through", 1.0)
    return {"format": "sf2", "warnings": [], "peaks": []}


_SOUNDING = ("music", "mix", "voiceover", "sound_effect", "stem")
SOUNDFONT = "soundfont"


@dataclass(frozen=True)
class Source:
    asset_id: str
    role: str
    licence: Mapping[str, Any]


def check_material(store: Store, actor: Actor, request: MusicRequest) -> MusicRequest:
    """The request with its style, by which an engine tells what it would do. NotFound or UserError, before anything is
    queued."""
    material, _ = found_material(store, actor, request, files=False)
    return request.model_copy(update={"material": material}) if request.style else request


def found_material(
    store: Store, actor: Actor, request: MusicRequest, *, files: bool = True
) -> tuple[Material, tuple[Source, ...]]:
    """The files, and what goes into the lineage: what is made with a tune or a SoundFont carries its licence."""
    sources: list[Source] = []
    style: Mapping[str, Any] = {}
    paths: dict[str, Path] = {}
    for field, kinds in (("melody", _SOUNDING), (SOUNDFONT, (SOUNDFONT,))):
        wanted = getattr(request, field)
        if not wanted:
            continue
        with store.db.read() as connection:
            asset = assets.get(connection, actor, wanted)
        if asset.deleted_at is not None:
            raise UserError(f"“{asset.name}” is in the bin.", "Restore it first, or choose another.")
        if asset.kind not in kinds:
            raise UserError(f"“{asset.name}” is a {asset.kind}, no {field}.", f"Choose one of: {', '.join(kinds)}.")
        sources.append(Source(asset.id, field, asset.licence))
        if files:
            paths[field] = store.blobs.path(asset.sha256)
    if request.style:
        style, learned = _style(store, actor, request.style, files)
        sources += [each for each in learned if each.asset_id not in {known.asset_id for known in sources}]
    return Material(melody=paths.get("melody"), soundfont=paths.get(SOUNDFONT), style=style), tuple(sources)


def _style(store: Store, actor: Actor, style_id: str, files: bool) -> tuple[Mapping[str, Any], list[Source]]:
    """Its tracks may be somebody else's: who shared the style let it be used. One that is gone for good is left out."""
    with store.db.read() as connection:
        row = styles.get(connection, actor, style_id)
        adapters = styles.files_of(connection, row.id)
        tracks = [found for each in row.sources if (found := assets.source(connection, each)) is not None]
    held: dict[str, Any] = {steering.ID: row.id, steering.NAME: row.name, steering.PROFILE: row.profile}
    if adapters:
        held[steering.LORA] = {
            each.model: {"sha256": each.sha256, "file": str(store.blobs.path(each.sha256)) if files else ""}
            for each in adapters
        }
    return held, [Source(asset.id, styles.SOURCE_ROLE, asset.licence) for asset in tracks]
