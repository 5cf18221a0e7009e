"""The studio on one's desk: for notebooks and scripts. Each call blocks until its job has ended and hands back files.

from core.desk import open_studio
studio = open_studio()
voice = studio.speak("Hello.")
bed = studio.compose(prompt="calm ambient piano for a rainy evening", seconds=30)
piece = studio.mix(voice, bed)
"""

from __future__ import annotations

import atexit
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any

from core.app import Studio, build_studio
from core.kit.actor import LOCAL, Actor
from core.kit.errors import StudioError
from core.kit.settings import load_settings
from core.rights.gate import Use
from core.store.assets import Asset
from core.store.jobs import DONE, Job


@dataclass(frozen=True)
class Piece:
    """What a job made."""

    job_id: str
    asset: Asset
    """The primary output."""
    path: Path
    parts: dict[str, Path]
    """Everything by role: primary, captions, stem:drums, midi, …"""
    cost_usd: Decimal

    def _repr_html_(self) -> str:
        """A player, in a notebook; the sound travels inside the page."""
        from base64 import b64encode
        from html import escape

        sound = b64encode(self.path.read_bytes()).decode()
        title = f"{self.asset.name} · {self.asset.duration_s or 0:.1f} s · ${self.cost_usd:.2f} · {self.asset.licence['title']}"
        return f'<p>{escape(title)}</p><audio controls src="data:audio/wav;base64,{sound}"></audio>'


class Desk:
    def __init__(self, studio: Studio, actor: Actor = LOCAL) -> None:
        self.studio = studio
        self.actor = actor

    def speak(self, text: str, *, provider_timeout_s: float = 600.0, **values: Any) -> Piece:
        return self._ended(self.studio.voice.speak(self.actor, text=text, **values), provider_timeout_s)

    def compose(self, prompt: str = "", *, provider_timeout_s: float = 1800.0, **values: Any) -> Piece:
        return self._ended(self.studio.music.compose(self.actor, prompt=prompt, **values), provider_timeout_s)

    def mix(self, voice: Piece | str | None, music: Piece | str | None, **settings: Any) -> Piece:
        voices = [] if voice is None else [_asset_id(voice)]
        bed = None if music is None else _asset_id(music)
        return self._ended(self.studio.sound.voice_over_music(self.actor, voices, bed, **settings), 1800.0)

    def bring_in(self, file: str | Path, **values: Any) -> Asset:
        return self.studio.importing.bring_in(self.actor, Path(file), **values)[0]

    def export(self, piece: Piece | str, folder: str | Path, format: str = "wav24", use: Use | None = None) -> Path:
        """The file; its "who made what" sheet lies beside it."""
        done = self.studio.exporting.export(self.actor, _asset_id(piece), Path(folder), format=format, use=use)
        return done.path

    def analyse(self, piece: Piece | str | Path, *, full: bool = False) -> dict[str, Any]:
        """Tempo, key, loudness, dynamics, spectrum and problems, measured from the file; `full` adds beats, chords,
        sections, curves, the stereo image, speech and a mel spectrogram (a PNG in base64)."""
        return self.studio.analysing.now(piece.path if isinstance(piece, Piece) else Path(piece), full=full)

    def costs(self) -> Any:
        """The mart, refreshed: ask it with SQL through `.sql("select …")`."""
        from core.analytics.queries import Mart

        self.studio.refresh_mart()
        return Mart(self.studio.settings.mart_path)

    def finished(self, job: Job) -> Piece:
        """The piece of a job that is done; raises its error otherwise."""
        if job.status != DONE:
            raise self.studio.jobs.failure(job) or StudioError(
                f"Job {job.id} has not finished yet ({job.stage.lower()}).",
                f"Look again with: studio jobs show {job.id}",
            )
        made = self.studio.jobs.assets(self.actor, job.id)
        if not made:
            raise StudioError(f"Job {job.id} made no files.", "Look at its children.")
        parts = {asset.role: self.studio.library.file(self.actor, asset.id) for asset in made}
        cost = self.studio.jobs.cost(self.actor, job.id)
        return Piece(job.id, made[0], parts[made[0].role], parts, cost)

    def _ended(self, job: Job, timeout_s: float) -> Piece:
        return self.finished(self.studio.wait(self.actor, job.id, timeout_s))

    def close(self) -> None:
        atexit.unregister(self.close)
        self.studio.close()

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_studio(actor: Actor = LOCAL, **settings: object) -> Desk:
    """Use the running studio's worker, or run one here until close() or the end of the program."""
    studio = build_studio(load_settings(**settings))
    studio.ensure_worker()
    desk = Desk(studio, actor)
    atexit.register(desk.close)
    return desk


def _asset_id(piece: Piece | str) -> str:
    return piece.asset.id if isinstance(piece, Piece) else piece
