"""More like this: the nearest music of the library by how it sounds, and why.

The library's own facts (tempo, key, loudness, waveform) choose a shortlist; of that the spectrum is measured, once for each
file, and decides. So a library of thousands costs a few seconds of listening, and the second question next to none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.flows.recommending import likeness
from core.flows.recommending.likeness import Heard
from core.kit.actor import Actor
from core.kit.children import Children
from core.kit.errors import UserError
from core.music.composer.keys import Key, parse_key
from core.store import assets, sound_features
from core.store.assets import Asset
from core.store.store import Store

LOOKED_AT = 2000
LISTENED_TO = 24
MOST = 50
_TIMEOUT_S = 240.0


@dataclass(frozen=True)
class Like:
    asset_id: str
    name: str
    distance: float
    """0: the same; 1: as far as the library's pieces usually are from each other."""
    why: str


def nearest(store: Store, children: Children, actor: Actor, asset_id: str, limit: int) -> tuple[Like, ...]:
    with store.db.read() as connection:
        wanted = assets.get(connection, actor, asset_id)
        found, _ = assets.search(connection, actor, kinds=("music",), limit=LOOKED_AT)
    if not wanted.sounds:
        raise UserError(f"“{wanted.name}” has no sound.", "Choose something that can be heard.", "no_sound")
    limit = max(1, min(MOST, limit))
    # Stems and copies of the piece itself are no answer.
    others = [
        each for each in found
        if each.sounds and each.sha256 != wanted.sha256 and (each.role == "primary" or each.role.startswith("variant:"))
        and (each.job_id is None or each.job_id != wanted.job_id)
    ]  # fmt: skip
    shortlist = [each for each, _, _ in _ranked(wanted, others, {})][: max(LISTENED_TO, limit)]
    measured = _listened(store, children, [wanted, *shortlist])
    ranked = _ranked(wanted, shortlist, measured, among=others)
    return tuple(Like(each.id, each.name, distance, why) for each, distance, why in ranked[:limit])


def _ranked(
    wanted: Asset, others: Sequence[Asset], measured: dict[str, dict[str, float]], among: Sequence[Asset] = ()
) -> list[tuple[Asset, float, str]]:
    """Nearest first. `among`: whose spread counts, beside those that are compared."""
    spread = likeness.spreads([heard_of(each, measured) for each in (wanted, *(among or others))])
    one = heard_of(wanted, measured)
    compared = [(each, *likeness.compared(one, heard_of(each, measured), spread)) for each in others]
    return sorted(compared, key=lambda each: (each[1], each[0].id))


def _listened(store: Store, children: Children, pieces: Sequence[Asset]) -> dict[str, dict[str, float]]:
    """By hash; measured now where nobody did before."""
    hashes = list(dict.fromkeys(each.sha256 for each in pieces))
    with store.db.read() as connection:
        known = sound_features.of(connection, hashes)
    missing = [(each, str(store.blobs.path(each))) for each in hashes if each not in known and store.blobs.has(each)]
    if missing:
        fresh = children.run(likeness.measure_in_child, missing, timeout_s=_TIMEOUT_S)
        with store.db.write() as connection:
            sound_features.put(connection, fresh)
        known |= fresh
    return known


def heard_of(asset: Asset, measured: dict[str, dict[str, float]]) -> Heard:
    return Heard(
        tempo=asset.bpm, key=_key(asset.key), loudness=asset.lufs, energy=likeness.fullness(asset.peaks),
        **measured.get(asset.sha256, {}),
    )  # fmt: skip


def _key(text: str | None) -> Key | None:
    try:
        return parse_key(text) if text else None
    except UserError:  # of a file that was brought in
        return None
