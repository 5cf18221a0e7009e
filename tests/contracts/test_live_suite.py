"""The suite for the live services is tried here against the stand-ins: that it can be collected, is off unless asked
for, says why it asks nobody, passes where all is well, and buys nothing past its budget."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.clouds import elevenlabs, elevenlabs_music, mubert, openai, soundraw, stability

ROOT = Path(__file__).resolve().parents[2]
ASKED = ("-m", "live", "-rs", "-p", "no:cacheprovider")


def run(*arguments: str, **environment: str) -> tuple[int, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STUDIO_", "WORKBENCH_"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/live", *arguments], cwd=ROOT, env=kept | environment,
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_an_ordinary_run_asks_nobody(pytestconfig: pytest.Config) -> None:
    assert "not live" in " ".join(pytestconfig.getini("addopts"))


def test_it_passes_against_the_stand_ins_and_stops_at_its_budget() -> None:
    with elevenlabs.ElevenLabsServer() as eleven, openai.OpenaiServer() as other:
        where = {
            "STUDIO_ELEVENLABS_URL": eleven.url, "STUDIO_ELEVENLABS_API_KEY": elevenlabs.KEY,
            "STUDIO_OPENAI_BASE_URL": other.url, "STUDIO_OPENAI_API_KEY": openai.KEY,
        }  # fmt: skip
        code, said = run(*ASKED, "-k", "not test_music", **where)
        assert code == 0, said
        assert "is not set" not in said
        assert eleven.made == 1
        assert len("One, two.") >= eleven.used > 0

        # One service has no key now, nor has one for music, and the other more to bill than the run may cost.
        where.pop("STUDIO_OPENAI_API_KEY")
        code, said = run(*ASKED, "-k", "sentence or mubert", WORKBENCH_LIVE_USD="0.0001", **where)
        assert code == 1, said
        assert "STUDIO_MUBERT_API_KEY is not set, so mubert is not asked for music" in said
        assert "STUDIO_OPENAI_API_KEY is not set, so openai is not asked" in said
        assert "MoneyError" in said
        assert eleven.made == 1


@pytest.mark.long
def test_music_passes_against_the_stand_ins() -> None:
    clouds = {
        "ELEVENLABS": elevenlabs_music.MusicServer(), "STABILITY": stability.StabilityServer(),
        "MUBERT": mubert.MubertServer(), "SOUNDRAW": soundraw.SoundrawServer(),
    }  # fmt: skip
    with ExitStack() as servers:
        for cloud in clouds.values():
            servers.enter_context(cloud)
        where = {f"STUDIO_{name}_URL": cloud.url for name, cloud in clouds.items()}
        where |= {f"STUDIO_{name}_API_KEY": cloud.KEY for name, cloud in clouds.items()}
        code, said = run(*ASKED, "-k", "test_music", **where)
        assert code == 0, said
        assert {name: cloud.made for name, cloud in clouds.items()} == dict.fromkeys(clouds, 1) | {"STABILITY": 2}
