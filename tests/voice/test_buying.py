"""Steps of a script keep their names from one release to the next: what was bought is found again."""

from core.voice.buying import step_of
from core.voice.engine import Utterance
from core.voice.gallery import find_voice
from core.voice.parts import Part
from core.voice.pieces import Piece
from core.voice.providers.openai import OpenaiSpeech


def piece(**values: str) -> Piece:
    part = Part(
        text="Hello.", written="Hello.", places=(), offsets=(), ends=(), voice="", speed=1.0, pitch=0.0, range=1.0,
        before_ms=0, after_ms=0, section="", line=0,
    )  # fmt: skip
    return Piece(part, find_voice("Emma"), OpenaiSpeech(), Utterance("Hello.", "alloy", "tts-1", **values))  # type: ignore[arg-type]


def test_steps_of_scripts_in_flight_keep_their_names() -> None:
    """The name that the studio gave this step before utterances had a profile."""
    assert step_of(0, piece()) == "part:0:47615633b3b4f44d"


def test_another_profile_is_another_step() -> None:
    assert len({step_of(0, piece()), step_of(0, piece(profile="a" * 64)), step_of(0, piece(profile="b" * 64))}) == 3
