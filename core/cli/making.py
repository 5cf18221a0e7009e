"""speak, music, effect, mix, analyse, demo."""

from __future__ import annotations

import base64
import hashlib
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from core.app import Studio
from core.cli.reports import Report, told
from core.cli.scripts import script
from core.cli.session import ACTOR, ended, folder, made, put, say, studio, target
from core.cli.voices import usd_of
from core.kit.errors import UserError
from core.store.assets import Asset
from core.voice.scripts.reading import FORMATS

Json = Annotated[bool, typer.Option("--json", help="print the answer as JSON")]
Out = Annotated[Path, typer.Option("--out", help="where to write; the ending chooses the format")]


def speak(
    out: Out,
    text: Annotated[str, typer.Argument(help="what to say; - reads standard input")] = "",
    file: Annotated[
        Path | None, typer.Option(help=f"a script instead of a text: {', '.join(FORMATS)}", show_default=False)
    ] = None,
    speaker: Annotated[
        list[str] | None, typer.Option(help="who speaks in a dialogue, as NAME=VOICE; may be given more than once")
    ] = None,
    voice: Annotated[str, typer.Option(help="id or name of a voice")] = "",
    speed: Annotated[float | None, typer.Option(help="0.5 to 2.0")] = None,
    pitch: Annotated[float | None, typer.Option(help="semitones, -12 to 12")] = None,
    model: Annotated[str, typer.Option(help="of a cloud engine; its default otherwise")] = "",
    emotion: Annotated[
        str, typer.Option(help="neutral, happy, sad, angry, excited or whisper, where the engine acts")
    ] = "",
    language: Annotated[str, typer.Option(help="code of the language to speak, of voices that speak several")] = "",
    quality: Annotated[
        str, typer.Option(help="draft (free), standard (no cash) or premium: chooses a voice, near to --voice if given")
    ] = "",
    gender: Annotated[str, typer.Option(help="of the voice that --quality chooses")] = "",
    accent: Annotated[str, typer.Option(help="of the voice that --quality chooses, such as British")] = "",
    stand_in: Annotated[
        str, typer.Option(help="never, whole or mixed: may another voice speak where this one cannot?")
    ] = "",
    max_usd: Annotated[str, typer.Option(help="the most it may cost")] = "",
    preset: Annotated[
        str, typer.Option(help="a saved voice preset; your default one unless a voice or preset is named")
    ] = "",
    captions: Annotated[Path | None, typer.Option(help="also write captions: .srt, .vtt, .ass or .json")] = None,
    as_json: Json = False,
) -> None:
    """Speak a text into a file."""
    given, notes = script(text, file, speaker or [])
    out = target(out)
    roles = {".srt": "captions:srt", ".vtt": "captions:vtt", ".ass": "captions:ass", ".json": "captions"}
    if captions is not None:
        if captions.suffix.lower() not in roles:
            raise UserError(f"{captions.name!r} is no caption format.", "Use .srt, .vtt, .ass or .json.")
        folder(captions.parent)
    named = {
        "voice": voice or None, "speed": speed, "pitch": pitch, "model": model or None, "emotion": emotion or None,
        "preset": preset or None, "language": language or None, "quality": quality or None, "gender": gender or None,
        "accent": accent or None, "stand_in": stand_in or None, "cap_usd": usd_of(max_usd) if max_usd else None,
    }  # fmt: skip
    values: dict[str, Any] = given | {name: value for name, value in named.items() if value is not None}
    with studio(working=True) as opened:
        if not voice and not preset and not quality and (own := opened.voice.presets.default(ACTOR)) is not None:
            values["preset"] = own.id
        job = opened.voice.speak(ACTOR, **values)
        for note in [*notes, str(job.request.get("route", {}).get("why", ""))]:
            if note:
                print(note, file=sys.stderr)
        job = ended(opened, job)
        assets = {asset.role: asset for asset in opened.jobs.assets(ACTOR, job.id)}
        places = {"primary": put(opened, assets["primary"], out)}
        if captions is not None:
            role = roles[captions.suffix.lower()]
            places[role] = put(opened, assets[role], captions)
        for one in assets["primary"].generation_config.get("stood_in", ()):
            print(f"{one['name']} stood in for {one['for_name']}.", file=sys.stderr)
        answer = made(opened, job, places)
        say(answer, as_json, f"{out}  {assets['primary'].duration_s:.1f} s  ${answer.cost_usd}")


