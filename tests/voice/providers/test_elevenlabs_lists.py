"""Voices, models and the account of ElevenLabs: whatever is missing or null, and however many pages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.app import Studio
from core.calls.direct import Answer
from core.kit.actor import LOCAL
from core.kit.children import Children
from core.kit.errors import RateLimited, Rejected, SetupError, Unavailable, UserError
from core.providers.base import Call
from core.voice.providers.elevenlabs_account import ElevenLabsAccount, ElevenLabsModels
from core.voice.providers.elevenlabs_voices import MOST_PAGES, ElevenLabsVoices, voice_of
from core.voice.types import Voice
from tests.clouds.elevenlabs import DOUBTS, KEY, LIMITS, REFUSALS, ElevenLabsServer, Fault, model

RACHEL = {
    "voice_id": "rachel", "name": "Rachel", "category": "premade", "description": "A calm voice for stories.",
    "labels": {"accent": "american", "descriptive": "calm", "age": "middle_aged", "gender": "female", "language": "en"},
    "preview_url": "https://storage.example/rachel.mp3", "high_quality_base_model_ids": ["eleven_v3"],
    "verified_languages": [{"language": "fr", "model_id": "eleven_v3", "accent": "parisian"}], "is_owner": False,
}  # fmt: skip


@pytest.fixture
def call(tmp_path: Path, children: Children) -> Call:
    return Call("c", tmp_path, children, key=KEY)


def voices(server: ElevenLabsServer, call: Call, **request: Any) -> list[Any]:
    return list(ElevenLabsVoices(server.url, 2.0).query(request, call).value)


def test_a_voice_as_the_gallery_knows_it(server: ElevenLabsServer, call: Call) -> None:
    server.voices = [RACHEL]
    (row,) = voices(server, call)
    voice = voice_of(row)
    assert isinstance(voice, Voice)
    assert (voice.id, voice.name, voice.provider, voice.tier) == (
        "elevenlabs:rachel",
        "Rachel",
        "elevenlabs",
        "premium",
    )
    assert (voice.gender, voice.accent, voice.age, voice.style) == ("female", "american", "middle aged", "calm")
    assert (voice.language, voice.language_name) == ("en", "English")
    assert voice.sample_text.startswith("Hello")
    assert voice.engine["models"] == ["eleven_v3"]
    assert "https://" not in str(row)  # addresses that end are not kept
    assert voice_of(row | {"later": 1}) == voice


NULLS: list[dict[str, Any]] = [
    {"voice_id": "a"},
    dict.fromkeys(RACHEL) | {"voice_id": "a"},
    {"voice_id": "a", "labels": {"gender": None, "accent": ""}, "verified_languages": [None, {}], "category": 7},
    {"voice_id": "a", "labels": ["male"], "name": "", "high_quality_base_model_ids": {}},
]


@pytest.mark.parametrize("given", NULLS)
def test_all_but_the_id_may_be_missing(server: ElevenLabsServer, call: Call, given: dict[str, Any]) -> None:
    server.voices = [given]
    (row,) = voices(server, call)
    voice = voice_of(row)
    assert (voice.id, voice.name, voice.tier, voice.gender) == ("elevenlabs:a", "a", "premium", "neutral")
    assert (voice.language, voice.accent, voice.style, voice.age) == ("", "", "", "")


def test_a_voice_without_an_id_is_left_out(server: ElevenLabsServer, call: Call) -> None:
    server.voices = [{"voice_id": None, "name": "x"}, {"name": "y"}, RACHEL, RACHEL]
    assert [row["id"] for row in voices(server, call)] == ["elevenlabs:rachel"]


def test_languages_come_from_labels_then_from_what_was_verified(server: ElevenLabsServer, call: Call) -> None:
    server.voices = [RACHEL | {"labels": None}]
    (row,) = voices(server, call)
    assert (row["language"], row["language_name"], row["accent"]) == ("fr", "French", "parisian")


@pytest.mark.parametrize(
    ("category", "owner", "tier"),
    [("cloned", None, "custom"), ("cloned", True, "custom"), ("generated", None, "custom"), ("cloned", False, "premium"),
     ("professional", True, "custom"), ("professional", False, "premium"), ("professional", None, "premium"),
     ("premade", True, "premium"), (None, True, "premium"), ("of the future", True, "premium")],
)  # fmt: skip
def test_whose_voice_it_is(server: ElevenLabsServer, call: Call, category: Any, owner: Any, tier: str) -> None:
    server.voices = [{"voice_id": "a", "category": category, "is_owner": owner}]
    assert voices(server, call)[0]["tier"] == tier


def test_every_page_is_read(server: ElevenLabsServer, call: Call) -> None:
    server.voices = [{"voice_id": f"v{n}"} for n in range(250)]
    assert [row["id"] for row in voices(server, call)] == [f"elevenlabs:v{n}" for n in range(250)]
    assert [each.query.get("next_page_token") for each in server.asked] == [None, "100", "200"]
    assert {each.query["page_size"] for each in server.asked} == {"100"}


def test_pages_without_end_have_one(server: ElevenLabsServer, call: Call) -> None:
    pages = iter(range(1000))
    server.page = lambda query: {  # type: ignore[method-assign]
        "voices": [{"voice_id": f"v{(n := next(pages))}"}], "has_more": True, "next_page_token": f"t{n}",
    }  # fmt: skip
    assert len(voices(server, call)) == MOST_PAGES
    server.asked.clear()
    server.page = lambda query: {"voices": [], "has_more": True, "next_page_token": "same"}  # type: ignore[method-assign]
    assert voices(server, call) == []
    assert len(server.asked) == 2


def test_what_is_searched_for_goes_along(server: ElevenLabsServer, call: Call) -> None:
    server.voices = [RACHEL, {"voice_id": "adam", "name": "Adam"}]
    assert [row["name"] for row in voices(server, call, search="adam", gender="")] == ["Adam"]
    assert server.asked[0].query == {"page_size": "100", "search": "adam"}
    voices(server, call, category="cloned", language="hi")
    assert server.asked[1].query == {"page_size": "100", "category": "cloned", "language": "hi"}
    with pytest.raises(UserError, match="'colour'"):
        voices(server, call, colour="blue")


def test_models_that_speak(server: ElevenLabsServer, call: Call) -> None:
    server.models = [
        model("eleven_flash_v2_5", longest=40_000),
        model("music_v1", can_do_text_to_speech=False),
        {"model_id": "eleven_v9"},
        model("eleven_v3", longest=None, max_characters_request_subscribed_user=5000, model_rates=None),
        {"name": "no id"},
    ]
    found = ElevenLabsModels(server.url).query({}, call).value
    assert [each["model_id"] for each in found] == ["eleven_flash_v2_5", "eleven_v9", "eleven_v3"]
    assert found[0] == {
        "model_id": "eleven_flash_v2_5", "name": "Eleven_Flash_V2_5", "languages": ["en", "hi"], "longest": 40_000,
        "can_use_style": True, "can_use_speaker_boost": True, "cost_factor": 0.5, "known": True,
    }  # fmt: skip
    assert found[1] == {
        "model_id": "eleven_v9", "name": "eleven_v9", "languages": [], "longest": None, "can_use_style": None,
        "can_use_speaker_boost": None, "cost_factor": None, "known": False,
    }  # fmt: skip
    assert (found[2]["longest"], found[2]["cost_factor"]) == (5000, 1.0)


def test_what_is_left_of_the_plan(server: ElevenLabsServer, call: Call) -> None:
    server.used = 1234
    assert ElevenLabsAccount(server.url).query({}, call).value == {
        "tier": "creator", "status": "active", "characters_used": 1234, "characters_limit": 100_000,
        "resets_at": "2027-01-01T00:00:00+00:00", "can_use_instant_voice_cloning": True, "voice_slots_used": 3,
        "voice_slots": 30,
    }  # fmt: skip
    server.subscription = lambda: {"tier": "free", "next_character_count_reset_unix": 1e30}  # type: ignore[method-assign]
    found = ElevenLabsAccount(server.url).query({}, call).value
    assert (found["tier"], found["characters_limit"], found["resets_at"]) == ("free", None, None)


QUERIES = [ElevenLabsVoices, ElevenLabsModels, ElevenLabsAccount]


@pytest.mark.parametrize("kind", QUERIES)
@pytest.mark.parametrize("name", ["reset after reading", "truncated", "web page", "not an object", "null", "silent"])
def test_an_answer_that_is_none_may_be_asked_for_again(
    server: ElevenLabsServer, call: Call, kind: type[Any], name: str
) -> None:
    server.script.append(DOUBTS[name])
    with pytest.raises(Unavailable) as failed:
        kind(server.url, 0.3).query({}, call)
    assert failed.value.cost_nothing
    assert len(server.asked) == 1


@pytest.mark.parametrize("kind", QUERIES)
def test_refusals_are_the_same_everywhere(server: ElevenLabsServer, call: Call, kind: type[Any]) -> None:
    server.script.extend([REFUSALS["key may not"], LIMITS["rate"], Fault(500, "")])
    for expected in (Rejected, RateLimited, Unavailable):
        with pytest.raises(expected):
            kind(server.url).query({}, call)
    with pytest.raises(SetupError):
        kind(server.url).query({}, Call("c", call.folder, call.children))


def test_asked_once_a_day_and_stale_when_it_is_away(studio: Studio, server: ElevenLabsServer) -> None:
    studio.vault.put(LOCAL, "elevenlabs_api_key", KEY)
    studio.registry.add(ElevenLabsVoices(server.url), ElevenLabsAccount(server.url))
    server.voices = [RACHEL]

    def ask(kind: str) -> Answer:
        return studio.direct.query(LOCAL, kind, {}, provider="elevenlabs")

    first, again = ask("voices"), ask("voices")
    assert (first.cached, again.cached, len(server.asked)) == (False, True, 1)
    assert voice_of(again.value[0]) == voice_of(first.value[0])
    assert ask("account").value["tier"] == "creator"
    assert server.used == 0
