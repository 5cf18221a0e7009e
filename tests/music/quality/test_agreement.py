"""Prompt agreement by CLAP: what is said without it, and with a tiny random checkpoint in the real format."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from core.kit.children import Children
from core.models.catalogue import find
from core.models.shelf import Shelf
from core.music.quality import agreement
from core.music.quality.agreement import Agreement, told, with_agreement
from core.music.quality.clap import Hearing, Question, answer, windows
from core.music.quality.scoring import measure, score_file
from core.music.quality.types import Asked
from tests.audio.signals import RATE, piece, write
from tests.music.quality.clap_checkpoint import INSTALLED, build, needs_clap


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    made = Children(1)
    yield made
    made.close()


def test_without_the_libraries_the_part_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, children: Children
) -> None:
    monkeypatch.setattr(agreement, "find_spec", lambda name: None)
    lacking = Agreement(tmp_path).lacks()
    assert lacking is not None
    assert lacking.code == "not_installed"
    assert "pip install" in lacking.hint
    part = Agreement(tmp_path).part(children, tmp_path / "x.wav", "calm music")
    assert not part.counts
    assert part.note.startswith("No text-audio model is installed")


def test_without_the_weights_the_part_says_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agreement, "find_spec", lambda name: object())
    lacking = Agreement(tmp_path).lacks()
    assert lacking is not None
    assert lacking.hint == "Run: studio models pull clap"


def test_no_prompt_no_part(tmp_path: Path, children: Children) -> None:
    part = Agreement(tmp_path).part(children, tmp_path / "x.wav", "  ")
    assert not part.counts
    assert part.note == "There was no prompt."


def test_the_score_is_the_share_of_descriptions_that_fit_less_well() -> None:
    part = told(Hearing(0.2, (0.1, 0.3, 0.0, -0.2)))
    assert part.score == 0.75
    assert "3 of 4" in part.note
    assert not told(Hearing(0.2, ())).counts


def test_the_part_takes_the_place_of_the_one_that_said_nothing() -> None:
    before = measure(piece(4.0), RATE, Asked(ending="cut"))
    after = with_agreement(before, told(Hearing(0.0, (0.5, 0.4))))
    assert [part.name for part in after.parts] == [part.name for part in before.parts]
    assert after.total < before.total
    assert "agreement" in after.flags
    assert "agreement" not in before.flags


def test_a_long_piece_is_heard_in_the_same_six_stretches() -> None:
    parts = windows(np.arange(1000, dtype=np.float32), 100)
    assert len(parts) == 6
    assert {part.size for part in parts} == {100}
    assert parts[0][0] == 0
    assert parts[-1][-1] == 999
    assert len(windows(np.zeros(50, dtype=np.float32), 100)) == 1


@needs_clap
def test_a_real_checkpoint_is_loaded_and_asked(tmp_path: Path, children: Children) -> None:
    shelf = Shelf(tmp_path / "models")
    build(shelf.place(find("clap")))
    sound = write(tmp_path / "piece.wav", piece(12.0))
    asks = Agreement(shelf.folder, device="cpu", threads=1)
    assert asks.lacks() is None
    asked = Asked(ending="cut", prompt="calm ambient music")
    first = score_file(children, sound, asked, agreement=asks).part("agreement")
    again = score_file(children, sound, asked, agreement=asks).part("agreement")
    assert first.counts
    assert first == again
    assert isinstance(first.value, float)
    assert -1 <= first.value <= 1
    other = score_file(children, sound, Asked(prompt="zzz ???"), agreement=asks).part("agreement")
    assert other.value != first.value


@needs_clap
def test_the_cosines_are_those_of_the_library(tmp_path: Path) -> None:
    import torch
    from transformers import AutoTokenizer, ClapFeatureExtractor, ClapModel

    folder = build(tmp_path / "clap", seed=3)
    sound = piece(6.0)
    wave = write(tmp_path / "piece.wav", np.repeat(sound[:1], 2, axis=0), rate=48000)
    texts = ["a fast rock song with guitars", "calm", "noise without music"]
    heard = answer(Question(folder, wave, texts[0], tuple(texts[1:]), "cpu", 1), lambda stage, fraction: None)
    model = ClapModel.from_pretrained(str(folder)).eval()
    tokens = AutoTokenizer.from_pretrained(str(folder))(texts, padding=True, return_tensors="pt")
    mels = ClapFeatureExtractor.from_pretrained(str(folder))(sound[0], sampling_rate=48000, return_tensors="pt")
    with torch.inference_mode():
        out = model(**tokens, **mels)
    cosines = (out.text_embeds @ out.audio_embeds.T)[:, 0]
    assert heard.prompt == pytest.approx(float(cosines[0]), abs=1e-4)
    for one in heard.others:
        assert min(abs(one - float(each)) for each in cosines[1:]) < 1e-4


@needs_clap
def test_weights_of_something_else_are_no_disaster(tmp_path: Path, children: Children) -> None:
    shelf = Shelf(tmp_path / "models")
    place = build(shelf.place(find("clap")))
    broken = place / "model.safetensors"
    broken.write_bytes(broken.read_bytes()[: os.path.getsize(broken) // 2])
    sound = write(tmp_path / "piece.wav", piece(4.0))
    part = Agreement(shelf.folder, device="cpu", threads=1).part(children, sound, "calm music")
    assert not part.counts
    assert "is no CLAP model" in part.note


def test_the_libraries_are_not_imported_to_ask() -> None:
    import sys

    assert INSTALLED or "torch" not in sys.modules