def music(
    out: Out,
    prompt: Annotated[str, typer.Option(help="what it should sound like, in English or French")] = "",
    mood: Annotated[str, typer.Option(help="calm, happy, tense, …")] = "",
    genre: Annotated[str, typer.Option(help="ambient, jazz, house, …")] = "",
    bpm: Annotated[float | None, typer.Option(help="40 to 220")] = None,
    key: Annotated[str, typer.Option(help="such as 'D minor'")] = "",
    seconds: Annotated[float | None, typer.Option(help="3 to 600; 30 unless the prompt says otherwise")] = None,
    intensity: Annotated[str, typer.Option(help="low, medium or high")] = "",
    seed: Annotated[int | None, typer.Option(help="the same seed makes the same piece")] = None,
    loopable: Annotated[bool, typer.Option("--loopable", help="make it repeat without a seam")] = False,
    stems: Annotated[Path | None, typer.Option(help="folder for the stems")] = None,
    midi: Annotated[Path | None, typer.Option(help="also write a MIDI file")] = None,
    provider: Annotated[str, typer.Option(help="the engine: composer, musicgen, mubert, …; see `studio engines`")] = "",
    quality: Annotated[str, typer.Option(help="instead of an engine: draft, standard or premium")] = "",
    model: Annotated[str, typer.Option(help="of that engine")] = "",
    melody: Annotated[str, typer.Option(help="id of a library asset whose tune is taken up")] = "",
    style: Annotated[str, typer.Option(help="id of a style of yours; see `studio styles`")] = "",
    negative: Annotated[str, typer.Option(help="what should not be heard")] = "",
    cap: Annotated[str, typer.Option(help="dollars this piece may cost at most")] = "",
    fresh: Annotated[bool, typer.Option("--fresh", help="buy it even if the library has the same")] = False,
    as_json: Json = False,
) -> None:
    """Compose a piece of music into a file, or have it made by another engine."""
    out = target(out)
    if stems is not None:
        folder(stems)
    if midi is not None:
        if midi.suffix.lower() not in (".mid", ".midi"):
            raise UserError(f"{midi.name!r} is no MIDI file name.", "Use .mid.")
        folder(midi.parent)
    values: dict[str, Any] = {
        "prompt": prompt, "mood": mood, "genre": genre, "bpm": bpm, "key": key, "intensity": intensity, "seed": seed,
        "loopable": loopable, "provider": provider or None, "quality": quality, "model": model or None,
        "melody": melody or None, "style": style or None, "negative_prompt": negative, "fresh": fresh, "cap_usd": usd_of(cap) if cap else None,
    }  # fmt: skip
    with studio(working=True) as opened:
        job = ended(opened, opened.music.compose(ACTOR, seconds=seconds, **values))
        assets = {asset.role: asset for asset in opened.jobs.assets(ACTOR, job.id)}
        places = {"primary": put(opened, assets["primary"], out)}
        if stems is not None:
            for role, asset in assets.items():
                if role.startswith("stem:"):
                    places[role] = put(opened, asset, stems / f"{role.removeprefix('stem:')}.wav")
        if midi is not None:
            if "midi" not in assets:
                raise UserError("This engine writes no MIDI.", f"The piece itself is in {out} and in the library.")
            places["midi"] = put(opened, assets["midi"], midi)
        answer = made(opened, job, places)
        piece = assets["primary"]
        told = f"  {piece.bpm:g} BPM" if piece.bpm else ""
        told += f"  {piece.key}" if piece.key else ""
        say(answer, as_json, f"{out}  {piece.duration_s:.1f} s{told}  ${answer.cost_usd}")


def effect(
    out: Out,
    text: Annotated[str, typer.Argument(help="what should be heard")],
    seconds: Annotated[float | None, typer.Option(help="0.5 to 30; as long as the sound needs otherwise")] = None,
    influence: Annotated[float, typer.Option(help="0: freely, 1: to the letter")] = 0.3,
    loop: Annotated[bool, typer.Option("--loop", help="let its end lead into its beginning")] = False,
    as_json: Json = False,
) -> None:
    """Make a sound effect into a file; paid for, by ElevenLabs."""
    out = target(out)
    with studio(working=True) as opened:
        job = ended(opened, opened.effects.submit(ACTOR, text=text, seconds=seconds, influence=influence, loop=loop))
        primary = opened.jobs.assets(ACTOR, job.id)[0]
        answer = made(opened, job, {"primary": put(opened, primary, out)})
        say(answer, as_json, f"{out}  {primary.duration_s:.1f} s  ${answer.cost_usd}")


