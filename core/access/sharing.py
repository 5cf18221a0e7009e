"""Sharing one's things with a team. A piece goes with its stems, captions and MIDI, a project with its sounds; a voice
may be used, its recordings stay with its owner. A voice preset goes without its voice: a cloned one is shared by itself."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.engine import Connection

from core.kit.actor import Actor
from core.kit.errors import AccessError, UserError
from core.store import assets, audit, playlists, projects, styles, teams, templates, trials, voice_presets, voices
from core.store.store import Store
from core.store.teams import EDITOR, OWNER, Share, Team

NOUNS = ("asset", "project", "voice", voice_presets.NOUN, templates.NOUN, trials.NOUN, styles.NOUN, playlists.NOUN)
SUBJECT = "shares"


class Sharing:
    def __init__(self, store: Store) -> None:
        self._store = store

    def share(self, actor: Actor, noun: str, subject_id: str, team_id: str) -> None:
        """The subject's owner, who is in the team as an owner or editor; administrators too."""
        with self._store.db.exclusive(SUBJECT) as connection:
            name, owner_id = _subject(connection, actor, noun, subject_id)
            if owner_id != actor.user_id and not actor.is_admin:
                raise AccessError(f"Only its owner may share {name!r}.", "Ask the owner.")
            _giver(connection, actor, team_id)
            ids = assets.whole(connection, [subject_id]) if noun == "asset" else [subject_id]
            new = teams.share(connection, actor, noun, ids, team_id)
            if noun == "project":
                projects.share_sounds(connection, actor, subject_id, team_id)
            if new:
                audit.add(connection, actor, "share.given", noun, subject_id, team=team_id, name=name)

    def may_give(self, actor: Actor, team_ids: Iterable[str]) -> None:
        """For whoever shares with several teams: refuses before the first has it."""
        with self._store.db.read() as connection:
            for team_id in sorted(team_ids):
                _giver(connection, actor, team_id)

    def unshare(self, actor: Actor, noun: str, subject_id: str, team_id: str) -> None:
        """By the subject's owner, or an owner of the team."""
        with self._store.db.exclusive(SUBJECT) as connection:
            name, owner_id = _subject(connection, actor, noun, subject_id)
            runs_team = teams.role(connection, team_id, actor.user_id) == OWNER
            if owner_id != actor.user_id and not runs_team and not actor.is_admin:
                raise AccessError(f"Only its owner may take {name!r} back.", "Ask the owner, or an owner of the team.")
            ids = assets.whole(connection, [subject_id]) if noun == "asset" else [subject_id]
            ended = teams.unshare(connection, noun, ids, team_id, via="")
            if noun == "project":
                teams.unshare_along(connection, subject_id, team_id)
            if ended:
                audit.add(connection, actor, "share.ended", noun, subject_id, team=team_id, name=name)

    def teams_of(self, actor: Actor, noun: str, subject_id: str) -> list[Team]:
        """The teams it is shared with, as far as the actor may know of them: the owner of it of all."""
        with self._store.db.read() as connection:
            _, owner_id = _subject(connection, actor, noun, subject_id)
            mine = {team.id: team for team in teams.listing(connection, actor)}
            found = []
            for share in teams.shares_of(connection, noun, subject_id):
                if share.team_id in mine and mine[share.team_id] not in found:
                    found.append(mine[share.team_id])
                elif share.team_id not in mine and owner_id == actor.user_id and share.via == "":
                    found.append(Team(share.team_id, "A team you have left", "", share.created_at))
            return found

    def shared_with(self, actor: Actor, team_id: str) -> list[Share]:
        with self._store.db.read() as connection:
            teams.get(connection, actor, team_id)
            return teams.shared(connection, team_id)


def _giver(connection: Connection, actor: Actor, team_id: str) -> None:
    team = teams.get(connection, actor, team_id)
    if not actor.is_admin and teams.role(connection, team_id, actor.user_id) not in (OWNER, EDITOR):
        raise AccessError(
            f"In {team.name!r} you may look, not share.", "Ask an owner of the team for the role of an editor."
        )


def _subject(connection: Connection, actor: Actor, noun: str, subject_id: str) -> tuple[str, str]:
    """Its name and owner; NotFound when the actor may not see it."""
    if noun == "asset":
        asset = assets.get(connection, actor, subject_id)
        return asset.name, asset.user_id
    if noun == "project":
        project = projects.get(connection, actor, subject_id)
        return project.name, project.user_id
    if noun == "voice":
        voice = voices.get(connection, actor, subject_id)
        return voice.name, voice.user_id
    if noun == voice_presets.NOUN:
        preset = voice_presets.get(connection, actor, subject_id)
        return preset.name, preset.user_id
    if noun == templates.NOUN:
        template = templates.get(connection, actor, subject_id)
        return template.name, template.user_id
    if noun == trials.NOUN:
        trial = trials.get(connection, actor, subject_id)
        return trial.name, trial.user_id
    if noun == styles.NOUN:
        style = styles.get(connection, actor, subject_id)
        return style.name, style.user_id
    if noun == playlists.NOUN:
        playlist = playlists.get(connection, actor, subject_id)
        return playlist.name, playlist.user_id
    raise UserError(f"A {noun[:40]!r} cannot be shared.", f"Choose one of: {', '.join(NOUNS)}.")
