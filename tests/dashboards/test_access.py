"""The dashboards ask for the studio's session, and nobody sees another's figures."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import streamlit as st
import studio_rows
from argon2 import PasswordHasher
from streamlit.runtime.context import StreamlitCookies, StreamlitHeaders
from streamlit.testing.v1 import AppTest

from core.access.access import Access, open_access
from core.access.passwords import Passwords
from core.analytics import files, mart
from core.analytics.queries import open_mart
from core.kit.actor import LOCAL, Actor
from core.kit.clock import today
from core.kit.errors import AccessError
from core.kit.settings import Settings, load_settings
from core.store import assets
from core.store.store import Store

FOLDER = Path(__file__).parents[2] / "dashboards"
PAGES = ("costs", "usage", "voice", "music", "scenes", "licences", "queue", "library")
WORD = "a password of some length"
HERS, HIS = "Ada's secret harbour", "Bob's open field"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The cookies and the Host that a browser would bring."""
    brought = {"Host": "127.0.0.1:8501"}
    monkeypatch.setattr(
        type(st.context),
        "cookies",
        property(lambda _: StreamlitCookies({k: v for k, v in brought.items() if k != "Host"})),
    )
    monkeypatch.setattr(type(st.context), "headers", property(lambda _: StreamlitHeaders([("Host", brought["Host"])])))
    return brought


@pytest.fixture
def closed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setenv("STUDIO_REQUIRE_SIGN_IN", "1")
    return load_settings(home=settings.home)


@pytest.fixture
def access(closed: Settings, store: Store) -> Access:
    assert closed.sign_in_required
    return open_access(store, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))


@pytest.fixture
def people(access: Access, store: Store, closed: Settings) -> dict[str, Actor]:
    found = {name: access.users.actor(access.users.add(LOCAL, name, WORD).id) for name in ("root", "ada", "bob")}
    known = {name: one for name, one in found.items() if one is not None}
    with store.db.write() as connection:
        for name, title, dollars in (("ada", HERS, "77.77"), ("bob", HIS, "1.25")):
            user = known[name].user_id
            job = f"job_{name}"
            studio_rows.add_job(connection, job, title=title, user=user)
            studio_rows.add_job(
                connection, f"{job}_2", title=title, user=user, status="waiting", wait_s=None, run_s=None
            )
            studio_rows.add_job(connection, f"{job}_3", title=title, user=user, status="failed",
                                error={"code": "rejected", "message": title})  # fmt: skip
            studio_rows.add_charge(connection, job, provider=f"{name}s-provider", user=user, settled=Decimal(dollars))
            studio_rows.add_clip(connection, [("calm", 5.0)], name=title, user=user)
            studio_rows.add_scored(connection, f"film_{name}", user=user, provider=f"{name}s-provider")
            studio_rows.add_suggested(connection, f"{job}_s", user=user, provider=f"{name}s-provider")
            studio_rows.add_charge(
                connection,
                f"{job}_2",
                provider=f"{name}s-provider",
                user=user,
                reserved=Decimal(dollars),
                status="reserved",
            )
            _asset(connection, name, title, user, dollars)
            studio_rows.add_music(
                connection, f"{job}_4", user=user, provider=f"{name}s-provider", template=(name, title)
            )
    mart.refresh(closed, store)
    return known


def _asset(connection: Any, name: str, title: str, user: str, dollars: str) -> None:
    from core.kit.clock import now

    moment = now()
    assets.add(connection, {
        "id": f"asset_{name}", "kind": "voiceover", "source": "tts", "name": title, "folder": "", "tags": [],
        "favourite": False, "duration_s": 77.7, "format": "wav", "bytes": 7777, "sha256": name * 8, "instruments": [],
        "peaks": [], "generation_config": {"provider": f"{name}s-provider"}, "cost_usd": Decimal(dollars), "job_id": f"job_{name}",
        "licence": {"id": "licensed", "title": title, "commercial": True, "royalty_free": True, "attribution": False,
                    "valid_until": str(today())},
        "role": "primary", "user_id": user, "organisation_id": "", "visibility": "private", "draft": False,
        "created_at": moment, "updated_at": moment,
    })  # fmt: skip


def page(name: str) -> AppTest:
    app = AppTest.from_file(str(FOLDER / "app.py"), default_timeout=60)
    app.session_state["kept_filters"] = {"period": "All"}
    app.run()
    if name != "costs":
        app.switch_page(f"views/{name}.py").run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def everything(app: AppTest) -> str:
    """All that was sent to the browser, tables and charts included."""
    frames = "\n".join(frame.value.to_csv() for frame in app.dataframe)
    return f"{frames}\n" + "\n".join(str(getattr(one, "proto", one)) for one in app.main) + str(app._tree)


