"""People to try the doors with: an administrator, two users who do not know each other, and cheap password hashes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from argon2 import PasswordHasher

from core.access.access import Access, open_access
from core.access.passwords import Passwords
from core.app import Studio
from core.kit.actor import LOCAL, Actor

WORD = "a password of some length"


@dataclass(frozen=True)
class People:
    access: Access
    admin: Actor
    ada: Actor
    bob: Actor


@pytest.fixture
def access(studio: Studio) -> Access:
    studio.access = open_access(studio.store, Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
    return studio.access


@pytest.fixture
def people(access: Access) -> People:
    return People(access, *(actor(access, name) for name in ("root", "ada", "bob")))


def actor(access: Access, name: str) -> Actor:
    found = access.users.actor(access.users.add(LOCAL, name, WORD).id)
    assert found is not None
    return found
