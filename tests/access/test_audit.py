"""The audit trail: what was done, by whom, and read by whom."""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import pytest

from core.access.audit import _WORDS
from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import SignInNeeded, UserError
from core.sound.projects import document
from tests.access.conftest import WORD, People
from tests.library.sounds import bring

sys.path.insert(0, str(Path(__file__).parents[1] / "analytics"))
import studio_rows


def test_what_was_done_stands_in_it(studio: Studio, people: People, tmp_path: Path) -> None:
    access = people.access
    secret, _ = access.sessions.sign_in("ada", WORD, address="203.0.113.7")
    with pytest.raises(SignInNeeded):
        access.sessions.sign_in("ada", "something else", address="203.0.113.8")
    piece = bring(studio, tmp_path, "Tone", actor=people.ada)
    team = access.teams.create(people.ada, "Harbour").id
    access.sharing.share(people.ada, "asset", piece.id, team)
    access.sharing.share(people.ada, "asset", piece.id, team)  # nothing new, nothing to say
    access.sharing.unshare(people.ada, "asset", piece.id, team)
    project = studio.projects.create(
        people.ada, "Episode", document(tracks=[{"name": "A", "role": "music", "clips": [{"asset_id": piece.id}]}])
    )
    studio.projects.delete(people.ada, project.id)
    studio.library.bin(people.ada, [piece.id])
    studio.library.purge(people.ada, [piece.id])
    with studio.store.db.write() as connection:
        studio_rows.add_charge(
            connection, "job_1", provider="elevenlabs", user=people.ada.user_id, settled=Decimal("0.25")
        )
        studio_rows.add_charge(connection, "job_2", user=people.ada.user_id)
    access.sessions.sign_out(secret)
    done = [(line.action, line.user) for line in access.audit.list(people.ada)][::-1]
    assert done == [
        (action, "ada")
        for action in (
            "sign_in.succeeded", "sign_in.failed", "team.created", "share.given", "share.ended", "project.deleted",
            "asset.binned", "asset.purged", "purchase", "sign_out.here",
        )
    ]  # fmt: skip
    by_action = {line.action: line for line in access.audit.list(people.ada)}
    assert by_action["purchase"].detail == {"provider": "elevenlabs", "kind": "speech", "usd": "0.25"}
    assert by_action["sign_in.failed"].address == "203.0.113.8"
    assert by_action["asset.purged"].detail["name"] == "Tone"
    assert set(by_action) <= set(_WORDS)


def test_everybody_reads_his_own_and_administrators_all(people: People) -> None:
    people.access.teams.create(people.ada, "Harbour")
    people.access.teams.create(people.bob, "Garden")
    assert {line.user for line in people.access.audit.list(people.bob)} == {"bob"}
    assert {line.user for line in people.access.audit.list(people.bob, user_id=people.ada.user_id)} == {"bob"}
    seen = people.access.audit.list(people.admin, actions=["team"])
    assert [(line.user, line.detail["name"]) for line in seen] == [("bob", "Garden"), ("ada", "Harbour")]
    assert people.access.audit.list(people.admin, user_id=people.ada.user_id, actions=["team"])[0].user == "ada"
    assert people.access.audit.list(people.admin, actions=["team.left"]) == []
    assert len(people.access.audit.list(people.admin, limit=1, offset=1)) == 1
    with pytest.raises(UserError):
        people.access.audit.list(people.admin, limit=0)


def test_a_user_added_at_this_machine_is_told_of_as_such(people: People) -> None:
    last = people.access.audit.list(LOCAL, actions=["user"])[0]
    assert (last.user, last.action, last.detail["name"]) == ("local", "user.added", "bob")
