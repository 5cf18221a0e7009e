"""studio catalogue audition|compare: from a film and an id to something that can be heard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import soundfile

from core.app import Studio
from core.cli import catalogue_auditions
from core.kit.actor import LOCAL
from tests.cli.conftest import Command
from tests.library.sounds import bring
from tests.video import films


def test_one_under_a_film_and_two_without_their_names(
    cli: Command, working: Studio, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    @contextmanager
    def studio(**_: Any) -> Iterator[Studio]:
        yield working

    monkeypatch.setattr(catalogue_auditions, "studio", studio)
    first, second = (bring(working, tmp_path, name, seconds=3.0) for name in ("First tone", "Second tone"))
    film = str(films.mute(tmp_path / "mute.mp4"))
    out = tmp_path / "heard.wav"
    heard = cli("catalogue", "audition", first.id, "--under", film, "--seconds", "2", "--out", str(out), "--json").json
    assert (heard["start_s"], heard["seconds"], heard["preview"]) == (0.0, 2.0, False)
    assert soundfile.info(out).duration == pytest.approx(2.0, abs=0.01)
    assert working.library.get(LOCAL, heard["film_id"]).kind == "video"

    folder = tmp_path / "blind"
    compared = cli("catalogue", "compare", first.id, second.id, "--under", film, "--seconds", "2", "--out", str(folder))
    assert [line.split()[0] for line in compared.out.splitlines()[1:]] == ["A", "B"]
    assert "tone" not in compared.out.lower().replace(str(tmp_path).lower(), "")
    assert sorted(path.name for path in folder.iterdir()) == ["A.wav", "B.wav"]
    assert "1 track cannot be compared" in cli(
        "catalogue", "compare", first.id, "--under", film, "--out", str(folder)
    ).fails(2)
    assert "under which clip" in cli("catalogue", "audition", first.id).fails(2)
