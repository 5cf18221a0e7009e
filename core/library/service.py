"""The library: find, name, file, bin, restore and purge what was made."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from core.kit.actor import Actor
from core.kit.clock import now
from core.kit.errors import NotFound, UserError
from core.kit.settings import Settings
from core.kit.words import one_line
from core.rights import gate, licences
from core.rights.gate import Use, Verdict
from core.store import assets, audit, blobs
from core.store.assets import Asset, Link
from core.store.store import Store, drop

MAX_TAGS = 50


class Library:
    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store

    def search(self, actor: Actor, **filters: Any) -> tuple[list[Asset], int]:
        """See store.assets.search: words, kinds, folder, tag, favourite, binned, drafts, parts, order, limit, offset."""
        with self._store.db.read() as connection:
            return assets.search(connection, actor, **filters)

    def get(self, actor: Actor, asset_id: str) -> Asset:
        with self._store.db.read() as connection:
            return assets.get(connection, actor, asset_id)

    def by_hash(self, actor: Actor, sha256: str) -> Asset | None:
        """An asset that holds exactly these bytes, if the actor may see one."""
        with self._store.db.read() as connection:
            return assets.by_hash(connection, actor, sha256)

    def file(self, actor: Actor, asset_id: str) -> Path:
        """The stored bytes, read-only."""
        asset = self.get(actor, asset_id)
        path = self._store.blobs.path(asset.sha256)
        if not path.exists():
            raise NotFound(f"The file of {asset.name!r} is missing from the data folder.", "Restore it from a backup.")
        return path

    def beside(self, actor: Actor, asset_id: str) -> list[Asset]:
        """What came from the same job: stems, captions, MIDI, other variants."""
        asset = self.get(actor, asset_id)
        if asset.job_id is None:
            return []
        with self._store.db.read() as connection:
            return [other for other in assets.of_job(connection, asset.job_id, actor) if other.id != asset.id]

    def sources(self, actor: Actor, asset_id: str) -> list[Link]:
        self.get(actor, asset_id)
        with self._store.db.read() as connection:
            return assets.sources_of(connection, asset_id)

    def may(self, actor: Actor, asset_id: str, use: Use) -> Verdict:
        asset = self.get(actor, asset_id)
        with self._store.db.read() as connection:
            return gate.may(connection, asset, use)

    def folders(self, actor: Actor) -> list[str]:
        with self._store.db.read() as connection:
            return assets.folders(connection, actor)

    def edit(self, actor: Actor, asset_id: str, **changes: Any) -> Asset:
        """Name, folder, tags, rating 1 to 5, favourite. A draft that is named or filed is kept from then on."""
        clean = {field: _checked(field, value) for field, value in changes.items()}
        if {"name", "folder", "tags"} & set(clean):
            clean |= {"draft": False, "expires_at": None}
        with self._store.db.write() as connection:
            if clean.get("draft") is False:
                # Its captions and stems are kept with it.
                assets.edit(connection, actor, assets.whole(connection, [asset_id]), draft=False, expires_at=None)
            if assets.edit(connection, actor, [asset_id], **clean) == 0:
                assets.get(connection, actor, asset_id)
                raise UserError("Only its owner may change this asset.", "Ask the owner, or save a copy of your own.")
            return assets.get(connection, actor, asset_id)

    def declare_rights(
        self, actor: Actor, asset_id: str, licence_id: str, *, credit: str = "", note: str = "", ends: str = ""
    ) -> Asset:
        """Say what an uploaded file may be used for. Made assets carry what their engine grants; that cannot be changed."""
        asset = self.get(actor, asset_id)
        if asset.source != "uploaded":
            raise UserError(
                f"The rights of {asset.name!r} follow from how it was made.", "Only uploads can be declared."
            )
        if licence_id == "own-work":
            raise UserError("'own-work' is for what the studio itself made.", "For your own recordings: uploaded-own.")
        if asset.user_id != actor.user_id and not actor.is_admin:
            raise UserError("Only its owner may declare the rights of this asset.", "Ask the owner.")
        if ends:
            try:
                date.fromisoformat(ends)
            except ValueError:
                raise UserError(f"{ends!r} is not a date.", "Write the end as YYYY-MM-DD.") from None
        licence = licences.record(licence_id, credit=credit, note=note, ends=ends)
        with self._store.db.write() as connection:
            assets.edit(connection, actor, [asset_id], licence=licence)
            return assets.get(connection, actor, asset_id)

    def bin(self, actor: Actor, asset_ids: Sequence[str]) -> int:
        """With their stems, captions and MIDI. Answers how many assets were moved in all."""
        return self._mark(actor, asset_ids, deleted_at=now())

    def restore(self, actor: Actor, asset_ids: Sequence[str]) -> int:
        return self._mark(actor, asset_ids, deleted_at=None)

    def _mark(self, actor: Actor, asset_ids: Sequence[str], **changes: Any) -> int:
        with self._store.db.write() as connection:
            for asset_id in asset_ids:
                assets.get(connection, actor, asset_id)
            marked = assets.edit(connection, actor, assets.whole(connection, asset_ids), **changes)
            if asset_ids and marked == 0:
                raise UserError("Only their owner may move these assets.", "Ask the owner.")
            act = "asset.binned" if changes.get("deleted_at") else "asset.restored"
            for asset_id in asset_ids:
                audit.add(connection, actor, act, "asset", asset_id)
            return marked

    def purge(self, actor: Actor, asset_ids: Sequence[str]) -> int:
        """Delete for good what is in the bin. The charges stay in the ledger, and what was made from it stays usable."""
        gone: list[str] = []
        removed = 0
        with self._store.db.write() as connection:
            for asset_id in assets.whole(connection, asset_ids):
                asset = assets.get(connection, actor, asset_id)
                if asset.deleted_at is None:
                    raise UserError(f"{asset.name!r} is not in the bin.", "Move it to the bin first.")
                if asset.user_id != actor.user_id and not actor.is_admin:
                    raise UserError("Only its owner may purge this asset.", "")
                blob = assets.remove(connection, asset_id)
                audit.add(connection, actor, "asset.purged", "asset", asset_id, name=asset.name)
                removed += 1
                if blob is not None:
                    gone.append(blob)
        drop(self._store, gone)
        return removed

    def purge_expired(self) -> int:
        """A worker's chore: drafts whose time is up."""
        gone: list[str] = []
        with self._store.db.write() as connection:
            expired = assets.expired(connection, now())
            for asset_id in expired:
                blob = assets.remove(connection, asset_id)
                if blob is not None:
                    gone.append(blob)
        drop(self._store, gone)
        return len(expired)

    def sweep(self, older_than_s: float = 3600.0) -> int:
        """A worker's chore: bytes that no row refers to."""
        with self._store.db.read() as connection:
            known = blobs.hashes(connection)
        return drop(self._store, self._store.blobs.strays(known, older_than_s))


