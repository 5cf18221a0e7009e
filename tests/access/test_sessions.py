"""Signing in: throttled by name and by address, the same answer for everything wrong, and sessions that end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest

from core.access import sessions as module
from core.access import tokens as token_module
from core.kit.clock import now
from core.kit.errors import NotFound, SignInNeeded, StudioError, TooManyTries, UserError
from tests.access.conftest import WORD, People


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    def move(by: timedelta) -> None:
        def moved() -> datetime:
            return now() + by

        for place in (module, token_module):
            monkeypatch.setattr(place, "now", moved)

    return move


def refusal(people: People, name: str, password: str = "not the password", address: str = "") -> StudioError:
    with pytest.raises((SignInNeeded, TooManyTries)) as refused:
        people.access.sessions.sign_in(name, password, address=address)
    return refused.value


def test_wrong_names_passwords_and_disabled_users_get_one_answer(people: People) -> None:
    people.access.users.disable(people.admin, "bob")
    answers = [refusal(people, "ada"), refusal(people, "nobody-has-this"), refusal(people, "bob", WORD)]
    assert len({(one.message, one.hint, one.code) for one in answers}) == 1


def test_after_five_failures_a_name_has_to_wait(people: People, later: Any) -> None:
    for _ in range(5):
        assert isinstance(refusal(people, "ada"), SignInNeeded)
    paused = refusal(people, "ada", WORD)
    assert isinstance(paused, TooManyTries)
    assert 14 * 60 < paused.wait_s <= 15 * 60
    assert "15 minutes" in paused.hint
    assert people.access.sessions.sign_in("bob", WORD), "others are not kept out with him"
    later(timedelta(minutes=15, seconds=1))
    assert people.access.sessions.sign_in("ada", WORD)


def test_a_name_nobody_has_is_throttled_alike(people: People) -> None:
    kinds = [type(refusal(people, "nobody-has-this")) for _ in range(6)]
    assert kinds == [SignInNeeded] * 5 + [TooManyTries]


def test_one_address_cannot_try_name_after_name(people: People) -> None:
    for number in range(20):
        assert isinstance(refusal(people, f"guess{number}", address="203.0.113.9"), SignInNeeded)
    assert isinstance(refusal(people, "ada", WORD, address="203.0.113.9"), TooManyTries)
    assert people.access.sessions.sign_in("ada", WORD, address="203.0.113.10")


def test_a_sign_in_that_succeeds_forgives_the_typing_errors_before(people: People) -> None:
    for _ in range(3):
        for _ in range(4):
            refusal(people, "ada")
        people.access.sessions.sign_in("ada", WORD)


def test_guesses_at_the_same_time_are_counted_too(people: People) -> None:
    with ThreadPoolExecutor(8) as pool:
        kinds = list(pool.map(lambda n: type(refusal(people, "ada", f"guess number {n}")), range(24)))
    assert kinds.count(SignInNeeded) == 5
    assert kinds.count(TooManyTries) == 19


def test_a_session_ends_when_it_is_not_used(people: People, later: Any) -> None:
    secret, _ = people.access.sessions.sign_in("ada", WORD)
    for day in range(6, 30, 6):
        later(timedelta(days=day))
        # Used now and then it goes on: the row's last use moves along with the clock.
        found = people.access.sessions.find(secret)
        assert found is not None
        assert found.actor == people.ada
        with people.access.sessions._store.db.write() as connection:
            from sqlalchemy import update

            from core.store import users

            connection.execute(update(users.sessions).values(seen_at=now() + timedelta(days=day)))
    later(timedelta(days=29, hours=23))
    assert people.access.sessions.find(secret) is not None
    later(timedelta(days=30, seconds=5))
    assert people.access.sessions.find(secret) is None, "thirty days are the end of it, used or not"
    idle, _ = people.access.sessions.sign_in("bob", WORD)
    later(timedelta(days=30 + 7, seconds=10))
    assert people.access.sessions.find(idle) is None, "seven days without use too"


def test_made_up_secrets_are_nobodys(people: People) -> None:
    secret, _ = people.access.sessions.sign_in("ada", WORD)
    for wrong in ("", secret[:-1], secret + "x", "x" * 10_000, "\ud800", "' OR 1=1 --"):
        assert people.access.sessions.find(wrong) is None


def test_signing_out_here_and_everywhere(people: People) -> None:
    first, _ = people.access.sessions.sign_in("ada", WORD, agent="one")
    second, _ = people.access.sessions.sign_in("ada", WORD, agent="two")
    other, _ = people.access.sessions.sign_in("bob", WORD)
    assert {one.agent for one in people.access.sessions.list(people.ada)} == {"one", "two"}
    people.access.sessions.sign_out(first)
    assert people.access.sessions.find(first) is None
    assert people.access.sessions.find(second) is not None
    assert people.access.sessions.sign_out_everywhere(people.ada) == 1
    assert people.access.sessions.find(second) is None
    assert people.access.sessions.find(other) is not None


def test_a_token_lasts_as_long_as_it_should_and_is_told_once(people: People, later: Any) -> None:
    secret, row = people.access.tokens.create(people.ada, "script", days=3)
    assert secret.startswith("cw_")
    assert secret.startswith(row.start)
    assert len(row.start) < 12
    assert people.access.tokens.find(secret) == people.ada
    assert people.access.tokens.list(people.ada)[0].used_at is not None
    assert secret not in str(people.access.tokens.list(people.ada))
    assert people.access.tokens.list(people.bob) == []
    later(timedelta(days=3, seconds=5))
    assert people.access.tokens.find(secret) is None


def test_only_its_owner_or_an_administrator_revokes_a_token(people: People) -> None:
    secret, row = people.access.tokens.create(people.ada, "script")
    with pytest.raises(NotFound):
        people.access.tokens.revoke(people.bob, row.id)
    with pytest.raises(NotFound):
        people.access.tokens.revoke(people.bob, row.id, user_id=people.ada.user_id)
    assert people.access.tokens.find(secret) is not None
    people.access.tokens.revoke(people.admin, row.id, user_id=people.ada.user_id)
    assert people.access.tokens.find(secret) is None
    with pytest.raises(NotFound):
        people.access.tokens.revoke(people.ada, row.id)


def test_a_token_for_somebody_else_is_an_administrators_to_make(people: People) -> None:
    secret, _ = people.access.tokens.create(people.bob, "mine", user_id=people.ada.user_id)
    assert people.access.tokens.find(secret) == people.bob
    secret, _ = people.access.tokens.create(people.admin, "for ada", user_id=people.ada.user_id)
    assert people.access.tokens.find(secret) == people.ada
    for days in (0, -1, 367):
        with pytest.raises(UserError):
            people.access.tokens.create(people.ada, "script", days=days)
