"""Every program that listens refuses to where others could reach it, until there is a user."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STUDIO = [sys.executable, "-c", "from core.cli.main import main; main()"]


def run(home: Path, *command: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("STUDIO_", "SPACE_ID"))}
    environment |= {"STUDIO_HOME": str(home), "STUDIO_PORT": "17999", "STUDIO_DASHBOARDS_PORT": "17998"} | variables
    return subprocess.run(
        command, cwd=ROOT, env=environment, input=stdin, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("command", "variables"),
    [
        ([*STUDIO, "up", "--host", "0.0.0.0"], {}),
        ([*STUDIO, "up"], {"STUDIO_REQUIRE_SIGN_IN": "1"}),
        ([sys.executable, "ui_gradio/app.py"], {"STUDIO_HOST": "0.0.0.0"}),
        ([sys.executable, "-m", "dashboards"], {"STUDIO_HOST": "::"}),
    ],
    ids=["up", "up, sign-in asked for", "page", "dashboards"],
)
def test_without_a_user_it_does_not_listen(home: Path, command: list[str], variables: dict[str, str]) -> None:
    done = run(home, *command, **variables)
    assert done.returncode == 3, done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 2, done.stderr
    assert "no users yet" in lines[0]
    assert "studio users add NAME" in lines[1]


def test_users_are_added_on_the_command_line(home: Path) -> None:
    word = "a password of some length"
    refused = run(home, *STUDIO, "users", "add", "ada", stdin=f"{word}\n")
    assert refused.returncode == 2
    assert "--password-stdin" in refused.stderr
    short = run(home, *STUDIO, "users", "add", "ada", "--password-stdin", stdin="short\n")
    assert short.returncode == 2
    assert len(short.stderr.strip().splitlines()) == 2
    made = run(home, *STUDIO, "users", "add", "ada", "--password-stdin", stdin=f"{word}\n")
    assert (made.returncode, made.stderr) == (0, "")
    assert "administers" in made.stdout
    listed = run(home, *STUDIO, "users", "list", "--json")
    assert '"name": "ada"' in listed.stdout
    assert "argon2" not in listed.stdout