def test_every_page_is_known_here() -> None:
    assert {file.stem for file in (FOLDER / "views").glob("*.py")} - {"__init__"} == set(PAGES)
    named = re.findall(r"views/(\w+)\.py", (FOLDER / "app.py").read_text())
    assert sorted(named) == sorted(PAGES)


@pytest.mark.parametrize("cookie", ["", "made up"])
@pytest.mark.usefixtures("people")
def test_strangers_see_nothing(asked: dict[str, str], cookie: str) -> None:
    asked["studio_session"] = cookie
    app = AppTest.from_file(str(FOLDER / "app.py"), default_timeout=60)
    app.run()
    assert app.title[0].value == "Sign in first"
    assert not app.metric
    assert HERS not in everything(app)
    assert [link.proto.url for link in app.get("link_button")] == ["http://127.0.0.1:17860/sign-in"]


@pytest.mark.parametrize("name", PAGES)
def test_each_sees_his_own_and_an_administrator_all(
    access: Access, people: dict[str, Actor], asked: dict[str, str], name: str
) -> None:
    for who, own, other, others in (("bob", HIS, "ada", HERS), ("ada", HERS, "bob", HIS)):
        asked["studio_session"] = access.sessions.sign_in(who, WORD)[0]
        told = everything(page(name))
        assert own in told or f"{who}s-provider" in told, (name, who)
        assert others not in told, (name, who)
        assert people[other].user_id not in told, (name, who)
        assert f"{other}s-provider" not in told, (name, who)
    asked["studio_session"] = access.sessions.sign_in("root", WORD)[0]
    told = everything(page(name))
    assert all(people[who].user_id in told for who in ("ada", "bob")), name


@pytest.mark.usefixtures("people")
def test_the_sums_are_ones_own(access: Access, asked: dict[str, str]) -> None:
    spent = {}
    for who in ("ada", "bob", "root"):
        asked["studio_session"] = access.sessions.sign_in(who, WORD)[0]
        spent[who] = {one.label: one.value for one in page("costs").metric}["In the range"]
    assert spent == {"ada": "$77.77", "bob": "$1.25", "root": "$79.02"}


@pytest.mark.usefixtures("people")
def test_signing_out_in_the_studio_closes_the_open_page(access: Access, asked: dict[str, str]) -> None:
    asked["studio_session"] = secret = access.sessions.sign_in("bob", WORD)[0]
    app = page("costs")
    assert HIS in everything(app)
    access.sessions.sign_out(secret)
    app.run()
    assert app.title[0].value == "Sign in first"
    assert HIS not in everything(app)


@pytest.mark.usefixtures("asked")
def test_without_users_it_says_how_to_add_one(closed: Settings, store: Store) -> None:
    mart.refresh(closed, store)
    app = AppTest.from_file(str(FOLDER / "app.py"), default_timeout=60).run()
    assert app.title[0].value == "These dashboards are closed"
    assert "studio users add NAME" in app.markdown[0].value


@pytest.mark.usefixtures("asked")
def test_listening_elsewhere_asks_too(settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    mart.refresh(settings, store)
    open_access(store).users.add(LOCAL, "ada", WORD)
    assert AppTest.from_file(str(FOLDER / "app.py"), default_timeout=60).run().title[0].value != "Sign in first"
    real = st.get_option
    for address in ("0.0.0.0", None, ""):
        monkeypatch.setattr(st, "get_option", lambda name, a=address: a if name == "server.address" else real(name))
        assert AppTest.from_file(str(FOLDER / "app.py"), default_timeout=60).run().title[0].value == "Sign in first"


def test_another_name_for_this_machine_is_refused(settings: Settings, store: Store, asked: dict[str, str]) -> None:
    mart.refresh(settings, store)
    asked["Host"] = "evil.example:8501"
    assert AppTest.from_file(str(FOLDER / "app.py"), default_timeout=60).run().title[0].value == "Sign in first"


def test_every_question_says_whose_rows_it_reads(people: dict[str, Actor], closed: Settings) -> None:
    reader = open_mart(closed, people["bob"])
    with pytest.raises(AccessError):
        reader.sql("SELECT * FROM studio.marts.jobs")
    for file in (files.FOLDER / "queries").glob("*.sql"):
        assert "$user" in file.read_text() or "$sees" in file.read_text(), f"{file.name} would show everybody's rows"
        known = {"first_day": today().replace(year=2000), "last_day": today(), "kinds": [], "providers": [], "user": ""}
        found: pd.DataFrame = reader.query(file.stem, known | {"user": people["ada"].user_id})
        told = found.to_csv()
        assert HERS not in told, file.name
        assert "77.77" not in told, file.name
        assert people["ada"].user_id not in told, file.name
        assert "adas-provider" not in told, file.name
    reader.close()
