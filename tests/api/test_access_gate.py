"""The gate in front of every route: sign-in, cookies, other sites, other names, tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from core.access.access import open_access
from core.access.passwords import Passwords
from core.api.service import api
from core.app import Studio
from core.kit.actor import Actor
from tests import scripted
from tests.access.conftest import WORD, actor

OURS = {"Origin": "http://testserver"}
PAGE = {"Accept": "text/html"}


@pytest.fixture
def studio(home: Path) -> Iterator[Studio]:
    built = scripted.build(home)
    yield built
    built.close()


@pytest.fixture
def served(studio: Studio) -> FastAPI:
    from argon2 import PasswordHasher

    opened = replace(
        studio, settings=studio.settings.model_copy(update={"host": "0.0.0.0", "allowed_hosts": ""}),
        access=open_access(studio.store, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))),
    )  # fmt: skip
    return api(opened)


@pytest.fixture
def ada(served: FastAPI) -> Actor:
    actor(served.state.studio.access, "root")
    return actor(served.state.studio.access, "ada")


@pytest.fixture
def client(served: FastAPI) -> Iterator[TestClient]:
    with TestClient(served, raise_server_exceptions=False, follow_redirects=False) as opened:
        yield opened


def sign_in(client: TestClient, name: str = "ada", password: str = WORD, **form: str) -> int:
    return client.post("/sign-in", data={"name": name, "password": password, **form}, headers=OURS).status_code


def test_a_route_made_tomorrow_is_closed(served: FastAPI, ada: Actor) -> None:
    @served.get("/made/tomorrow")
    def tomorrow(request: Request) -> dict[str, str]:
        return {"user": request.state.actor.user_id}

    with TestClient(served, follow_redirects=False) as client:
        assert client.get("/made/tomorrow").status_code == 401
        for path in ("/healthz/../made/tomorrow", "//made/tomorrow", "/sign-in/../made/tomorrow", "/made/tomorrow/"):
            assert client.get(path).status_code in (401, 404), path
        assert sign_in(client) == 303
        assert client.get("/made/tomorrow").json() == {"user": ada.user_id}


@pytest.mark.usefixtures("ada")
def test_a_person_is_led_to_the_sign_in_page_and_back(client: TestClient) -> None:
    sent = client.get("/media/asset_1?x=1&y=2", headers=PAGE)
    assert sent.status_code == 303
    page = client.get(sent.headers["location"])
    assert page.status_code == 200
    target = re.search(r'name="next" value="([^"]*)"', page.text)
    assert target is not None
    assert target[1] == "/media/asset_1?x=1&amp;y=2"
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    back = client.post(
        "/sign-in", data={"name": "Ada", "password": WORD, "next": "/media/asset_1?x=1&y=2"}, headers=OURS
    )
    assert (back.status_code, back.headers["location"]) == (303, "/media/asset_1?x=1&y=2")
    assert client.get("/sign-in").status_code == 303


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)", "",
               "/x\r\nSet-Cookie: a=b", "/sign-in?next=/sign-in"]
)  # fmt: skip
@pytest.mark.usefixtures("ada")
def test_nobody_is_led_to_another_site(client: TestClient, target: str) -> None:
    assert 'value="/"' in client.get("/sign-in", params={"next": target}).text
    sent = client.post("/sign-in", data={"name": "ada", "password": WORD, "next": target}, headers=OURS)
    assert sent.headers["location"] == "/"
    assert sent.headers.get_list("set-cookie")[0].startswith("studio_session=")
    assert len(sent.headers.get_list("set-cookie")) == 1


@pytest.mark.usefixtures("ada")
def test_what_was_typed_comes_back_as_text(client: TestClient) -> None:
    answer = client.post("/sign-in", data={"name": '"><script>alert(1)</script>', "password": "wrong"}, headers=OURS)
    assert answer.status_code == 401
    assert "<script>" not in answer.text
    assert "do not belong together" in answer.text
    assert "wrong" not in answer.text.replace("wrong_", "")


@pytest.mark.usefixtures("ada")
def test_programs_are_told_in_json_what_to_do(client: TestClient) -> None:
    answer = client.get("/api/account", headers={"Accept": "*/*"})
    assert answer.status_code == 401
    assert answer.json()["code"] == "sign_in_needed"
    assert "Bearer" in answer.headers["www-authenticate"]
    assert client.get("/api/account", headers=PAGE).status_code == 401, "an API path never redirects"


@pytest.mark.usefixtures("ada")
def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(served: FastAPI) -> None:
    with TestClient(served, follow_redirects=False) as client:
        plain = client.post("/sign-in", data={"name": "ada", "password": WORD}, headers=OURS).headers["set-cookie"]
        assert {"HttpOnly", "SameSite=lax", "Path=/"} <= {part.strip() for part in plain.split(";")}
        assert "Secure" not in plain
    with TestClient(served, base_url="https://testserver", follow_redirects=False) as client:
        form = {"name": "ada", "password": WORD}
        secure = client.post("/sign-in", data=form, headers={"Origin": "https://testserver"}).headers["set-cookie"]
        assert "Secure" in secure


@pytest.mark.usefixtures("ada")
def test_only_the_studios_own_pages_change_things_with_a_cookie(client: TestClient) -> None:
    sign_in(client)
    wanted = {"name": "script"}
    for headers, status in (
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "http://testserver:8501"}, 403),
        ({}, 403),
        ({"X-CSRF-Token": "made up"}, 403),
        ({"X-CSRF-Token": client.get("/api/account").json()["csrf"]}, 201),
        ({"Sec-Fetch-Site": "same-origin"}, 201),
        (OURS, 201),
        ({"Origin": "https://studio.example", "X-Forwarded-Host": "studio.example"}, 201),
    ):
        assert client.post("/api/tokens", json=wanted, headers=headers).status_code == status, headers
    assert client.post("/sign-in", data={}, headers={"Origin": "https://elsewhere.example"}).status_code == 403


def test_a_token_needs_no_origin_and_outweighs_a_cookie(client: TestClient, ada: Actor, served: FastAPI) -> None:
    access = served.state.studio.access
    token, _ = access.tokens.create(ada, "script")
    headers = {"Authorization": f"Bearer {token}"}
    assert client.get("/api/account", headers=headers).json()["name"] == "ada"
    assert client.post("/api/tokens", json={"name": "x"}, headers=headers).status_code == 201
    sign_in(client)
    assert client.get("/api/account", headers={"Authorization": "Bearer cw_wrong"}).status_code == 401
    assert client.get("/api/account", headers={"Authorization": "Basic YWRhOng="}).status_code == 200, "a proxy's own"
    for wrong in ("Bearer", "Bearer ", f"bearer{token}", token, f"Bearer {token}x", "Bearer " + "x" * 5000):
        client.cookies.clear()
        assert client.get("/api/account", headers={"Authorization": wrong}).status_code == 401, wrong


@pytest.mark.usefixtures("ada")
def test_signing_out_ends_the_session_and_wants_the_forms_own_mark(client: TestClient) -> None:
    sign_in(client)
    cookie = client.cookies["studio_session"]
    csrf = client.get("/api/account").json()["csrf"]
    assert client.post("/sign-out", data={"csrf": "x"}, headers=OURS).status_code == 403
    assert client.get("/api/account").status_code == 200
    assert client.post("/sign-out", data={"csrf": csrf}, headers=OURS).status_code == 303
    client.cookies.set("studio_session", cookie)
    assert client.get("/api/account").status_code == 401
    assert client.get("/sign-out").status_code in (401, 405)


@pytest.mark.usefixtures("ada")
def test_signing_in_twice_ends_the_first_session_of_that_browser(client: TestClient) -> None:
    sign_in(client)
    first = client.cookies["studio_session"]
    sign_in(client)
    client.cookies.clear()
    client.cookies.set("studio_session", first)
    assert client.get("/api/account").status_code == 401


@pytest.mark.usefixtures("ada")
def test_too_many_tries_are_told_to_wait(client: TestClient) -> None:
    statuses = [sign_in(client, password="not the password") for _ in range(6)]
    assert statuses == [401] * 5 + [429]
    answer = client.post("/sign-in", data={"name": "ada", "password": WORD}, headers=OURS)
    assert 0 < int(answer.headers["retry-after"]) <= 900
    assert "Wait 15 minutes" in answer.text


def test_strangers_can_send_a_name_and_a_password_and_no_file(client: TestClient) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"name=x"

    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for answer in (
        client.post("/sign-in", files={"file": ("x", b"0" * 100)}),
        client.post("/sign-in", content=b"name=" + b"x" * 30_000, headers=form),
        client.post("/sign-in", content=chunks(), headers=form),
        client.post("/sign-in", json={"name": "ada"}),
    ):
        assert answer.status_code == 413


def test_health_tells_strangers_only_that_it_is_up(client: TestClient) -> None:
    answer = client.get("/healthz")
    assert answer.json().get("worker") is None
    assert answer.json()["ok"] is True


@pytest.mark.usefixtures("ada")
def test_nothing_is_left_for_the_next_one_at_the_computer(client: TestClient) -> None:
    sign_in(client)
    for path in ("/api/account", "/api/teams", "/media/none"):
        stored = client.get(path).headers["cache-control"]
        assert "no-cache" in stored or "no-store" in stored
    assert client.get("/api/account").headers["content-security-policy"] == "frame-ancestors 'self'"


@pytest.mark.usefixtures("ada")
def test_a_websocket_is_closed_to_strangers(served: FastAPI) -> None:
    @served.websocket("/talk")
    async def talk(socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("in")
        await socket.close()

    with TestClient(served, follow_redirects=False) as client:
        with pytest.raises(WebSocketDisconnect), client.websocket_connect("/talk"):
            pass
        sign_in(client)
        cookie = {"Cookie": f"studio_session={client.cookies['studio_session']}"}
        with (
            pytest.raises(WebSocketDisconnect),
            client.websocket_connect("/talk", headers=cookie | {"Origin": "https://elsewhere.example"}),
        ):
            pass
        with client.websocket_connect("/talk", headers=cookie | OURS) as socket:
            assert socket.receive_text() == "in"


# On this machine alone nobody is asked; but a web page of another site must not reach the studio through the browser.


@pytest.fixture
def alone(studio: Studio) -> Iterator[TestClient]:
    own = replace(studio, settings=studio.settings.model_copy(update={"allowed_hosts": "Studio.lan, testserver"}))
    with TestClient(api(own), follow_redirects=False) as opened:
        yield opened


@pytest.mark.parametrize(
    "host", ["127.0.0.1:7860", "localhost", "[::1]:7860", "LOCALHOST:1", "studio.lan", "testserver"]
)
def test_on_ones_own_machine_nothing_is_asked(alone: TestClient, host: str) -> None:
    answer = alone.get("/api/account", headers={"Host": host})
    assert answer.status_code == 200
    assert answer.json()["user_id"] == "local"
    assert alone.get("/sign-in", headers={"Host": host}).status_code == 303


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "", "[::1", "0.0.0.0"]
)
def test_another_name_for_this_machine_is_refused(alone: TestClient, host: str) -> None:
    for path in ("/api/account", "/media/x", "/"):
        answer = alone.get(path, headers={"Host": host})
        assert answer.status_code == 403
        assert "STUDIO_ALLOWED_HOSTS" in answer.json()["hint"]


def test_another_site_cannot_use_this_machine_either(alone: TestClient) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert alone.post("/api/users", json={"name": "eve", "password": WORD}, headers=headers).status_code == 403
    assert alone.post("/api/users", json={"name": "eve", "password": WORD}).status_code == 201, "a program of one's own"


@pytest.mark.parametrize("origin", ["http://[", "null", "http://", "\\\\", "http://127.0.0.1:7860@evil.example"])
def test_an_origin_that_is_none_is_another_site(alone: TestClient, origin: str) -> None:
    answer = alone.post("/api/queue/pause", headers={"origin": origin})
    assert answer.status_code == 403


def test_the_demo_knows_its_visitors_otherwise(studio: Studio) -> None:
    open_to_all = replace(studio, settings=studio.settings.model_copy(update={"space_id": "x/y", "host": "0.0.0.0"}))
    with TestClient(api(open_to_all), base_url="https://x-y.hf.space") as client:
        account = client.get("/api/account").json()
        assert account["user_id"].startswith("demo-")
        assert not account["is_admin"]
