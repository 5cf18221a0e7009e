"""Every route there is, tried as nobody, as somebody else and as the owner. A route that nobody thought about here is
found by enumeration and fails."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from tests.api import routes_expected as expected
from tests.api.house import MARK, House, filled


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    built = House(tmp_path_factory.mktemp("house"))
    yield built
    built.studio.close()


def routes(found: Any, prefix: str = "") -> Iterator[str]:
    for route in found:
        included = getattr(route, "original_router", None)
        mounted = getattr(getattr(route, "app", None), "routes", None)
        if included is not None:
            yield from routes(included.routes, prefix + route.include_context.prefix)
        elif mounted:
            yield from routes(mounted, prefix + route.path)
        else:
            for method in sorted(getattr(route, "methods", None) or [type(route).__name__]):
                yield f"{method} {prefix}{route.path}"


def test_somebody_thought_about_every_route(house: House) -> None:
    found = set(routes(house.app.routes))
    known = (expected.OPEN | set(expected.OF) | set(expected.ADMIN) | expected.LISTS | expected.EVERYBODY | expected.MAKE
             | expected.NOWHERE | expected.PAGE)  # fmt: skip
    new = {one for one in found - known if not one.partition(" ")[2].startswith(expected.PAGE_UNDER)}
    assert not new, f"say in routes_expected.py who may use {sorted(new)}"
    assert not {one for one in known - found if one.partition(" ")[2].startswith(("/api", "/v1", "/media", "/export"))}


def test_nobody_gets_in_anywhere(house: House) -> None:
    things = house.things()
    for route in sorted(set(routes(house.app.routes)) - expected.OPEN):
        asked = route.replace("Mount ", "GET ").replace("WebSocketRoute ", "GET ")
        answer = house.ask("", asked, things, expected.OF.get(route, expected.ADMIN.get(route, {})))
        assert answer.status_code == 401, route
        assert MARK not in answer.text, route
        page = house.client.get(filled(asked.partition(" ")[2], things), headers={"Accept": "text/html"})
        assert page.status_code in (303, 401), route
        assert MARK not in page.text


@pytest.mark.parametrize("route", sorted(expected.OF))
def test_what_is_adas_is_adas(house: House, route: str) -> None:
    body = expected.OF[route]
    things = house.things()
    answer = house.ask("bob", route, things, body)
    assert answer.status_code == 404, (route, answer.status_code, answer.text[:300])
    assert MARK not in answer.text
    made_up = {name: ("x" * 20 if name not in ("noun", "version") else value) for name, value in things.items()}
    unknown = house.ask("bob", route, made_up, body)
    assert unknown.status_code == 404, "what is another's and what is not there look the same"
    if route == "GET /api/jobs/{job_id:path}/events":
        house.studio.jobs.cancel(house.ada, things["job_id"])  # otherwise it goes on telling
    hers = house.ask("ada", route, things, body)
    if route in expected.NOT_YET:
        assert hers.status_code != 401
        assert hers.json().get("code") != "no_such_path", hers.text
    else:
        assert hers.status_code in (200, 201, 202, 204), (route, hers.status_code, hers.text[:300])


@pytest.mark.parametrize("route", sorted(expected.ADMIN))
def test_what_is_the_administrators(house: House, route: str) -> None:
    for who in ("bob", "ada"):
        answer = house.ask(who, route, house.things(), expected.ADMIN[route])
        assert answer.status_code == 403, (route, who, answer.text[:300])
    assert house.ask("root", route, house.things(), expected.ADMIN[route]).status_code in (200, 201, 202)


def test_lists_hold_ones_own(house: House) -> None:
    things = house.things()
    house.studio.refresh_mart()
    for route in sorted(expected.LISTS):
        for query in ("", f"?search={MARK}&words={MARK}&user_id={things['user_id']}&batchId={things['job_id']}"):
            answer = house.ask("bob", route + query, things, {})
            assert answer.status_code < 500, route
            assert MARK not in answer.text, route
            assert things["user_id"] not in answer.text, route
            assert things["asset_id"] not in answer.text, route
    hers = house.ask("ada", "GET /api/audio-studio/library", things, {})
    assert MARK in hers.text, "the mark is there to be found"
    assert house.ask("bob", "GET /api/analytics/usage", things, {}).json()["total_generations"] == 0
    assert house.ask("ada", "GET /api/analytics/usage", things, {}).json()["total_generations"] > 0


def test_emptying_the_queue_empties_ones_own(house: House) -> None:
    things = house.things()
    assert house.ask("bob", "DELETE /api/queue/pending", things, {}).status_code == 200
    assert house.studio.jobs.show(house.ada, things["job_id"]).status == "waiting"


def test_what_is_for_everybody(house: House) -> None:
    things = house.things()
    for route in sorted(expected.EVERYBODY - {"Mount /look"}):
        if "preview" in route:
            continue  # made by a worker, and there is none here
        answer = house.ask("bob", route, things, {})
        assert answer.status_code == 200, (route, answer.text[:200])
        assert MARK not in answer.text
    for route in sorted(expected.MAKE):
        answer = house.ask("eve", route, things, {})
        # A stream is heard while a worker makes it, and there is none here.
        nobody = (409,) if route.endswith("/stream") else ()
        assert answer.status_code in (200, 201, 202, 204, 303, 400, 403, 415, 422, *nobody), (route, answer.status_code)


def test_the_page_is_for_whoever_signed_in_and_tells_nobody_of_another(house: House) -> None:
    things = house.things()
    for path in ("/", "/config", "/gradio_api/info", "/gradio_api/queue/status", "/gradio_api/startup-events"):
        answer = house.ask("bob", f"GET {path}", things, {})
        assert answer.status_code == 200, path
        assert MARK not in answer.text, path
        assert things["user_id"] not in answer.text
    for path in (
        "/monitoring",
        "/monitoring/summary",
        "/monitoring/x",
        "/gradio_api/vibe-code",
        "/gradio_api/dev/reload",
    ):
        assert house.ask("bob", f"GET {path}", things, {}).status_code != 200, path
    for path in ("/gradio_api/file=" + str(house.studio.settings.home / "studio.sqlite"), "/gradio_api/file=/etc/passwd",
                 "/gradio_api/proxy=http://127.0.0.1:9/", "/gradio_api/file/../../etc/passwd"):  # fmt: skip
        answer = house.ask("bob", f"GET {path}", things, {})
        assert answer.status_code in (400, 403, 404), (path, answer.status_code)


def calls(house: House) -> dict[str, list[int]]:
    """Name of every function a script of the page may call → the components that offer it."""
    found: dict[str, list[int]] = {}
    for route in house.app.routes:
        blocks = getattr(getattr(route, "app", None), "get_blocks", None)
        for block in blocks().blocks.values() if blocks else ():
            for name, value in vars(block).items():
                if getattr(value, "_is_server_fn", False):
                    found.setdefault(name, []).append(block._id)
    return found


def call(house: House, who: str, component: int, name: str, data: dict[str, Any]) -> httpx.Response:
    sent = {"component_id": component, "fn_name": name, "session_hash": "s", "data": data}
    return house.ask(who, "POST /gradio_api/component_server", {}, sent)


def test_every_call_of_the_pages_scripts(house: House) -> None:
    offered = calls(house)
    known = set(expected.CALLS) | expected.CALLS_OWN | expected.CALLS_ADMIN
    assert set(offered) <= known, f"say in routes_expected.py who may call {sorted(set(offered) - known)}"
    seen = house.things()
    for name, components in sorted(offered.items()):
        for component in components:
            things = house.things() if name in expected.CALLS else seen  # only there does Ada herself change them
            body = expected.CALLS.get(name, {"ids": [things["asset_id"]], "id": things["asset_id"], "words": MARK,
                                             "follow": [things["job_id"]], "open": things["job_id"]})  # fmt: skip
            data = json.loads(filled(json.dumps(body), things))
            assert call(house, "", component, name, data).status_code == 401
            his = call(house, "bob", component, name, data)
            assert his.status_code == 200, name
            told = his.json()
            assert MARK not in his.text, name
            if name in expected.CALLS:
                assert told["error"]["kind"] == "NotFound", (name, told)
                hers = call(house, "ada", component, name, data).json()
                assert "error" not in hers or hers["error"]["kind"] != "NotFound", (name, hers)
                assert "error" not in hers or hers["error"]["code"] != "unexpected", (name, hers)
            elif name in expected.CALLS_ADMIN:
                assert told["error"]["kind"] == "AccessError", (name, told)


def test_every_event_of_the_page(house: House) -> None:
    for route in house.app.routes:
        blocks = getattr(getattr(route, "app", None), "get_blocks", None)
        for event in blocks().fns.values() if blocks else ():
            name = re.sub(r"_\d+$", "", str(event.api_name))
            assert (event.api_visibility == "public") == (event.api_name in expected.NAMED), event.api_name
            assert name in expected.EVENTS | set(expected.NAMED), (
                f"say in routes_expected.py what the event {name!r} may touch"
            )
            asked = house.ask("", f"POST /gradio_api/call/{event.api_name}", {}, {"data": []})
            assert asked.status_code == 401
            joined = house.ask(
                "", "POST /gradio_api/queue/join", {}, {"fn_index": event._id, "data": [], "session_hash": "x"}
            )
            assert joined.status_code == 401


@pytest.mark.parametrize("name", ["mix", "analyse"])
def test_a_named_endpoint_reaches_nothing_of_anothers(house: House, name: str) -> None:
    things = house.things()
    data = json.loads(filled(json.dumps({"data": expected.NAMED[name]}), things))
    headers = {"Authorization": f"Bearer {house.keys['bob']}"}
    before = {job.id for job in house.studio.jobs.list(house.people["bob"])}
    with TestClient(house.app, raise_server_exceptions=False) as client:
        begun = client.post(f"/gradio_api/call/{name}", json=data, headers=headers)
        assert begun.status_code == 200, begun.text
        told = client.get(f"/gradio_api/call/{name}/{begun.json()['event_id']}", headers=headers).text
    assert "event: error" in told
    assert MARK not in told
    after = [job for job in house.studio.jobs.list(house.people["bob"]) if job.id not in before]
    assert not [job.title for job in after if MARK in job.title]


def test_sharing_opens_and_leaving_closes(house: House) -> None:
    things = house.things()
    access = house.studio.access
    bob = house.people["bob"]
    reading = ("GET /media/{asset_id}", "GET /api/audio-studio/library/{asset_id}/file", "GET /export/{asset_id}",
               "GET /api/projects/{project_id}")  # fmt: skip

    def statuses() -> set[int]:
        return {house.ask("bob", route, things, {}).status_code for route in reading}

    code, _ = access.teams.invite(house.ada, things["team_id"], role="viewer")
    joined = house.ask("bob", "POST /api/teams/join", {}, {"code": code})
    assert joined.status_code == 200, joined.text
    assert statuses() == {404}
    for noun in ("asset", "project"):
        share = things | {"noun": noun, "subject_id": things[f"{noun}_id"]}
        assert house.ask("ada", "PUT /api/shares/{noun}/{subject_id}/{team_id}", share, {}).status_code == 204
    assert statuses() == {200}
    assert house.ask("eve", reading[0], things, {}).status_code == 404
    assert house.ask("bob", "GET /api/jobs/{job_id:path}", things, {}).status_code == 404, "jobs stay one's own"
    edit = house.ask("bob", "PUT /api/audio-studio/library/{asset_id}", things, {"name": "Mine"})
    assert edit.status_code in (403, 422), "a viewer looks"
    assert house.ask("bob", "DELETE /api/audio-studio/library/{asset_id}", things, {}).status_code in (403, 422)
    assert house.ask("bob", "POST /api/teams/{team_id}/leave", things, {}).status_code == 204
    assert statuses() == {404}
    assert access.users.actor(bob.user_id) == bob