def mix(
    out: Out,
    voice: Annotated[str, typer.Option(help="a file, or the id of an asset")] = "",
    music: Annotated[str, typer.Option(help="a file, or the id of an asset")] = "",
    music_gain_db: Annotated[float, typer.Option(help="how loud the bed is beside the voice")] = -6.0,
    duck_db: Annotated[float, typer.Option(help="how far the bed steps back under the voice")] = 10.0,
    polish: Annotated[bool, typer.Option("--polish", help="low cut and gentle compression on the voice")] = False,
    loudness: Annotated[str, typer.Option(help="loudness preset")] = "streaming",
    as_json: Json = False,
) -> None:
    """Lay a voice over music."""
    out = target(out)
    with studio(working=True) as opened:
        voices = [found_asset(opened, voice, "voiceover").id] if voice else []
        bed = found_asset(opened, music, "music").id if music else None
        job = opened.sound.voice_over_music(
            ACTOR,
            voices,
            bed,
            name=out.stem,
            music_gain_db=music_gain_db,
            duck_db=duck_db,
            polish_voice=polish,
            target=loudness,
        )
        job = ended(opened, job)
        primary = opened.jobs.assets(ACTOR, job.id)[0]
        answer = made(opened, job, {"primary": put(opened, primary, out)})
        say(answer, as_json, f"{out}  {primary.duration_s:.1f} s  {primary.lufs:.1f} LUFS  ${answer.cost_usd}")


def found_asset(opened: Studio, given: str, kind: str) -> Asset:
    """An asset by id, or a file: one the library already holds keeps its rights, any other is brought in."""
    path = Path(given)
    if not path.exists() and given.startswith("asset_"):
        return opened.library.get(ACTOR, given)
    if not path.is_file():
        raise UserError(f"There is no file {given!r}.", "Give a file, or the id of an asset from: studio library list")
    known = opened.library.by_hash(ACTOR, hashlib.sha256(path.read_bytes()).hexdigest())
    return known or opened.importing.bring_in(ACTOR, path, kind=kind)[0]


def analyse(
    file: Annotated[Path, typer.Argument(help="any audio or video file")],
    full: Annotated[bool, typer.Option("--full", help="also beats, chords, sections, curves, stereo, speech")] = False,
    expected_bpm: Annotated[float | None, typer.Option(help="verify this tempo instead of finding one")] = None,
    picture: Annotated[Path | None, typer.Option(help="also write the mel spectrogram as a PNG (full report)")] = None,
    as_json: Json = False,
) -> None:
    """Measure tempo, key, loudness, dynamics, spectrum and problems of a file."""
    if picture is not None:
        if picture.suffix.lower() != ".png":
            raise UserError(f"{picture.name!r} is no PNG file name.", "Use .png.")
        folder(picture.parent)
    with studio() as opened:
        found = opened.analysing.now(file, full=full or picture is not None, expected_bpm=expected_bpm)
    if picture is not None:
        picture.write_bytes(base64.b64decode(found["mel_png"]))
    answer = Report.model_validate(found)
    say(answer, as_json, "\n".join(told(answer)))


DEMO = (
    (
        "speak",
        {"text": "Welcome to the workbench. This voice was made on your own machine, for nothing.", "voice": "en-us"},
    ),
    ("speak", {"text": "The harbour wakes before the town does. A rope creaks.", "voice": "en-gb"}),
    ("speak", {"text": "Bonjour et bienvenue dans l'atelier.", "voice": "fr"}),
    ("speak", {"text": "नमस्ते, कार्यशाला में आपका स्वागत है।", "voice": "hi"}),
    ("music", {"prompt": "calm ambient piano for a rainy evening", "seconds": 24, "seed": 7}),
    ("music", {"prompt": "upbeat electronic music with drums and synthesizers", "seconds": 20, "seed": 8}),
    ("music", {"prompt": "corporate background music with piano and strings", "seconds": 20, "seed": 9}),
)


def demo(as_json: Json = False) -> None:
    """Make ten assets for real, so that the library and the dashboards have something to show."""
    with studio(working=True) as opened:
        making = [
            opened.voice.speak(ACTOR, **values, name=f"Demo: {str(values['text'])[:40]}")
            if kind == "speak"
            else opened.music.compose(ACTOR, **values, name=f"Demo: {values['prompt']}")
            for kind, values in DEMO
        ]
        parts = [opened.jobs.assets(ACTOR, ended(opened, job).id)[0] for job in making]
        mixes = [
            opened.sound.voice_over_music(ACTOR, [parts[voice].id], parts[bed].id, name=f"Demo: mix {number}")
            for number, (voice, bed) in enumerate(((0, 4), (1, 5), (2, 6)), 1)
        ]
        done = [made(opened, ended(opened, job), {}) for job in [*making, *mixes]]
        opened.refresh_mart()
        say(list(done), as_json, f"{len(done)} pieces are in the library. Look at them with: make studio")
