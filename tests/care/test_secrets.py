"""Secrets at rest: only ciphertext is stored, the environment wins, and another key is said in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.app import Studio
from core.kit.actor import LOCAL, Actor
from core.kit.cipher import Cipher
from core.kit.errors import AccessError, NotFound, SetupError, UserError
from core.kit.settings import load_settings
from core.providers.base import ProviderInfo
from core.store import secrets
from tests import scripted

OPENAI = "openai"
KEY = "sk-proj-0123456789-wxyz"
INFO = ProviderInfo(
    name="x", title="X", kind="speech", resource="net", units=("characters",), settings_key="openai_api_key"
)


def test_what_is_stored_is_used_and_the_environment_wins(studio: Studio, home: Path) -> None:
    assert studio.registry.key(INFO) == ""
    assert not studio.registry.readiness("speech", [OPENAI])[0].ready
    studio.vault.put(LOCAL, "STUDIO_OPENAI_API_KEY", f" {KEY}\n")
    assert studio.registry.key(INFO) == KEY
    assert studio.registry.readiness("speech", [OPENAI])[0].ready
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("OPENAI_API_KEY", "sk-of-the-environment")
        other = scripted.build(home)
        assert other.registry.key(INFO) == "sk-of-the-environment"
        assert other.vault.list(LOCAL)[0].overridden
        other.close()


def test_only_ciphertext_lies_on_disk(studio: Studio, home: Path) -> None:
    studio.vault.put(LOCAL, "openai_api_key", KEY)
    with studio.store.db.read() as connection:
        first = secrets.find(connection, "openai_api_key")
    studio.vault.put(LOCAL, "openai_api_key", KEY)
    with studio.store.db.read() as connection:
        second = secrets.find(connection, "openai_api_key")
    assert first is not None
    assert second is not None
    assert first.ciphertext != second.ciphertext
    studio.store.db.close()
    for file in home.rglob("*"):
        assert not file.is_file() or KEY.encode() not in file.read_bytes(), file
    assert [(row.name, row.ending) for row in studio.vault.list(LOCAL)] == [("openai_api_key", "wxyz")]
    assert KEY not in repr(studio.vault.list(LOCAL))
    assert (home / "secret.key").stat().st_mode & 0o777 == 0o600


def test_removing_and_refusing(studio: Studio) -> None:
    studio.vault.put(LOCAL, "openai_api_key", KEY)
    studio.vault.remove(LOCAL, "openai_api_key")
    assert studio.vault.list(LOCAL) == []
    assert studio.registry.key(INFO) == ""
    with pytest.raises(NotFound):
        studio.vault.remove(LOCAL, "openai_api_key")
    for name, value in (("openai_api_key", ""), ("openai_api_key", "two words"), ("openai_api_key", "x" * 1001),
                        ("nobody_api_key", KEY), ("secret_key", KEY), ("storage_secret_key", KEY)):  # fmt: skip
        with pytest.raises(UserError) as error:
            studio.vault.put(LOCAL, name, value)
        assert error.value.hint
        assert KEY not in error.value.message + error.value.hint
    for act in (lambda: studio.vault.list(Actor("ann")), lambda: studio.vault.put(Actor("ann"), "openai_api_key", KEY)):
        with pytest.raises(AccessError):
            act()


def test_another_key_is_one_clear_error(studio: Studio, home: Path) -> None:
    studio.vault.put(LOCAL, "openai_api_key", KEY)
    (home / "secret.key").unlink()
    other = scripted.build(home)
    with pytest.raises(SetupError, match="another key") as error:
        other.registry.key(INFO)
    assert "STUDIO_SECRET_KEY" in error.value.hint
    assert not other.registry.readiness("speech", [OPENAI])[0].ready  # and the other providers go on working
    assert other.vault.list(LOCAL)[0].ending == ""
    other.close()


def test_a_key_of_ones_own(home: Path) -> None:
    from cryptography.fernet import Fernet

    for text in (Fernet.generate_key().decode(), "correct horse battery staple"):
        one, two = (Cipher(load_settings(home=home, secret_key=text)) for _ in range(2))
        assert two.open(one.seal(KEY)) == KEY
    assert not (home / "secret.key").exists()
    with pytest.raises(SetupError, match="shorter than"):
        Cipher(load_settings(home=home, secret_key="short")).seal(KEY)


def test_a_damaged_or_open_key_file(home: Path) -> None:
    cipher = Cipher(load_settings(home=home))
    sealed = cipher.seal(KEY)
    (home / "secret.key").chmod(0o644)
    assert Cipher(load_settings(home=home)).open(sealed) == KEY
    assert (home / "secret.key").stat().st_mode & 0o777 == 0o600
    (home / "secret.key").write_bytes(b"noise")
    with pytest.raises(SetupError, match="damaged"):
        Cipher(load_settings(home=home)).open(sealed)


def test_processes_that_start_together_agree_on_a_key(home: Path) -> None:
    code = (
        "import sys; from core.kit.cipher import Cipher; from core.kit.settings import load_settings\n"
        "sys.stdin.read(); print(Cipher(load_settings()).seal('x'))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code], env={"STUDIO_HOME": str(home)}, stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]  # fmt: skip
    for process in started:
        assert process.stdin is not None
        process.stdin.close()
        process.stdin = None
    sealed = [process.communicate(timeout=30)[0].strip() for process in started]
    assert [Cipher(load_settings(home=home)).open(text) for text in sealed] == ["x"] * 4
    assert [name for name in os.listdir(home) if "secret" in name] == ["secret.key"]
