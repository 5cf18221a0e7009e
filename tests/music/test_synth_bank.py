"""The note bank: the same notes cold and warm, whatever happens to its files."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.music.composer.synth import bank as banks
from core.music.composer.synth.bank import NoteBank
from core.music.composer.synth.sounds import NoteKey

KEYS = [NoteKey("kit_808", 42, layer, 0, 0) for layer in range(4)] + [NoteKey("muted_guitar", 50, 1, 0, 2)]


def contents(bank: NoteBank) -> list[tuple[bytes, float]]:
    return [(bank[key].samples.tobytes(), bank[key].scale) for key in KEYS]


def filled(folder: Path | None, **more: int) -> NoteBank:
    bank = NoteBank(folder, **more)
    bank.fill(KEYS, workers=2)
    return bank


def test_cold_warm_and_memory_only_agree(tmp_path: Path) -> None:
    cold, warm, memory = filled(tmp_path), filled(tmp_path), filled(None)
    assert (cold.rendered, warm.rendered, memory.rendered) == (5, 0, 5)
    assert contents(cold) == contents(warm) == contents(memory)


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "text", "header"])
def test_a_damaged_note_is_made_again(tmp_path: Path, damage: str) -> None:
    expected = contents(filled(tmp_path))
    victim = sorted(tmp_path.rglob("*.note"))[0]
    blob = bytearray(victim.read_bytes())
    if damage == "flipped":
        blob[len(blob) // 2] ^= 0x10
    elif damage == "header":
        blob[4:12] = b"\xff" * 8
    victim.write_bytes({"cut": blob[: len(blob) // 2], "empty": b"", "text": b"not a note"}.get(damage, bytes(blob)))
    again = filled(tmp_path)
    assert again.rendered == 1
    assert contents(again) == expected
    assert filled(tmp_path).rendered == 0


def test_writers_at_the_same_time_leave_whole_notes(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: contents(filled(tmp_path)), range(4)))
    assert all(one == made[0] for one in made)
    assert filled(tmp_path).rendered == 0
    assert not list(tmp_path.rglob("*.part"))


def test_the_bank_stays_within_its_size_and_drops_old_sounds_first(tmp_path: Path) -> None:
    old = tmp_path / "0123456789ab" / "kit_808"
    old.mkdir(parents=True)
    (old / "036-0-0-00.note").write_bytes(bytes(50_000))
    filled(tmp_path)
    total = sum(path.stat().st_size for path in tmp_path.rglob("*.note")) - 50_000
    for path in tmp_path.rglob("042-3*.note"):
        path.unlink()
    bank = filled(tmp_path, max_bytes=total + 1000)
    assert bank.rendered == 1
    assert not list(old.iterdir())
    assert len(list(tmp_path.rglob("*.note"))) == 5
    for path in tmp_path.rglob("042-3*.note"):
        path.unlink()
    filled(tmp_path, max_bytes=20_000)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*.note")) <= 20_000


def test_a_folder_that_cannot_be_written_costs_only_speed(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    assert contents(filled(blocked)) == contents(filled(None))


def test_a_note_that_is_not_finite_is_never_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(banks, "render_note", lambda key: np.full((1, 100), np.nan, np.float32))
    with pytest.raises(FloatingPointError):
        filled(tmp_path)
    assert not list(tmp_path.rglob("*.note"))