def _checked(field: str, value: Any) -> Any:
    if field == "name":
        name = one_line(value)
        if not name:
            raise UserError("A name cannot be empty.", "Give one to 200 characters.")
        return name[:200]
    if field == "folder":
        parts = [part.strip() for part in one_line(value).replace("\\", "/").split("/")]
        return "/".join(part for part in parts if part not in ("", ".", ".."))[:200]
    if field == "tags":
        raw = value.split(",") if isinstance(value, str) else list(value)
        tags = list(dict.fromkeys(one_line(tag, 40) for tag in raw if one_line(tag)))
        if len(tags) > MAX_TAGS:
            raise UserError(f"{len(tags)} tags are too many.", f"Use at most {MAX_TAGS}.")
        return tags
    if field == "rating":
        if value is not None and value not in (1, 2, 3, 4, 5):
            raise UserError(f"A rating of {value!r} makes no sense.", "Give 1 to 5, or nothing.")
        return value
    if field == "favourite":
        return bool(value)
    if field == "visibility":
        if value not in ("private", "organisation", "public"):
            raise UserError(f"There is no visibility {value!r}.", "Choose private, organisation or public.")
        return value
    raise UserError(f"{field!r} cannot be changed.", "Name, folder, tags, rating, favourite and visibility can.")
