"""studio voices, studio clone check, and speaking with a service from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import soundfile

from core.app import build_studio
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from tests.cli.conftest import Command
from tests.clouds.openai import KEY, OpenaiServer


def test_voices_are_listed_and_filtered(cli: Command) -> None:
    french = cli("voices", "list", "--language", "fr", "--gender", "female", "--json").json
    assert french
    assert {(voice["gender"], voice["language"].split("-")[0]) for voice in french} == {("female", "fr")}
    assert "Emma" in cli("voices", "list", "--search", "emma").out
    assert "No voice" in cli("voices", "list", "--search", "nobody at all").out
    assert "zz" in cli("voices", "list", "--language", "zz").fails(2)


def test_a_sample_is_written(cli: Command, tmp_path: Path) -> None:
    told = cli("voices", "preview", "Emma", "--out", "emma.wav", "--json").json
    assert told["voice"].startswith("espeak:")
    assert soundfile.info(str(tmp_path / "emma.wav")).duration > 1
    assert ".wav" in cli("voices", "preview", "Emma", "--out", "emma.txt").fails(2)
    assert "no amount" in cli("voices", "preview", "Emma", "--out", "e.wav", "--max-usd", "much").fails(2)


def test_a_service_s_voices_come_with_its_key_and_cost_nothing_unasked(cli: Command) -> None:
    with OpenaiServer() as server:
        keys = {"STUDIO_OPENAI_BASE_URL": server.url, "STUDIO_OPENAI_API_KEY": KEY}
        premium = cli("voices", "list", "--tier", "premium", "--json", **keys).json
        assert {voice["provider"] for voice in premium} == {"openai"}
        assert "not made unasked" in cli("voices", "preview", "openai:alloy", "--out", "alloy.wav", **keys).fails(4)
        assert server.requests == []


def test_recordings_are_checked_for_cloning(cli: Command, tmp_path: Path) -> None:
    cli("speak", "The harbour wakes before the town does. " * 4, "--out", "voice.wav")
    told = cli("clone", "check", "voice.wav", "--clean", "clean", "--json").json
    (sample,) = told["samples"]
    assert sample["speech_s"] > 4
    assert {check["verdict"] for check in sample["checks"]} <= {"ok", "problem", "not assessed"}
    assert 0 <= sample["score"] <= 1
    if sample["cleaned"]:
        assert soundfile.info(str(tmp_path / sample["cleaned"])).duration > 4
    assert told["advice"]
    soundfile.write(tmp_path / "short.wav", [0.1, -0.1] * 5000, 44100)
    short = cli("clone", "check", "short.wav", "--json").json["samples"][0]
    assert not short["usable"]
    (tmp_path / "text.wav").write_text(json.dumps({"no": "sound"}))
    assert "text.wav" in cli("clone", "check", "text.wav").fails(2)
    assert "not there" in cli("clone", "check", "nowhere.wav").fails(2)


def test_a_preset_fills_in_what_is_not_said(cli: Command, running_studio: Path) -> None:
    studio = build_studio(load_settings(home=running_studio))
    try:
        presets = studio.voice.presets
        assert "No voice preset" in cli("voices", "presets").out
        row = presets.create(LOCAL, "Audiobook", {"voice": "Grace", "speed": 0.8})
        presets.set_default(LOCAL, row.id)
        (line,) = cli("voices", "presets", "--json").json
        assert line == {"id": row.id, "name": "Audiobook", "settings": row.settings, "is_default": True}
        assert "Audiobook" in cli("voices", "presets").out

        def spoken(*options: str) -> tuple[str, str, float]:
            told = cli("speak", "Hello.", "--out", "hello.wav", *options, "--json").json
            config = studio.jobs.assets(LOCAL, told["job_id"])[0].generation_config
            return config.get("preset", ""), config["voice"], config["settings"]["speed"]

        assert spoken("--preset", "audiobook", "--speed", "1") == ("Audiobook", "espeak:en-us+f5", 1.0)
        assert spoken() == ("Audiobook", "espeak:en-us+f5", 0.8), "the default, where nothing is named"
        assert spoken("--voice", "Emma") == ("", "espeak:en-us+f3", 1.0)
        assert "no voice preset" in cli("speak", "Hello.", "--out", "hello.wav", "--preset", "Podcast").fails(2)
        presets.delete(LOCAL, row.id)
    finally:
        studio.close()


def test_a_quality_and_a_preference_from_the_command_line(cli: Command, tmp_path: Path) -> None:
    said = cli("speak", "The harbour wakes.", "--quality", "draft", "--gender", "male", "--out", "draft.wav")
    assert (tmp_path / "draft.wav").exists()
    assert "draft: Embedded voices" in said.err
    assert "quality = 'best'" in cli("speak", "One.", "--quality", "best", "--out", "x.wav").fails(2)
    assert "does not speak French" in cli(
        "speak", "One.", "--voice", "Emma", "--language", "fr", "--out", "x.wav"
    ).fails(2)
    told = cli(
        "voices", "routing", "--order", "openai,elevenlabs", "--off", "kokoro", "--stand-in", "whole", "--json"
    ).json
    assert told == {"order": ["openai", "elevenlabs"], "off": ["kokoro"], "stand_in": "whole"}
    assert cli("voices", "routing", "--off", "none", "--json").json["off"] == []
    assert "no speech provider" in cli("voices", "routing", "--order", "nobody").fails(2)
