"""Users: the first administers, the last administrator stays, and nothing but hashes is kept."""

from __future__ import annotations

import pytest

from core.access.access import Access
from core.app import Studio
from core.kit.actor import LOCAL
from core.kit.errors import AccessError, NotFound, SetupError, SignInNeeded, UserError
from core.store import users as rows
from tests.access.conftest import WORD, People


def test_the_first_user_administers_and_later_ones_do_not(people: People) -> None:
    shown = {user.name: user for user in people.access.users.list(people.admin)}
    assert [shown[name].is_admin for name in ("root", "ada", "bob")] == [True, False, False]


def test_others_may_not_administer(people: People) -> None:
    users = people.access.users
    for act in (
        lambda: users.list(people.ada),
        lambda: users.add(people.ada, "eve", WORD),
        lambda: users.disable(people.ada, "bob"),
        lambda: users.set_password(people.ada, "bob", WORD),
        lambda: users.set_tier(people.ada, "ada", "studio"),
        lambda: users.set_admin(people.ada, "ada", is_admin=True),
        lambda: users.show(people.ada, "bob"),
    ):
        with pytest.raises(AccessError):
            act()


@pytest.mark.parametrize("password", ["", "nine char", "x" * 1001])
def test_a_password_is_long_enough_and_not_too_long(access: Access, password: str) -> None:
    with pytest.raises(UserError, match="password"):
        access.users.add(LOCAL, "ada", password)
    with pytest.raises(UserError, match="name"):
        access.users.add(LOCAL, "ada.lovelace", "Ada.Lovelace")


@pytest.mark.parametrize("name", ["", " ", "a b", "../etc", "a" * 81, "<b>", "a\0b", "-x", "ada\n"])
def test_names_that_cannot_be(access: Access, name: str) -> None:
    if name.strip() == "ada":
        assert access.users.add(LOCAL, name, WORD).name == "ada"
        return
    with pytest.raises(UserError, match="name"):
        access.users.add(LOCAL, name, WORD)


def test_a_name_is_one_name_however_it_is_typed(access: Access) -> None:
    access.users.add(LOCAL, "José", WORD)
    with pytest.raises(UserError, match="already"):
        access.users.add(LOCAL, " JOSE\u0301 ", WORD)
    assert access.sessions.sign_in("JOSÉ", WORD)[1].name == "josé"


def test_a_password_is_the_same_in_every_spelling_of_its_letters(access: Access) -> None:
    access.users.add(LOCAL, "ada", "cafe\u0301 au lait, s'il te plaît")
    assert access.sessions.sign_in("ada", "café au lait, s'il te plaît")


def test_what_is_kept_of_a_password_is_an_argon2id_hash(studio: Studio) -> None:
    user = studio.access.users.add(LOCAL, "ada", WORD)
    assert user.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_an_old_hash_is_renewed_at_the_next_sign_in(studio: Studio, access: Access) -> None:
    access.users.add(LOCAL, "ada", WORD)
    from core.access.access import open_access

    open_access(studio.store).sessions.sign_in("ada", WORD)
    with studio.store.db.read() as connection:
        found = rows.by_name(connection, "ada")
    assert found is not None
    assert "m=65536" in found.password_hash


def test_a_disabled_user_is_out_at_once(people: People) -> None:
    secret, _ = people.access.sessions.sign_in("ada", WORD)
    token, _ = people.access.tokens.create(people.ada, "script")
    people.access.users.disable(people.admin, "ada")
    assert people.access.sessions.find(secret) is None
    assert people.access.tokens.find(token) is None
    assert people.access.users.actor(people.ada.user_id) is None
    with pytest.raises(SignInNeeded):
        people.access.sessions.sign_in("ada", WORD)
    people.access.users.enable(people.admin, "ada")
    assert people.access.sessions.sign_in("ada", WORD)
    assert people.access.tokens.find(token) is None, "what was ended stays ended"


def test_a_new_password_ends_sessions_and_tokens(people: People) -> None:
    secret, _ = people.access.sessions.sign_in("ada", WORD)
    token, _ = people.access.tokens.create(people.ada, "script")
    with pytest.raises(AccessError, match="not your password"):
        people.access.users.change_password(people.ada, "a wrong old password", "another password entirely")
    people.access.users.change_password(people.ada, WORD, "another password entirely")
    assert people.access.sessions.find(secret) is None
    assert people.access.tokens.find(token) is None
    with pytest.raises(SignInNeeded):
        people.access.sessions.sign_in("ada", WORD)
    assert people.access.sessions.sign_in("ada", "another password entirely")


def test_the_last_administrator_stays_one(people: People) -> None:
    users = people.access.users
    for act in (
        lambda: users.disable(people.admin, "root"),
        lambda: users.set_admin(people.admin, "root", is_admin=False),
    ):
        with pytest.raises(UserError, match="last administrator"):
            act()
    users.set_admin(people.admin, "ada", is_admin=True)
    assert not users.set_admin(people.admin, "root", is_admin=False).is_admin


def test_the_tier_reaches_the_actor(people: People) -> None:
    people.access.users.set_tier(people.admin, "bob", "free")
    found = people.access.users.actor(people.bob.user_id)
    assert found is not None
    assert found.tier == "free"
    with pytest.raises(UserError, match="tier"):
        people.access.users.set_tier(people.admin, "bob", "gold")
    with pytest.raises(NotFound):
        people.access.users.set_tier(people.admin, "nobody", "free")


def test_nobody_may_listen_before_there_is_a_user(studio: Studio, access: Access) -> None:
    for host in ("0.0.0.0", "::", "", "192.168.1.5", "studio.example"):
        with pytest.raises(SetupError, match="no users") as refused:
            access.may_listen(studio.settings.model_copy(update={"host": host}))
        assert refused.value.exit_code == 3
        assert "studio users add" in refused.value.hint
    for host in ("127.0.0.1", "localhost", "::1", "127.0.0.9"):
        access.may_listen(studio.settings.model_copy(update={"host": host}))
    demo = studio.settings.model_copy(update={"host": "0.0.0.0", "space_id": "someone/studio"})
    access.may_listen(demo)
    with pytest.raises(SetupError):
        access.may_listen(demo.model_copy(update={"require_sign_in": True}))
    access.users.add(LOCAL, "ada", WORD)
    access.may_listen(studio.settings.model_copy(update={"host": "0.0.0.0"}))
