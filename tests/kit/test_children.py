"""Working children: warm, killable, and never left behind."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import psutil
import pytest

from core.kit import children as kit
from core.kit.children import Children, Kept
from core.kit.errors import Cancelled, ProviderError, UserError
from core.kit.settings import load_settings


def whoami(request: object, progress: Callable[[str, float], None]) -> int:
    progress("Looking", 0.5)
    return os.getpid()


def refuse(request: object, progress: Callable[[str, float], None]) -> None:
    raise UserError("Not this one.", "Take another.")


def stumble(request: object, progress: Callable[[str, float], None]) -> None:
    raise AttributeError("a module that was half loaded")


def die(request: object, progress: Callable[[str, float], None]) -> None:
    os._exit(9)


def sleep(request: float, progress: Callable[[str, float], None]) -> None:
    progress(str(os.getpid()), 0.0)
    time.sleep(request)


@pytest.fixture
def children():  # type: ignore[no-untyped-def]
    pool = Children(limit=1)
    yield pool
    pool.close()


def test_a_child_stays_warm_and_tells_how_far_it_is(children: Children) -> None:
    told: list[tuple[str, float]] = []
    first = children.run(whoami, None, progress=lambda *said: told.append(said))
    assert told == [("Looking", 0.5)]
    assert children.run(whoami, None) == first != os.getpid()


def test_errors_arrive_as_they_were_raised_and_the_child_lives_on(children: Children) -> None:
    before = children.run(whoami, None)
    with pytest.raises(UserError) as error:
        children.run(refuse, None)
    assert (error.value.message, error.value.hint, error.value.exit_code) == ("Not this one.", "Take another.", 2)
    assert children.run(whoami, None) == before


def test_a_child_that_met_a_defect_does_not_meet_the_next_request(children: Children) -> None:
    before = children.run(whoami, None)
    with pytest.raises(ProviderError, match="half loaded"):
        children.run(stumble, None)
    assert children.run(whoami, None) != before
    assert not psutil.pid_exists(before)


def test_a_child_that_dies_is_said_and_replaced(children: Children) -> None:
    with pytest.raises(ProviderError, match="died"):
        children.run(die, None)
    assert children.run(whoami, None) > 0


@pytest.mark.parametrize("how", ["cancel", "deadline"])
def test_cancel_and_deadline_kill(children: Children, how: str) -> None:
    pids: list[int] = []
    expected = Cancelled if how == "cancel" else ProviderError
    children.run(whoami, None)  # up and running before its time is measured
    with pytest.raises(expected):
        children.run(
            sleep, 60.0, progress=lambda pid, _: pids.append(int(pid)),
            cancelled=(lambda: bool(pids)) if how == "cancel" else None, timeout_s=60 if how == "cancel" else 2,
        )  # fmt: skip
    assert not psutil.pid_exists(pids[0])


def test_secrets_do_not_show_and_wrong_settings_name_their_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    from core.kit.errors import SetupError

    monkeypatch.setenv("ELEVENLABS_API_KEY", "sk-secret")
    settings = load_settings()
    assert settings.elevenlabs_api_key is not None
    assert "sk-secret" not in f"{settings!r} {settings.model_dump_json()}"
    monkeypatch.setenv("STUDIO_PORT", "abc")
    with pytest.raises(SetupError, match="STUDIO_PORT"):
        load_settings()


def remember(request: list[int], progress: Callable[[str, float], None]) -> tuple[int, str]:
    held = globals().setdefault("_held", [])
    held += request
    return len(held), os.environ["OMP_NUM_THREADS"]


def test_a_kept_child_is_one_of_its_own_and_remembers(children: Children) -> None:
    model = Kept("model", threads=3)
    assert children.run(remember, [1, 2], kept=model) == (2, "3")
    assert children.run(remember, [3], kept=model) == (3, "3")
    assert children.run(remember, [4]) == (1, "1")
    assert children.run(whoami, None, kept=model) != children.run(whoami, None, kept=Kept("other"))


def test_an_idle_child_leaves_and_is_replaced(children: Children, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kit, "_LEAVES_AFTER_SECONDS", 0.2)
    brief = Kept("brief", idle_seconds=0.1)
    first = children.run(whoami, None, kept=brief)
    deadline = time.monotonic() + 30
    while psutil.pid_exists(first) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not psutil.pid_exists(first)
    assert children.run(whoami, None, kept=brief) != first


def test_a_kept_child_is_closed_with_the_others() -> None:
    pool = Children(limit=1)
    pid = pool.run(whoami, None, kept=Kept("model"))
    pool.close()
    assert not psutil.pid_exists(pid)
