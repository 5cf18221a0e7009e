"""A quality through the real studio: what is said before, what speaks, what a preference and a cap change."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.kit.actor import LOCAL, Actor
from core.kit.errors import AccessError, MoneyError, NotFound, SetupError, UserError
from tests.voice.routing.conftest import RACHEL, Desk

LONG = "The harbour wakes before the town does. " * 12


def test_the_choice_is_said_before_and_kept_on_the_job_and_the_asset(desk: Desk) -> None:
    said = desk.studio.voice.estimate(LOCAL, text="The harbour wakes.", quality="premium")
    assert said.route == "premium: ElevenLabs Rachel, up to $0.0018"
    assert (said.voice, said.provider, desk.said()) == (RACHEL, "elevenlabs", [])
    job = desk.speak("The harbour wakes.", quality="premium")
    assert job.request["route"]["why"] == said.route
    piece = desk.piece(job)
    assert piece.generation_config["route"]["why"] == said.route
    assert piece.generation_config["voice"] == RACHEL
    assert piece.cost_usd == said.usd == Decimal("0.0018")


def test_a_cap_passes_an_engine_over(desk: Desk) -> None:
    desk.studio.budgets.set_limit("user_day", Decimal("0.045"))
    said = desk.studio.voice.estimate(LOCAL, text=LONG, quality="premium")
    assert said.provider == "openai"
    assert said.route.endswith("; ElevenLabs skipped: over your daily cap")
    with pytest.raises(MoneyError, match="ElevenLabs: over the job's cap; OpenAI: over the job's cap"):
        desk.studio.voice.speak(LOCAL, text=LONG, quality="premium", cap_usd=Decimal("0.001"))


def test_draft_and_standard_are_free_here(desk: Desk) -> None:
    for quality in ("draft", "standard"):
        piece = desk.piece(desk.speak("One.", quality=quality))
        assert (piece.generation_config["provider"], piece.cost_usd) == ("espeak", 0)
    assert desk.said() == desk.openai.requests == []


def test_a_plan_makes_a_service_standard(desk: Desk) -> None:
    desk.studio.plans.choose("elevenlabs", "creator")
    said = desk.studio.voice.estimate(LOCAL, text="One.", quality="standard")
    assert (said.voice, said.usd) == (RACHEL, 0)
    assert "your plan pays" in said.route


def test_a_preference_is_kept_and_obeyed(desk: Desk) -> None:
    routing = desk.studio.voice.routing
    routing.set(LOCAL, order=["openai"])
    assert desk.studio.voice.estimate(LOCAL, text="One.", quality="premium").provider == "openai"
    routing.set(LOCAL, off=["openai"])
    assert routing.of(LOCAL).order == ("openai",)
    said = desk.studio.voice.estimate(LOCAL, text="One.", quality="premium")
    assert "OpenAI skipped: you switched it off" in said.route
    assert said.provider == "elevenlabs"
    assert desk.studio.voice.estimate(LOCAL, text="One.", voice="openai:alloy").provider == "openai", "named outright"
    assert routing.engines(LOCAL)[0].name == "openai"
    assert routing.of(Actor("somebody")).off == ()
    with pytest.raises(UserError, match="no speech provider 'nobody'"):
        routing.set(LOCAL, order=["nobody"])
    with pytest.raises(UserError, match="stand_in = 'perhaps'"):
        routing.set(LOCAL, stand_in="perhaps")


def test_an_engine_switched_off_for_all_speaks_for_nobody(desk: Desk) -> None:
    routing = desk.studio.voice.routing
    with pytest.raises(AccessError):
        routing.switch(Actor("somebody"), "elevenlabs", on=False)
    routing.switch(LOCAL, "elevenlabs", on=False)
    said = desk.studio.voice.estimate(LOCAL, text="One.", quality="premium")
    assert "ElevenLabs skipped: it is switched off in this studio" in said.route
    with pytest.raises(SetupError, match="switched off in this studio"):
        desk.studio.voice.speak(LOCAL, text="One.", voice=RACHEL)
    routing.switch(LOCAL, "elevenlabs", on=True)
    assert desk.studio.voice.estimate(LOCAL, text="One.", quality="premium").provider == "elevenlabs"


def test_language_gender_and_accent_are_kept_where_they_are_asked(desk: Desk) -> None:
    estimate = desk.studio.voice.estimate
    assert estimate(LOCAL, text="One.", quality="draft", gender="male", accent="British").voice.startswith("espeak:en")
    male = desk.studio.voice.book.find(LOCAL, estimate(LOCAL, text="One.", quality="draft", gender="male").voice)
    assert male.gender == "male"
    assert estimate(LOCAL, text="Bonjour.", quality="draft", language="fr").voice.startswith("espeak:fr")
    assert estimate(LOCAL, text="नमस्ते दोस्तों", quality="draft").voice.startswith("espeak:hi")
    with pytest.raises(SetupError, match="ElevenLabs: no voice there is known to speak English, male") as refused:
        estimate(LOCAL, text="One.", quality="premium", gender="male")
    assert "OpenAI: no voice there is known to speak English, male" in refused.value.message


def test_beside_a_voice_it_is_that_one_or_one_like_it(desk: Desk) -> None:
    estimate = desk.studio.voice.estimate
    assert estimate(LOCAL, text="One.", quality="premium", voice="openai:nova").voice == "openai:nova"
    assert estimate(LOCAL, text="One.", quality="premium", voice="Emma").voice == RACHEL, "a woman of the same language"
    assert estimate(LOCAL, text="One.", quality="draft", voice=RACHEL).voice == "espeak:en-us+f3"
    with pytest.raises(NotFound):
        estimate(LOCAL, text="One.", quality="draft", voice="Nobody At All")


def test_favourites_win_among_equals(desk: Desk) -> None:
    desk.studio.voice.favourites.add(LOCAL, "Sarah")
    assert desk.studio.voice.estimate(LOCAL, text="One.", quality="draft").voice == "espeak:en-us+f2"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"quality": "best"}, "quality = 'best'"), ({"gender": "male"}, "no quality was given"),
        ({"quality": "draft", "gender": "robot"}, "gender = 'robot'"), ({"stand_in": "yes"}, "stand_in = 'yes'"),
        ({"quality": "premium", "text": "[speed 9]x"}, "speed"), ({"quality": "draft", "language": "xx"}, "xx"),
    ],
)  # fmt: skip
def test_bad_wishes_are_one_clear_message(desk: Desk, values: dict[str, str], words: str) -> None:
    with pytest.raises((UserError, SetupError), match=words):
        desk.studio.voice.estimate(LOCAL, **{"text": "One.", **values})


def test_a_language_reaches_the_service(desk: Desk) -> None:
    desk.piece(desk.speak("Guten Morgen.", voice=RACHEL, model="eleven_flash_v2_5", language="de", captions=False))
    assert desk.eleven.speech[-1].body["language_code"] == "de"
    piece = desk.piece(desk.speak("Guten Morgen.", voice="openai:alloy", language="de", captions=False))
    assert desk.openai.requests[-1].body["instructions"] == "Speak German."
    assert piece.generation_config["language"] == "de"
    with pytest.raises(UserError, match="Rachel does not speak German"):
        desk.speak("Guten Morgen.", voice=RACHEL, language="de")
