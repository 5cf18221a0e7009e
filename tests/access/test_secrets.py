"""What is secret stays where it was typed: no database, log, mart, job row, error or answer holds it."""

from __future__ import annotations

import base64
import logging
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from core.access.access import open_access
from core.access.passwords import Passwords
from core.api.service import api
from core.app import build_studio
from core.kit.actor import LOCAL
from core.kit.errors import ProviderError
from core.kit.settings import load_settings
from tests import scripted
from tests.access.conftest import WORD, actor

KEYS = {
    "STUDIO_ELEVENLABS_API_KEY": "sk_eleven_Zq9vT3nRkW1xYc7d",
    "STUDIO_OPENAI_API_KEY": "sk-proj-Hh4mUe2oJs8bLp5aQg",
    "STUDIO_ANTHROPIC_API_KEY": "sk-ant-Xx6yKf0iNw3tVr9zBd",
}
TYPED = "a password in the wrong field"


def written(*folders: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def forms(secret: str) -> set[bytes]:
    """As it is, and as programs like to write it down."""
    plain = secret.encode()
    return {plain, quote(secret).encode(), base64.b64encode(plain), plain.hex().encode()}


def test_nothing_secret_is_written_down_or_answered(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    caplog.set_level(logging.DEBUG)
    argon2 = pytest.importorskip("argon2")
    studio = scripted.build(home, require_sign_in=True)
    studio.access = access = open_access(studio.store, Passwords(argon2.PasswordHasher(1, 8, 1)))
    ada = actor(access, "ada")
    secret, _ = access.sessions.sign_in("ada", WORD, agent="a browser")
    token, _ = access.tokens.create(ada, "script")
    team = access.teams.create(ada, "Harbour").id
    code, _ = access.teams.invite(ada, team)
    secrets = {*KEYS.values(), WORD, TYPED, secret, token, code}
    answers: list[str] = []
    try:
        with TestClient(api(studio), raise_server_exceptions=False, follow_redirects=False) as client:
            form = {"name": TYPED, "password": WORD}
            answers.append(client.post("/sign-in", data=form).text.replace(TYPED, ""))  # the field keeps what was typed
            answers.append(client.post("/sign-in", data={"name": "ada", "password": TYPED}).text)
            as_ada = {"Authorization": f"Bearer {token}"}
            for path in ("/api/account", "/api/tokens", "/api/account/sessions", "/api/users", "/api/audit", f"/api/teams/{team}",
                         "/api/jobs", "/api/openapi.json", "/healthz", "/media/none", "/api/nothing"):  # fmt: skip
                answers.append(client.get(path, headers=as_ada).text)
            for path, body in (
                ("/api/users", {"name": "ada", "password": TYPED}), ("/api/users", {"name": "x y", "password": TYPED}),
                ("/api/users", {"name": "eve", "password": TYPED, "surprise": TYPED}),
                ("/api/users", {"name": "eve", "password": [TYPED]}),
                ("/api/account/password", {"old": TYPED, "new": WORD}), ("/api/teams/join", {"code": code[:-1]}),
                ("/api/account/password", {"old": TYPED, "new": "short"}),
            ):  # fmt: skip
                answer = client.post(path, json=body, headers=as_ada)
                assert answer.status_code >= 400, path
                answers.append(answer.text)
        studio.ensure_worker()
        # A provider that gives away its key in its own error, as some do.
        leak = f"401 Unauthorized: Incorrect API key provided: {KEYS['STUDIO_OPENAI_API_KEY']}"
        monkeypatch.setattr(scripted.ScriptedMake, "make", _leaking(leak))
        job = scripted.submit(studio, LOCAL, tmp_path / "account", provider="scripted", tracks=1)
        ended = studio.jobs.wait(LOCAL, job.id, timeout_s=60)
        assert ended.status == "failed"
        answers += [str(ended), str(studio.access.audit.list(LOCAL))]
        studio.refresh_mart()
    finally:
        studio.close()
    answers += [record.getMessage() for record in caplog.records]
    files = written(home)
    assert any(path.suffix == ".duckdb" for path in files)
    assert any(path.suffix == ".sqlite" for path in files)
    for one in secrets:
        for form_ in forms(one):
            assert not [path.name for path, content in files.items() if form_ in content], one
            assert not [text for text in answers if form_.decode() in text], one


def _leaking(text: str) -> object:
    def make(*_: object) -> object:
        raise ProviderError(text, "Check the key.", cost_nothing=True)

    return make


def test_settings_do_not_print_their_keys(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    settings = load_settings(home=home)
    studio = build_studio(settings)
    told = f"{settings!r} {settings} {studio!r} {settings.model_dump_json()}"
    studio.close()
    assert not [value for value in KEYS.values() if value in told]
