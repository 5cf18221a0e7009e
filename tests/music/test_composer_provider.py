"""The embedded composer as a provider: files, facts, drafts, cancel; in a real child process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from core.audio.loudness import integrated_lufs, true_peak_dbtp
from core.kit.children import Children
from core.kit.errors import Cancelled, StudioError, UserError
from core.music.composer.compose import COMPOSER_VERSION
from core.music.providers.composer import ComposerProvider, Work, produce
from core.music.types import MusicRequest
from core.providers.base import Call, Made, MakeProvider
from tests.music.soundfont_writer import soundfont

REQUEST = MusicRequest(genre="house", mood="happy", bpm=124, key="A minor", seconds=12, seed=11)


@pytest.fixture(scope="module")
def children() -> Iterator[Children]:
    pool = Children(limit=1)
    yield pool
    pool.close()


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def make(
    request: MusicRequest, folder: Path, children: Children, cache: Path | None
) -> tuple[Made, list[tuple[str, float]]]:
    seen: list[tuple[str, float]] = []
    folder.mkdir(exist_ok=True)
    call = Call("1", folder, children, progress=lambda stage, fraction: seen.append((stage, fraction)), cache=cache)
    return ComposerProvider().make(request, call), seen


@pytest.fixture(scope="module")
def made(
    children: Children, cache: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Made, list[tuple[str, float]]]:
    return make(REQUEST, tmp_path_factory.mktemp("made"), children, cache)


def test_it_is_a_free_offline_maker() -> None:
    provider = ComposerProvider()
    assert isinstance(provider, MakeProvider)
    assert provider.info.name == "composer"
    assert not provider.info.paid
    assert provider.maximum(REQUEST) == {}


def test_the_files_and_their_facts(made: tuple[Made, list[tuple[str, float]]]) -> None:
    outputs = {output.role: output for output in made[0].outputs}
    primary = outputs["primary"]
    mix, rate = soundfile.read(primary.path, dtype="float32", always_2d=True)
    assert (rate, mix.shape) == (44_100, (12 * 44_100, 2))
    assert soundfile.info(primary.path).subtype == "PCM_24"
    facts = primary.facts
    assert (facts["bpm"], facts["key"], facts["genre"], facts["mood"], facts["seed"]) == (
        124,
        "A minor",
        "house",
        "happy",
        11,
    )
    assert facts["duration_s"] == 12
    assert facts["lufs"] == pytest.approx(integrated_lufs(mix.T, rate), abs=0.02)
    assert facts["true_peak_dbtp"] == pytest.approx(true_peak_dbtp(mix.T, rate), abs=0.02)
    assert facts["lufs"] == pytest.approx(-14, abs=0.3)
    assert facts["true_peak_dbtp"] <= -1.2
    assert facts["sections"][-1]["end_s"] == 12
    assert facts["progression"]
    assert made[0].facts["composer_version"] == COMPOSER_VERSION
    assert facts["instruments"]
    assert len(facts["peaks"]) == 192
    assert max(facts["peaks"]) > 50
    stems = {role: output for role, output in outputs.items() if role.startswith("stem:")}
    assert set(stems) <= {"stem:drums", "stem:bass", "stem:chords", "stem:lead", "stem:texture"}
    assert len(stems) >= 3
    total = np.zeros_like(mix)
    for output in stems.values():
        assert output.kind == "stem"
        assert soundfile.info(output.path).subtype == "FLOAT"
        total += soundfile.read(output.path, dtype="float32", always_2d=True)[0]
    assert 20 * np.log10(np.sqrt(np.square(total - mix).mean())) < -100
    tempo = [
        message
        for track in mido.MidiFile(outputs["midi"].path).tracks
        for message in track
        if message.type == "set_tempo"
    ]
    assert mido.tempo2bpm(tempo[0].tempo) == pytest.approx(124, abs=0.01)
    assert made[0].facts["model"] == "composer"


def test_progress_climbs_through_the_stages(made: tuple[Made, list[tuple[str, float]]]) -> None:
    seen = made[1]
    assert list(dict.fromkeys(stage for stage, _ in seen)) == [
        "Composing",
        "Rendering notes",
        "Mixing",
        "Mastering",
        "Writing",
    ]
    fractions = [fraction for _, fraction in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def digest(made: Made) -> dict[str, str]:
    return {
        output.role: hashlib.sha256(output.path.read_bytes()).hexdigest()
        for output in made.outputs
        if output.role in {"primary", "midi"}
    }


def test_the_same_seed_gives_the_same_bytes_without_the_bank(
    made: tuple[Made, list[tuple[str, float]]], children: Children, tmp_path: Path
) -> None:
    again, _ = make(REQUEST, tmp_path, children, None)
    assert digest(again) == digest(made[0])
    stems = {output.role: output.path for output in again.outputs if output.kind == "stem"}
    for output in made[0].outputs:
        if output.kind == "stem":
            one, other = (soundfile.read(path, dtype="float32")[0] for path in (output.path, stems[output.role]))
            assert one.tobytes() == other.tobytes()


def test_another_seed_gives_another_piece(
    made: tuple[Made, list[tuple[str, float]]], children: Children, cache: Path, tmp_path: Path
) -> None:
    other, _ = make(REQUEST.model_copy(update={"seed": 12, "stems": False}), tmp_path, children, cache)
    assert digest(other) != digest(made[0])
    assert {output.role for output in other.outputs} == {"primary", "midi"}


def test_a_draft_is_short_and_only_a_mix(children: Children, cache: Path, tmp_path: Path) -> None:
    draft, _ = make(REQUEST.model_copy(update={"seconds": 90.0, "draft": True}), tmp_path, children, cache)
    assert [output.role for output in draft.outputs] == ["primary"]
    assert 7 < draft.outputs[0].facts["duration_s"] < 13
    assert draft.facts["draft"] is True


def test_without_a_seed_it_says_so(children: Children, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="seed"):
        make(REQUEST.model_copy(update={"seed": None}), tmp_path, children, None)


@pytest.mark.parametrize("stage", ["Composing", "Rendering notes", "Mixing", "Mastering", "Writing"])
def test_cancel_is_heard_in_every_stage(stage: str, children: Children, cache: Path, tmp_path: Path) -> None:
    reached: list[str] = []

    def progress(now: str, fraction: float) -> None:
        if now == stage and fraction < 1:
            reached.append(now)

    bank = None if stage == "Rendering notes" else cache
    call = Call("1", tmp_path, children, cancelled=lambda: bool(reached), progress=progress, cache=bank)
    with pytest.raises(Cancelled):
        ComposerProvider().make(REQUEST, call)


def test_a_soundfont_plays_instead_and_is_named_in_the_facts(tmp_path: Path) -> None:
    pytest.importorskip("tinysoundfont")
    font = tmp_path / "own.sf2"
    font.write_bytes(soundfont([(0, program) for program in range(128)], name="My hall", copyright="CC BY 4.0"))
    request = MusicRequest(genre="folk", seconds=4, seed=1, stems=False)
    written = produce(Work(request, tmp_path, tmp_path / "notes", font), lambda stage, fraction: None)
    assert written.facts["soundfont"] == {"name": "My hall", "copyright": "CC BY 4.0"}
    assert all(name.startswith("kit_") for name in written.facts["own_voices"])


def test_a_broken_soundfont_ends_the_child_s_work_with_one_error(children: Children, tmp_path: Path) -> None:
    font = tmp_path / "own.sf2"
    font.write_bytes(b"RIFF\x10\0\0\0sfbkLIST")
    with pytest.raises(StudioError) as caught:
        children.run(produce, Work(REQUEST, tmp_path, None, font))
    assert "SoundFont" in str(caught.value)
