"""studio speak --file: any script, a dialogue among them."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Command


def test_a_dialogue_from_a_file(cli: Command, tmp_path: Path) -> None:
    (tmp_path / "talk.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nANNA: Who?\n- BEN: Only me.\n")
    made = cli("speak", "--file", "talk.srt", "--captions", "c.srt", "--out", "talk.wav")
    assert made.code == 0, made.err
    assert "ANNA is spoken by espeak:" in made.err
    captions = (tmp_path / "c.srt").read_text()
    assert "Who?" in captions
    assert "ANNA" not in captions


def test_what_speak_is_given_has_to_be_clear(cli: Command, tmp_path: Path) -> None:
    assert "nothing to say" in cli("speak", "--out", "a.wav").fails(2)
    (tmp_path / "a.txt").write_text("Hi.")
    assert "a text and a file" in cli("speak", "Hi.", "--file", "a.txt", "--out", "a.wav").fails(2)
    assert "no file" in cli("speak", "--file", "none.txt", "--out", "a.wav").fails(2)
    assert "NAME=VOICE" in cli("speak", "--file", "a.txt", "--speaker", "Anna", "--out", "a.wav").fails(2)
    (tmp_path / "b.txt").write_text("ANNA: Hi. [sic]")
    assert "no voice" in cli("speak", "--file", "b.txt", "--speaker", "ANNA=nobody", "--out", "a.wav").fails(2)
