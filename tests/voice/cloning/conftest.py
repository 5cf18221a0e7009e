"""A studio with engines that learn quickly, and recordings of a real voice (CC BY 4.0: tests/media/ATTRIBUTION.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import soundfile

from core.app import Studio, build_studio
from core.audio.files import decode
from core.kit.actor import LOCAL, Actor
from core.kit.paths import ROOT
from core.kit.settings import load_settings
from core.store.jobs import Job
from core.store.voices import VoiceRow
from core.voice.cloning.recordings import Recording
from core.voice.cloning.service import Consenting
from tests.voice.cloning.parrots import Parrot, Remover, Teacher

SPEAKER = "Ada Byron"
WORDS = f"I, {SPEAKER}, agree that a voice is made from my recordings."
CONSENT = Consenting(SPEAKER, WORDS)


@pytest.fixture(scope="session")
def takes(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two recordings of one woman, 5 s each."""
    clean = decode(ROOT / "tests" / "media" / "clean_control.flac")
    folder = tmp_path_factory.mktemp("takes")
    half = clean.samples.shape[1] // 2
    paths = [folder / "first.wav", folder / "second.wav"]
    for path, part in zip(paths, (clean.samples[:, :half], clean.samples[:, half:]), strict=True):
        soundfile.write(path, part.T, clean.sample_rate)
    return paths


@dataclass
class Desk:
    studio: Studio
    takes: list[Path]
    local: Teacher = field(default_factory=lambda: Teacher("parrot"))
    cloud: Teacher = field(default_factory=lambda: Teacher("cockatoo", remote=True))
    parrot: Parrot = field(default_factory=lambda: Parrot("parrot"))
    cockatoo: Parrot = field(default_factory=lambda: Parrot("cockatoo", licence="unknown"))
    remover: Remover = field(default_factory=lambda: Remover("cockatoo"))

    def create(self, name: str = "Narrator", actor: Actor = LOCAL, consent: Consenting = CONSENT) -> VoiceRow:
        recordings = [Recording(path) for path in self.takes]
        return self.studio.cloning.create(actor, name=name, recordings=recordings, consent=consent)[0]

    def trained(self, name: str = "Narrator", *engines: str, actor: Actor = LOCAL) -> VoiceRow:
        voice_id = self.create(name, actor).id
        self.ended(self.studio.cloning.train(actor, voice_id, engines or ("parrot",)), actor)
        return self.studio.cloning.get(actor, voice_id)[0]

    def ended(self, job: Job, actor: Actor = LOCAL) -> Job:
        return self.studio.jobs.wait(actor, job.id, timeout_s=240)

    def speak(self, voice: VoiceRow, text: str = "Good evening.", actor: Actor = LOCAL, **values: object) -> Job:
        job = self.studio.voice.speak(actor, text=text, voice=f"clone:{voice.id}", captions=False, **values)
        return self.ended(job, actor)

    def bytes_kept(self) -> int:
        return len(self.studio.store.blobs.hashes())


@pytest.fixture
def desk(home: Path, takes: list[Path]) -> Iterator[Desk]:
    built = Desk(studio=None, takes=takes)  # type: ignore[arg-type]
    engines = (built.local, built.cloud, built.parrot, built.cockatoo, built.remover)
    built.studio = build_studio(load_settings(home=home), providers=engines)
    built.studio.ensure_worker()
    yield built
    built.studio.close()


@pytest.fixture
def listed(desk: Desk) -> Callable[[], list[str]]:
    """Names of one's own voices in the gallery."""
    return lambda: [voice.name for voice in desk.studio.voice.book.voices(LOCAL, tier="custom")]
