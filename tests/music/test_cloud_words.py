"""What each service of music is told, in its own words, and what is its own in what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from core.audio.files import encode
from core.kit.children import Children
from core.kit.errors import OutcomeUnknown, RateLimited, Rejected, SetupError, UserError
from core.kit.http import Http
from core.kit.paths import reference
from core.music.providers import hearing
from core.music.providers.beatoven import BeatovenMusic
from core.music.providers.elevenlabs_music import ElevenLabsMusic
from core.music.providers.elevenlabs_plan import sections
from core.music.providers.lyria import LyriaMusic
from core.music.providers.mubert import MubertMusic
from core.music.providers.soundraw import SoundrawMusic
from core.music.providers.stability import StabilityMusic
from core.music.providers.stability3 import StabilityMusic3
from core.music.types import Genre, Material, Mood, MusicRequest
from core.providers import rest
from tests.clouds import elevenlabs_music, lyria, mubert, soundraw, stability
from tests.clouds.beatoven import BeatovenServer
from tests.contracts.music_case import Case


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    pool = Children(limit=1)
    yield pool
    pool.close()


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "_PAUSE_S", 0.0)


# --- what is told -----------------------------------------------------------------------------------------------------


def test_stable_audio_is_told_a_form_with_what_was_chosen_in_its_prompt() -> None:
    request = MusicRequest(
        prompt="warm pads, calm",
        mood="calm",
        genre="ambient",
        bpm=72,
        key="D minor",
        seconds=45,
        seed=0,
        steps=8,
        guidance=2,
    )
    assert StabilityMusic().told(request) == {
        "prompt": "warm pads, calm, ambient, 72 BPM, D minor", "model": "stable-audio-2.5", "duration": "45",
        "output_format": "mp3", "seed": "4294967294", "steps": "8", "cfg_scale": "2",
    }  # fmt: skip
    with pytest.raises(UserError, match="steps = 50"):
        StabilityMusic().told(request.model_copy(update={"steps": 50}))
    assert StabilityMusic().told(request.model_copy(update={"steps": 50, "model": "stable-audio-2"}))["steps"] == "50"
    assert "strength" not in StabilityMusic().told(request.model_copy(update={"strength": 0.5}))


def test_mubert_is_told_every_field_and_the_mode_that_fits() -> None:
    engine = MubertMusic()
    long = MusicRequest(prompt="lo-fi beat", seconds=60, intensity="high", seed=5)
    assert engine.told(long) == {
        "prompt": "lo-fi beat",
        "duration": 60,
        "bitrate": 320,
        "format": "mp3",
        "intensity": "high",
        "mode": "track",
    }
    assert engine.told(long.model_copy(update={"loopable": True}))["mode"] == "loop"
    assert engine.told(long.model_copy(update={"seconds": 8.0, "intensity": None})) | {"prompt": ""} == {
        "prompt": "", "duration": 8, "bitrate": 320, "format": "mp3", "intensity": "medium", "mode": "jingle"
    }  # fmt: skip
    with pytest.raises(UserError, match="too many for Mubert"):
        engine.told(long.model_copy(update={"prompt": "x" * 201}))


def test_every_mood_and_genre_is_one_of_soundraws() -> None:
    known = reference("music/soundraw")
    assert set(known["moods"]) == set(get_args(Mood))
    assert set(known["genres"]) == set(get_args(Genre))
    assert {each for row in known["moods"].values() for each in row} <= soundraw.allowed("moods")
    assert {each for row in known["genres"].values() for each in row} <= soundraw.allowed("genres")
    assert set(known["themes"]) <= soundraw.allowed("themes")
    assert {each for row in known["energy"].values() for each in row} <= set(soundraw.ENERGIES)


def test_soundraw_is_told_lists_and_an_arc_without_gaps() -> None:
    engine = SoundrawMusic()
    told = engine.told(MusicRequest(prompt="music for a travel vlog", mood="happy", genre="folk", bpm=130, seconds=31))
    assert told == {
        "length": 31, "file_format": ["mp3"], "moods": ["Happy"], "genres": ["Acoustic"], "themes": ["Travel", "Vlogs"],
        "tempo": ["high"],
        "energy_levels": [
            {"start": 0, "end": 8, "energy": "Low"}, {"start": 8, "end": 16, "energy": "Medium"},
            {"start": 16, "end": 23, "energy": "High"}, {"start": 23, "end": 31, "energy": "Medium"},
        ],
    }  # fmt: skip
    assert engine.told(MusicRequest(prompt="calm piano", seconds=12))["moods"] == ["Peaceful", "Laid Back"]
    with pytest.raises(UserError, match="takes no free text"):
        engine.told(MusicRequest(prompt="xyzzy", seconds=12))


def test_elevenlabs_is_told_a_bare_prompt_or_a_plan_by_model() -> None:
    engine = ElevenLabsMusic()
    assert engine.told(MusicRequest(prompt="calm piano", seconds=20, seed=3)) == {
        "model_id": "music_v1", "output_format": "mp3_44100_128", "prompt": "calm piano", "music_length_ms": 20_000,
        "force_instrumental": True,
    }  # fmt: skip
    chosen = MusicRequest(prompt="calm piano", genre="jazz", negative_prompt="drums", seconds=30, ending="fade")
    first = engine.told(chosen)["composition_plan"]
    assert first["positive_global_styles"] == ["calm piano", "jazz"]
    assert first["negative_global_styles"] == ["drums", "vocals", "singing", "spoken word"]
    assert [each["section_name"] for each in first["sections"]] == ["Intro", "Part 1", "Outro"]
    assert first["sections"][-1]["positive_local_styles"] == ["gradual fade out at the end"]
    second = engine.told(chosen.model_copy(update={"model": "music_v2"}))
    assert "respect_sections_durations" not in second
    assert [each["text"] for each in second["composition_plan"]["chunks"]] == ["[Intro]", "[Part 1]", "[Outro]"]


@pytest.mark.parametrize("length_ms", [3_000, 19_999, 20_000, 61_234, 127_777, 600_000])
def test_sections_add_up_and_each_has_a_length_the_service_takes(length_ms: int) -> None:
    parts = sections(length_ms)
    assert sum(part for _, part in parts) == length_ms
    assert all(3_000 <= part <= 120_000 for _, part in parts)


def test_beatoven_and_lyria_are_told_one_sentence() -> None:
    request = MusicRequest(prompt="lo-fi chill hop", mood="calm", seconds=30.4, loopable=True, negative_prompt="voices")
    assert BeatovenMusic().told(request) == {
        "prompt": {"text": "30 seconds, lo-fi chill hop, calm"},
        "format": "wav",
        "looping": True,
    }
    assert LyriaMusic().told(request) == {
        "model": "lyria-3-clip-preview",
        "input": "lo-fi chill hop, calm. Instrumental, nobody sings. Without: voices",
    }


@pytest.mark.parametrize("engine", [StabilityMusic(), MubertMusic(), ElevenLabsMusic(), BeatovenMusic(), LyriaMusic()])
def test_nothing_to_go_by_is_said_in_words(engine: Any) -> None:
    with pytest.raises(UserError, match="needs to be told what it should sound like"):
        engine.told(MusicRequest(seconds=20))


# --- what is their own ------------------------------------------------------------------------------------------------


def asked(case: Case, children: Children, folder: Path, **values: Any) -> Any:
    return case.made(folder, children, case.request(**values))


@pytest.mark.parametrize("name", mubert.REFUSALS)
def test_mubert_refuses_by_code(children: Children, tmp_path: Path, name: str) -> None:
    with mubert.MubertServer() as cloud:
        cloud.faults["create"].append(mubert.REFUSALS[name])
        with pytest.raises(Rejected) as told:
            asked(Case(MubertMusic(cloud.url), cloud.KEY, cloud), children, tmp_path)
    meaning = {
        "no licence for it": "pieces of this length (at most 60 seconds)", "used up": "are used up", "licence over": "has expired",
        "company off": "is not active", "field by field": "at least 5",
    }  # fmt: skip
    assert meaning.get(name, "Mubert") in told.value.message
    assert mubert.LICENCE not in f"{told.value.as_dict()}"


def test_mubert_is_busy_for_a_moment_and_renews_its_token(children: Children, tmp_path: Path) -> None:
    with mubert.MubertServer() as cloud:
        case = Case(MubertMusic(cloud.url), cloud.KEY, cloud)
        cloud.faults["create"].append(mubert.BUSY)
        with pytest.raises(RateLimited) as told:
            asked(case, children, tmp_path)
        assert told.value.wait_s == 5.0
        cloud.tokens = 2  # the old one has expired
        made = asked(case, children, tmp_path / "again")
        assert cloud.made == 1
        assert made.outputs[0].facts["bpm"] == 112.0
        for secret in (mubert.LICENCE, f"{1:064d}", cloud.token):
            assert secret not in str(made)
        assert {each.body["custom_id"] for each in cloud.asked if each.path == "/service/customers"} == {
            "creator-workbench"
        }


def test_half_of_mubert_s_key_is_told(children: Children, tmp_path: Path) -> None:
    with mubert.MubertServer() as cloud, pytest.raises(SetupError, match="one part of two"):
        asked(Case(MubertMusic(cloud.url), mubert.COMPANY, cloud), children, tmp_path)


@pytest.mark.parametrize(
    ("engine", "server"), [(MubertMusic, mubert.MubertServer), (SoundrawMusic, soundraw.SoundrawServer)]
)
def test_what_a_service_gives_up_is_told(engine: Any, server: Any, children: Children, tmp_path: Path) -> None:
    with server() as cloud:
        cloud.gives_up = True
        case = Case(engine(cloud.url), cloud.KEY, cloud)
        call = case.call(tmp_path, children)
        remote_id = case.engine.start(case.request(), call)
        states = [case.engine.check(remote_id, call) for _ in range(2)]
        assert states[-1].state == "failed"
        assert remote_id in states[-1].message


def test_stable_audio_works_on_a_melody_and_refuses_one_too_short(children: Children, tmp_path: Path) -> None:
    long, short = tmp_path / "long.flac", tmp_path / "short.wav"
    sound = np.sin(np.arange(8 * 22_050, dtype=np.float32) / 9)[None] * 0.3
    encode(long, sound, 22_050, "flac")
    encode(short, sound[:, : 22_050 * 2], 22_050, "wav16")
    with stability.StabilityServer() as cloud:
        case = Case(StabilityMusic(cloud.url), cloud.KEY, cloud)
        with pytest.raises(UserError, match="too short"):
            asked(case, children, tmp_path / "a", melody="asset_1", material=Material(melody=short))
        assert cloud.seen() == 0
        made = asked(case, children, tmp_path / "b", melody="asset_1", material=Material(melody=long), strength=0.4)
        (post,) = cloud.creates()
        assert post.path.endswith("/audio-to-audio")
        assert post.body["strength"] == made.facts["sent"]["strength"] == "0.4"


@pytest.mark.parametrize("name", stability.REFUSALS)
def test_stable_audio_3_fails_on_the_poll_without_a_bill(children: Children, tmp_path: Path, name: str) -> None:
    with stability.StabilityServer() as cloud:
        case = Case(StabilityMusic3(cloud.url), cloud.KEY, cloud)
        call = case.call(tmp_path, children)
        remote_id = case.engine.start(case.request(), call)
        cloud.faults["poll"].append(stability.REFUSALS[name])
        free = name not in ("wrong key", "no credits")
        with pytest.raises(Rejected if free else OutcomeUnknown) as told:
            case.engine.check(remote_id, call)
        assert ("content filter" in told.value.message) == (name == "moderated")


def test_stable_audio_shuts_out_for_a_minute_and_filters_in_a_200(children: Children, tmp_path: Path) -> None:
    with stability.StabilityServer() as cloud:
        case = Case(StabilityMusic(cloud.url), cloud.KEY, cloud)
        cloud.faults["create"].extend([stability.error(429, "rate_limit_exceeded", "slow down"), stability.FILTERED])
        with pytest.raises(RateLimited) as limited:
            asked(case, children, tmp_path)
        assert limited.value.wait_s == 60.0
        with pytest.raises(OutcomeUnknown, match="content filter"):
            asked(case, children, tmp_path)


def test_elevenlabs_suggests_another_prompt_and_its_plan_is_taken(children: Children, tmp_path: Path) -> None:
    with elevenlabs_music.MusicServer() as cloud:
        case = Case(ElevenLabsMusic(cloud.url), cloud.KEY, cloud)
        cloud.faults["create"].append(elevenlabs_music.BAD_PROMPT)
        with pytest.raises(Rejected) as told:
            asked(case, children, tmp_path)
        assert told.value.hint == f"It suggests: {elevenlabs_music.SUGGESTION}"
        for model in ("music_v1", "music_v2", "music_v2_5"):
            made = asked(case, children, tmp_path / model, model=model, genre="jazz", seconds=21.0)
            assert abs(made.outputs[0].facts["duration_s"] - 21.0) < 0.2
        assert cloud.made == 3


def test_beatoven_gives_stems_and_the_piece_without_one_that_is_gone(children: Children, tmp_path: Path) -> None:
    with BeatovenServer() as cloud:
        cloud.without = {"chords"}
        case = Case(BeatovenMusic(cloud.url), cloud.KEY, cloud)
        made = asked(case, children, tmp_path)
        assert [each.role for each in made.outputs] == ["primary", "stem:drums", "stem:bass", "stem:melody"]
        assert made.facts["warnings"] == ["The stem chords could not be fetched: its link has expired (HTTP 404)."]
        alone = asked(case, children, tmp_path / "alone", stems=False)
        assert len(alone.outputs) == 1


def test_lyria_names_its_filter_and_says_when_to_come_back(children: Children, tmp_path: Path) -> None:
    with lyria.LyriaServer() as cloud:
        case = Case(LyriaMusic(cloud.url), cloud.KEY, cloud)
        blocked = lyria.error(400, "INVALID_ARGUMENT", "The prompt was blocked by safety filters")
        cloud.faults["create"].extend([lyria.LIMIT, blocked])
        with pytest.raises(RateLimited) as limited:
            asked(case, children, tmp_path)
        assert limited.value.wait_s == 7.0
        with pytest.raises(Rejected, match="content filter"):
            asked(case, children, tmp_path)


def test_a_link_of_a_public_service_never_leads_inside(tmp_path: Path) -> None:
    service = rest.Service("Somebody", "https://music.example.com", "some_key")
    for inside in (
        "http://127.0.0.1:9/x.mp3",
        "http://169.254.169.254/latest",
        "http://10.0.0.7/x",
        "file:///etc/passwd",
    ):
        with pytest.raises(rest.NotHad):
            service.bring(inside, tmp_path / "x", most_bytes=100)
    assert list(tmp_path.iterdir()) == []


def test_a_file_without_end_is_left(tmp_path: Path) -> None:
    with BeatovenServer() as cloud:
        cloud.tasks["t"] = 5.0
        service = rest.Service("Beatoven", "https://public-api.beatoven.ai", "beatoven_api_key", cloud.url)
        with pytest.raises(rest.NotHad, match="larger than"):
            service.bring(f"{cloud.url}/file/t/track", tmp_path / "x", most_bytes=1 << 10)
        assert list(tmp_path.iterdir()) == []
        answer = Http(allow_private=True).exchange("GET", f"{cloud.url}/file/t/track", answer_max=100)
        assert (len(answer.body), answer.whole) == (100, False)
