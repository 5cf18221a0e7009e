"""The cloud engines of music as cases: each with the stand-in it speaks to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from core.music.providers.beatoven import BeatovenMusic
from core.music.providers.elevenlabs_music import ElevenLabsMusic
from core.music.providers.lyria import LyriaMusic
from core.music.providers.mubert import MubertMusic
from core.music.providers.soundraw import SoundrawMusic
from core.music.providers.stability import StabilityMusic
from core.music.providers.stability3 import StabilityMusic3
from tests.clouds import beatoven, elevenlabs_music, lyria, mubert, soundraw, stability
from tests.contracts.music_case import Case


def _stability(servers: ExitStack, _: Path) -> Case:
    cloud = servers.enter_context(stability.StabilityServer())
    return Case(StabilityMusic(cloud.url, timeout_s=10), cloud.KEY, cloud)


def _stability3(servers: ExitStack, _: Path) -> Case:
    cloud = servers.enter_context(stability.StabilityServer())
    return Case(StabilityMusic3(cloud.url, timeout_s=10), cloud.KEY, cloud)


def _mubert(servers: ExitStack, _: Path) -> Case:
    cloud = servers.enter_context(mubert.MubertServer())
    return Case(MubertMusic(cloud.url, timeout_s=10), cloud.KEY, cloud)


def _soundraw(servers: ExitStack, _: Path) -> Case:
    cloud = servers.enter_context(soundraw.SoundrawServer())
    return Case(SoundrawMusic(cloud.url, timeout_s=10), cloud.KEY, cloud)


def _elevenlabs(servers: ExitStack, _: Path) -> Case:
    cloud = servers.enter_context(elevenlabs_music.MusicServer())
    return Case(ElevenLabsMusic(cloud.url, timeout_s=10), cloud.KEY, cloud)


def _beatoven(servers: ExitStack, _: Path) -> Case:
    cloud = servers.enter_context(beatoven.BeatovenServer())
    return Case(BeatovenMusic(cloud.url, timeout_s=10), cloud.KEY, cloud)


def _lyria(servers: ExitStack, _: Path) -> Case:
    cloud = servers.enter_context(lyria.LyriaServer())
    return Case(LyriaMusic(cloud.url, timeout_s=10), cloud.KEY, cloud)


CLOUDS: dict[str, Callable[[ExitStack, Path], Case]] = {
    "stability": _stability, "stability3": _stability3, "mubert": _mubert, "soundraw": _soundraw,
    "elevenlabs": _elevenlabs, "beatoven": _beatoven, "lyria": _lyria,
}  # fmt: skip
