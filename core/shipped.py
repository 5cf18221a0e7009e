"""The providers that ship, in explicit lists: core.app registers them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from core.kit.settings import Settings
from core.licensing.providers.artlist import ArtlistCatalogue, ArtlistFiles
from core.licensing.providers.by_hand import LicenceByHand
from core.licensing.providers.epidemic import EpidemicCatalogue, EpidemicFiles
from core.licensing.providers.files import FreeFiles
from core.licensing.providers.free_music_archive import FreeMusicArchive
from core.licensing.providers.freesound import FreesoundCatalogue
from core.licensing.providers.hooksounds import HooksoundsCatalogue, HooksoundsFiles
from core.licensing.providers.jamendo import JamendoCatalogue
from core.licensing.providers.openverse import OpenverseCatalogue
from core.licensing.providers.soundstripe import SoundstripeCatalogue, SoundstripeFiles
from core.music.providers.beatoven import BeatovenMusic
from core.music.providers.composer import ComposerProvider
from core.music.providers.elevenlabs_music import ElevenLabsMusic
from core.music.providers.lyria import LyriaMusic
from core.music.providers.mubert import MubertMusic
from core.music.providers.musicgen import MusicGen
from core.music.providers.musicgen_training import MusicGenTraining
from core.music.providers.soundraw import SoundrawMusic
from core.music.providers.stability import StabilityMusic
from core.music.providers.stability3 import StabilityMusic3
from core.music.providers.stable_open import StableAudioOpen
from core.music.providers.suno import SunoMusic
from core.providers.base import Provider
from core.sound.providers.mixer import MixerProvider
from core.voice.providers.coqui import CoquiSpeech
from core.voice.providers.coqui_process import CoquiProcess
from core.voice.providers.elevenlabs import ElevenLabsSpeech
from core.voice.providers.elevenlabs_account import ElevenLabsAccount, ElevenLabsModels
from core.voice.providers.elevenlabs_cloning import ElevenLabsCloning, ElevenLabsRemoval, ElevenLabsRenaming
from core.voice.providers.elevenlabs_effects import ElevenLabsEffects
from core.voice.providers.elevenlabs_voices import ElevenLabsVoices
from core.voice.providers.espeak import EspeakProvider
from core.voice.providers.kokoro import KokoroSpeech
from core.voice.providers.matching import MatchingSpeech
from core.voice.providers.matching_training import MatchingTraining
from core.voice.providers.openai import OpenaiSpeech
from core.voice.providers.playht import PlayHtSpeech
from core.voice.providers.xtts import XttsSpeech
from core.voice.providers.xtts_encoder import XttsEncoder
from core.voice.providers.xtts_training import XttsTraining


def cloud_voices(settings: Settings) -> tuple[Provider, ...]:
    url = settings.elevenlabs_url
    return (
        ElevenLabsSpeech(url, settings.elevenlabs_format), ElevenLabsVoices(url), ElevenLabsModels(url),
        ElevenLabsAccount(url), ElevenLabsCloning(url), ElevenLabsRemoval(url), ElevenLabsRenaming(url),
        ElevenLabsEffects(url, settings.elevenlabs_format),
        OpenaiSpeech(settings.openai_base_url), PlayHtSpeech(),
    )  # fmt: skip


def cloud_music(settings: Settings) -> tuple[Provider, ...]:
    return (
        StabilityMusic(settings.stability_url), StabilityMusic3(settings.stability_url), MubertMusic(settings.mubert_url),
        SoundrawMusic(settings.soundraw_url), ElevenLabsMusic(settings.elevenlabs_url),
        BeatovenMusic(settings.beatoven_url), LyriaMusic(settings.google_url), SunoMusic(),
    )  # fmt: skip


def stock_catalogues(settings: Settings) -> tuple[Provider, ...]:
    soundstripe = SoundstripeCatalogue(settings.soundstripe_url, scheme=settings.soundstripe_scheme)
    artlist = ArtlistCatalogue(settings.artlist_url, token_url=settings.artlist_token_url)
    hooksounds, epidemic = HooksoundsCatalogue(settings.hooksounds_url), EpidemicCatalogue(settings.epidemic_url)
    return (
        soundstripe, SoundstripeFiles(soundstripe), artlist, ArtlistFiles(artlist),
        hooksounds, HooksoundsFiles(hooksounds), epidemic, EpidemicFiles(epidemic),
    )  # fmt: skip


def local_voices(settings: Settings, profile: Callable[[str], Path]) -> tuple[Provider, ...]:
    how = (settings.model_device, settings.model_threads, settings.model_idle_minutes)
    coqui = CoquiProcess(settings.models, *how)
    return (
        EspeakProvider(), KokoroSpeech(settings.models, *how), CoquiSpeech(coqui), XttsSpeech(coqui, profile),
        XttsTraining(coqui), MatchingSpeech(profile), MatchingTraining(XttsEncoder(coqui)),
    )  # fmt: skip


def local_music(settings: Settings) -> tuple[Provider, ...]:
    how = (settings.model_device, settings.model_threads, settings.model_idle_minutes)
    musicgen = MusicGen(settings.models, *how, settings.musicgen_backend, settings.musicgen_8bit)
    return (musicgen, MusicGenTraining(musicgen), StableAudioOpen(settings.models, *how))


def shops() -> tuple[Provider, ...]:
    """Where licences are bought by hand."""
    return (
        LicenceByHand("own", "Another shop"), LicenceByHand("soundstripe", "Soundstripe"), LicenceByHand("artlist", "Artlist"),
        LicenceByHand("hooksounds", "HookSounds"), LicenceByHand("epidemic", "Epidemic Sound"),
        LicenceByHand("jamendo", "Jamendo Licensing"),
    )  # fmt: skip


def open_catalogues(settings: Settings) -> tuple[Provider, ...]:
    """Music under Creative Commons; a catalogue that hands out files is there twice, as itself and as its files."""
    openverse = OpenverseCatalogue(settings.openverse_url)
    jamendo = JamendoCatalogue(settings.jamendo_url)
    freesound = FreesoundCatalogue(settings.freesound_url)
    return (
        openverse, FreeFiles(openverse), jamendo, FreeFiles(jamendo), freesound, FreeFiles(freesound), FreeMusicArchive(),
    )  # fmt: skip


def everything(settings: Settings, profile: Callable[[str], Path]) -> tuple[Provider, ...]:
    """In the order in which they are asked, where the user has set none. `profile`: path of a voice's learned file."""
    return (
        *local_voices(settings, profile), *cloud_voices(settings), ComposerProvider(), *local_music(settings),
        *cloud_music(settings), MixerProvider(), *shops(), *open_catalogues(settings), *stock_catalogues(settings),
    )  # fmt: skip
