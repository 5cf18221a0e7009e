"""How figures and names are written, the same on every page."""

from __future__ import annotations

from typing import Any

import pandas as pd

NAMES = {
    "voiceover": "Voice-over", "music": "Music", "sound_effect": "Sound effect", "mix": "Mix", "video": "Video",
    "captions": "Captions", "midi": "MIDI", "stem": "Stem", "speech": "Speech", "import": "Import", "batch": "Batch",
    "narration": "Book", "assembly": "Retaken piece", "scripts": "Scripts", "image": "Picture",
    "analysis": "Analysis", "tts": "Standard voice", "ai_voice": "AI voice", "ai_music": "AI music", "ai_sound": "AI sound effect",
    "cloned": "Cloned voice", "licensed": "Licensed", "uploaded": "Uploaded", "mixed": "Mixed here",
    "espeak": "eSpeak", "composer": "Composer", "mixer": "Mixer", "elevenlabs": "ElevenLabs", "openai": "OpenAI",
    "mubert": "Mubert", "soundraw": "Soundraw", "stability": "Stable Audio", "stable-audio-open": "Stable Audio Open",
    "musicgen": "MusicGen", "beatoven": "Beatoven", "lyria": "Lyria", "discarded": "Discarded", "repeated": "Bought again",
    "own": "Own music", "openverse": "Openverse", "jamendo": "Jamendo", "freesound": "Freesound",
    "free_music_archive": "Free Music Archive", "soundstripe": "Soundstripe", "artlist": "Artlist", "hooksounds": "HookSounds",
    "epidemic": "Epidemic Sound", "catalogue": "Catalogue", "catalogue_file": "Catalogue file",
    "score": "Scored film", "scenes": "Scenes of a film", "document": "Document",
    "none": "None", "yes": "May be used", "no": "May not be used", "unknown": "Rights not declared", "ended": "Licence ended", "done": "Done",
    "failed": "Failed", "cancelled": "Cancelled", "running": "Running", "waiting": "Waiting", "kept": "In the library",
    "bin": "In the bin", "draft": "Previews",
}  # fmt: skip


def name(value: Any) -> str:
    """A code as people read it; what a person named stays as it is."""
    return NAMES.get(str(value), str(value))


def usd(amount: float) -> str:
    """Cents, or as many digits as a smaller amount needs to be seen at all."""
    if amount == 0 or abs(amount) >= 0.01:
        return f"${amount:,.2f}"
    return f"${amount:.4f}" if abs(amount) >= 0.0001 else "under $0.0001"


def seconds(value: float | None) -> str:
    if value is None or pd.isna(value):
        return "–"
    if value < 1:
        return f"{value * 1000:.0f} ms"
    if value < 120:
        return f"{value:.1f} s"
    return minutes(value)


def minutes(value: float) -> str:
    if value < 60:
        return f"{value:.0f} s"
    return f"{value / 60:,.0f} min" if value < 36_000 else f"{value / 3600:,.1f} h"


def size(count: float) -> str:
    for unit in ("bytes", "kB", "MB"):
        if count < 1000:
            return f"{count:,.0f} {unit}"
        count /= 1000
    return f"{count:,.2f} GB" if count < 1000 else f"{count / 1000:,.2f} TB"


def share(value: float) -> str:
    return f"{value:.1%}" if 0 < value < 1 else f"{value:.0%}"


def reason(code: str) -> str:
    """A code that NAMES has no word for, or whose word there would be another's: of reasons, fields and types of scene."""
    return code.replace("_", " ").capitalize()


def named(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    return frame.assign(**{column: frame[column].map(name) for column in columns})
