"""A project's pronunciation dictionary beside the user's own."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from core.api.service import api
from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import NotFound
from core.sound.projects import document
from core.store import preferences


def project(studio: Studio, actor: Actor = LOCAL) -> str:
    return studio.projects.create(actor, "Episode 1", document(tracks=[])).id


def test_a_projects_words_win_over_the_users(studio: Studio) -> None:
    mine, other = project(studio), project(studio)
    studio.voice.set_pronunciations(LOCAL, {"GIF": "jif", "SQL": "sequel"})
    studio.voice.set_pronunciations(LOCAL, {"gif": "ghif"}, mine)

    def said(**values: str) -> dict[str, str]:
        return dict(studio.voice.request(LOCAL, text="A GIF of SQL.", **values).pronunciations)

    assert said() == {"GIF": "jif", "SQL": "sequel"}
    assert said(project_id=mine) == {"SQL": "sequel", "gif": "ghif"}
    assert said(project_id=other) == said()
    prepared = studio.voice.prepared(LOCAL, text="A GIF.", project_id=mine)
    assert prepared["pronunciations"]["gif"] == "ghif"
    assert studio.voice.estimate(LOCAL, text="A GIF.", project_id=mine).characters == len("A GIF.")
    asked = studio.voice.request(LOCAL, text="A GIF.", project_id=mine, pronunciations={"gif": "mine alone"})
    assert asked.pronunciations["gif"] == "mine alone"


def test_they_go_with_the_project_and_are_nobody_elses(studio: Studio) -> None:
    ada, bob = Actor("ada"), Actor("bob")
    hers = project(studio, ada)
    studio.voice.set_pronunciations(ada, {"GIF": "jif"}, hers)
    for act in (
        lambda: studio.voice.pronunciations(bob, hers),
        lambda: studio.voice.set_pronunciations(bob, {}, hers),
        lambda: studio.voice.request(bob, text="A GIF.", project_id=hers),
    ):
        with pytest.raises(NotFound):
            act()
    studio.projects.delete(ada, hers)
    with studio.store.db.read() as connection:
        assert preferences.read(connection, preferences.words_of(hers)) is None


def test_over_rest(studio: Studio) -> None:
    mine, client = project(studio), TestClient(api(studio))
    path = f"/api/voice/pronunciations?project_id={mine}"
    assert client.get(path).json() == {"words": {}}
    assert client.put(path, json={"words": {"GIF": "jif"}}).json() == {"words": {"GIF": "jif"}}
    assert client.get("/api/voice/pronunciations").json() == {"words": {}}
    assert client.get(path + "x").status_code == 404
    assert client.put(path, json={"words": {"GIF": "/?/"}}).status_code == 422
