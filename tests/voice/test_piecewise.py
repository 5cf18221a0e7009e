from core.voice.engine import Utterance
from core.voice.gallery import find_voice
from core.voice.parts import Part
from core.voice.piecewise import Piece, _step
from core.voice.providers.openai import OpenaiSpeech


def piece(**values: str) -> Piece:
    part = Part("Hello.", "Hello.", (), (), (), "", 1.0, 0.0, 0, 0, "", 0)
    return Piece(part, find_voice("Emma"), OpenaiSpeech(), Utterance("Hello.", "alloy", "tts-1", **values))  # type: ignore[arg-type]


def test_steps_of_scripts_in_flight_keep_their_names() -> None:
    """The name that the studio gave this step before utterances had a profile."""
    assert _step(0, piece()) == "part:0:47615633b3b4f44d"


def test_another_profile_is_another_step() -> None:
    assert len({_step(0, piece()), _step(0, piece(profile="a" * 64)), _step(0, piece(profile="b" * 64))}) == 3
