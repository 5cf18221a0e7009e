"""Licences that are held for tracks of catalogues: entered, proven, validated against a planned use, revoked."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.kit.actor import Actor
from core.kit.errors import AccessError, NotFound, UserError
from core.kit.words import one_line
from core.licensing.entries import LicenceEntry, entry
from core.rights import gate, held
from core.rights.gate import Use, Verdict
from core.rights.held import Clearance
from core.rights.scope import Planned, Standing, standing
from core.sound import planning
from core.sound.types import Document
from core.store import assets, audit, projects, track_licences, track_uses
from core.store.store import Store
from core.store.track_licences import REVOKED, TEAM, TrackLicence
from core.store.track_uses import TrackUse

MOST = 20_000
"""Licences of one user."""


@dataclass(frozen=True)
class Licence:
    """A row, and how it stands today."""

    row: TrackLicence
    standing: Standing
    uses: int = 0

    @property
    def id(self) -> str:
        return self.row.id


class Licences:
    def __init__(self, store: Store, forget: Callable[[str, str], object]) -> None:
        """`forget(provider, track_id)`: what was cached of a track's validation counts no more."""
        self._store = store
        self._forget = forget

    def add(self, actor: Actor, values: LicenceEntry | Mapping[str, Any]) -> Licence:
        given = values if isinstance(values, LicenceEntry) else entry(values)
        with self._store.db.write() as connection:
            licence_id = self.enter(connection, actor, given)
        return self.entered(actor, licence_id)

    def enter(self, connection: Any, actor: Actor, given: LicenceEntry) -> str:
        """As part of a larger transaction, after which entered() has to be called."""
        _may_hold(actor, given)
        licence_id = track_licences.add(connection, actor, given.row())
        audit.add(connection, actor, "licence.added", "licence", licence_id, track=f"{given.provider}:{given.track_id}")
        return licence_id

    def entered(self, actor: Actor, licence_id: str) -> Licence:
        found = self.get(actor, licence_id)
        self._forget(found.row.provider, found.row.track_id)
        return found

    def get(self, actor: Actor, licence_id: str) -> Licence:
        with self._store.db.read() as connection:
            row = track_licences.get(connection, actor, licence_id)
            return Licence(row, standing(row), len(track_uses.on_licence(connection, row.id)))

    def list(
        self,
        actor: Actor,
        *,
        provider: str = "",
        track_id: str = "",
        status: str = "",
        limit: int = 200,
        offset: int = 0,
    ) -> builtins.list[Licence]:
        """Those that end first come first. `status`: one of Standing."""
        with self._store.db.read() as connection:
            rows = track_licences.listed(
                connection, actor, provider=provider, track_id=track_id, limit=MOST if status else limit,
                offset=0 if status else offset,
            )  # fmt: skip
            found = [Licence(row, standing(row)) for row in rows]
            if status:
                found = [each for each in found if each.standing == status][offset : offset + limit]
            counts = track_uses.counts(connection, [each.id for each in found])
        return [replace(each, uses=counts.get(each.id, 0)) for each in found]

    def change(self, actor: Actor, licence_id: str, values: Mapping[str, Any]) -> Licence:
        """What stays as it was need not be said. Its track cannot be another one."""
        with self._store.db.read() as connection:
            row = track_licences.get(connection, actor, licence_id)
        known = {name: getattr(row, name) for name in LicenceEntry.model_fields}
        fixed = {name for name in ("provider", "track_id") if name in values and values[name] != known[name]}
        if fixed:
            raise UserError("A licence stays with its track.", "Enter another licence for the other track.")
        given = entry(known | dict(values))
        _may_hold(actor, given)
        with self._store.db.write() as connection:
            track_licences.edit(connection, actor, licence_id, **given.row())
            audit.add(connection, actor, "licence.changed", "licence", licence_id, fields=sorted(values))
        self._forget(row.provider, row.track_id)
        return self.get(actor, licence_id)

    def revoke(self, actor: Actor, licence_id: str, why: str) -> Licence:
        """It counts no more from now on, whatever its dates say. What was published on it shows in the radar."""
        with self._store.db.write() as connection:
            track_licences.edit(connection, actor, licence_id, state=REVOKED, state_why=one_line(why, 300))
            audit.add(connection, actor, "licence.revoked", "licence", licence_id, why=one_line(why, 300))
            row = track_licences.get(connection, actor, licence_id)
        self._forget(row.provider, row.track_id)
        return self.get(actor, licence_id)

    def remove(self, actor: Actor, licence_id: str) -> None:
        """Only one that nothing rests on: what was published must be able to name its licence."""
        with self._store.db.write() as connection:
            row = track_licences.get(connection, actor, licence_id)
            uses = track_uses.on_licence(connection, licence_id)
            if uses:
                raise UserError(
                    f"{uses[0].output_name!r} was published on this licence, so it stays on record.",
                    "Revoke it instead: it covers nothing new then.",
                    "licence_used",
                )
            track_licences.remove(connection, actor, licence_id)
            audit.add(connection, actor, "licence.removed", "licence", licence_id)
        self._forget(row.provider, row.track_id)

    def prove(self, actor: Actor, licence_id: str, asset_id: str) -> Licence:
        """A document of the library is its proof; its hash stays on record when the document goes."""
        with self._store.db.write() as connection:
            proven(connection, actor, licence_id, asset_id)
        return self.get(actor, licence_id)

    def validate(
        self, actor: Actor, provider: str, track_id: str, use: Use, *, name: str = "", mixed: bool = True
    ) -> Clearance:
        """Whether this track may be used like that by this user, before it is in any piece."""
        planned = Planned(
            platform=use.platform, public=use.public, commercial=use.commercial, territory=use.territory, on=use.on,
            output_id="", project=use.project, channel=use.channel, medium=use.medium, audience=use.audience,
            changed=mixed,
        )  # fmt: skip
        with self._store.db.read() as connection:
            return held.clear(connection, actor.user_id, provider, track_id, name, planned)

    def check_project(self, actor: Actor, project_id: str, use: Use) -> tuple[Verdict, tuple[Verdict, ...]]:
        """The project as it stands now, before this user renders it: (the whole, each sound that is heard in it). A preview in
        it shows as what has to be licensed."""
        with self._store.db.read() as connection:
            row = projects.get(connection, actor, project_id)
            document = Document.model_validate(projects.document(connection, row.id, row.version))
            each = planning.verdicts(connection, actor, document, replace(use, project=row.id))
        return gate.together(each), each

    def uses(self, actor: Actor, **wanted: Any) -> builtins.list[TrackUse]:
        with self._store.db.read() as connection:
            return track_uses.listed(connection, actor, **wanted)

    def published_at(self, actor: Actor, output_asset_id: str, address: str) -> int:
        """Say where a piece was published; answers for how many of its tracks that is on record now."""
        with self._store.db.write() as connection:
            done = track_uses.refer(connection, actor, output_asset_id, one_line(address, 500))
        if not done:
            raise NotFound(
                "No use of a licensed track is on record for this piece.", "Export it for its platform first."
            )
        return done


def proven(connection: Any, actor: Actor, licence_id: str, asset_id: str) -> None:
    paper = assets.get(connection, actor, asset_id)
    track_licences.edit(
        connection, actor, licence_id, proof_asset_id=paper.id, proof_sha256=paper.sha256, proof_name=one_line(paper.name),
    )  # fmt: skip


def _may_hold(actor: Actor, given: LicenceEntry) -> None:
    if given.licensee_kind == TEAM and given.licensee not in actor.teams and not actor.is_admin:
        raise AccessError(f"You are not in the team {given.licensee!r}.", "Name one of your own teams.")
