"""Speech from the embedded engine: every language it has, at once, for nothing, on any machine."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.kit.errors import Cancelled, UserError
from core.providers.base import Call, Made, Output, ProviderInfo, Units
from core.voice import captions
from core.voice.cleaning import MAX_CHARACTERS
from core.voice.engine import Utterance, words_fact
from core.voice.gallery import find_voice
from core.voice.markup import Style
from core.voice.passage import to_speak
from core.voice.pronunciation import dictionary
from core.voice.providers.espeak_join import LONGEST_SECONDS, Joined, JoinRequest, Spoken, join, too_long
from core.voice.providers.espeak_pace import SAMPLE_CHARACTERS, rate
from core.voice.providers.espeak_process import SAMPLE_RATE, Listing, library, listing, speak
from core.voice.providers.espeak_voicing import data_folder, pitch_line, shift, variant_text
from core.voice.text import Segment
from core.voice.types import SpeechRequest, Voice, speech_request

DEFAULT_SEED = 1
"""Only the breath noise of some voices depends on it."""
_IN_PROCESS_SECONDS = 120.0
"""Shorter speech is joined here (a tenth of a second); longer in a child, which a cancel can kill at once."""


@dataclass(frozen=True)
class _Plan:
    voice: Voice
    segments: tuple[Segment, ...]
    spoken: tuple[Spoken, ...]
    engine: tuple[Mapping[str, Any], ...]
    variants: Mapping[str, str]
    """Voice files written for this request, by name."""


class EspeakProvider:
    info = ProviderInfo(
        name="espeak",
        title="Embedded voices (eSpeak NG)",
        kind="speech",
        resource="cpu",
        capabilities=frozenset({"captions", "markup", "pronunciations", "speed", "pitch", "range"}),
        licence="own-work",
        models=("espeak-ng-1.52",),
        idempotent=True,
    )

    speeds = (0.5, 2.0)
    default_model = info.models[0]

    def longest(self, model: str) -> int:
        return MAX_CHARACTERS

    def maximum(self, request: SpeechRequest | Utterance) -> Units:
        return {}

    def make(self, request: SpeechRequest | Utterance, call: Call) -> Made:
        """A whole script with its markup, or, beside voices of other engines, one utterance of it."""
        if isinstance(request, Utterance):
            return self._utter(request, call)
        plan = _plan(request, call)
        scratch = call.folder / "engine"
        made: list[Path] = [scratch]
        try:
            joined = self._speak(plan, request, call, scratch, made)
            outputs = _outputs(plan, request, call, joined, made)
            if call.cancelled():
                raise Cancelled
        except BaseException:
            for path in made[1:]:
                path.unlink(missing_ok=True)
            raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        sections = [{"name": name, "start_s": round(start, 3)} for name, start in joined.sections]
        facts = {
            "model": self.info.models[0],
            "voice": plan.voice.id,
            "voice_name": plan.voice.name,
            "seed": request.seed,
        }
        return Made(outputs, facts={**facts, "language": plan.voice.language, "sections": sections})

    def _utter(self, said: Utterance, call: Call) -> Made:
        request = speech_request(
            text=said.text, voice=f"{self.info.name}:{said.voice}", speed=said.speed, pitch=said.pitch, range=said.range,
            seed=said.seed, captions=False,
        )  # fmt: skip
        whole = Segment(said.text, tuple(range(len(said.text))), ends="paragraph")
        scratch = call.folder / "engine"
        try:
            joined = self._speak(_plan(request, call, [whole]), request, call, scratch, [])
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
        times = [(word.source, word.source + len(word.word), word.start_s, word.end_s) for word in joined.words]
        sound = Output("primary", call.folder / "speech.wav", "voiceover", {"duration_s": joined.duration_s})
        return Made((sound,), facts={"model": self.default_model, **words_fact(times)})

    def _speak(self, plan: _Plan, request: SpeechRequest, call: Call, scratch: Path, made: list[Path]) -> Joined:
        scratch.mkdir()
        pcm, out = scratch / "speech.pcm", call.folder / "speech.wav"
        data = library().data
        if plan.variants:
            data = data_folder(data, scratch / "data", dict(plan.variants))
        expected = sum(max(1, len(segment.text)) / 14 for segment in plan.segments) / request.speed

        def heard(seconds: float) -> None:
            if seconds > LONGEST_SECONDS:
                raise too_long()
            call.progress("speaking", min(0.4, 0.4 * seconds / expected))

        seed = DEFAULT_SEED if request.seed is None else request.seed + 1  # the engine takes 0 for none
        spoke = speak(plan.engine, scratch, data, pcm, seed=seed, cancelled=call.cancelled, heard=heard)
        call.progress("joining", 0.4)
        made.append(out)
        work = JoinRequest(pcm, out, plan.spoken, tuple(spoke), request.volume_db)
        seconds = pcm.stat().st_size / 2 / SAMPLE_RATE

        def progress(stage: str, fraction: float) -> None:
            call.progress(stage, 0.4 + 0.55 * fraction)
            if call.cancelled():
                raise Cancelled

        if seconds <= _IN_PROCESS_SECONDS:
            return join(work, progress)
        answer: Joined = call.children.run(
            join, work, progress=progress, cancelled=call.cancelled, timeout_s=60.0 + seconds
        )
        return answer

    def ready(self) -> Listing:
        """The engine answers and has voices, or SetupError with the line that mends it. For `studio doctor`."""
        return listing()


def _outputs(plan: _Plan, request: SpeechRequest, call: Call, joined: Joined, made: list[Path]) -> tuple[Output, ...]:
    facts = {**joined.facts, "words": len(joined.words), "voice": plan.voice.id, "language": plan.voice.language}
    outputs = [Output("primary", call.folder / "speech.wav", "voiceover", {**facts, "seed": request.seed})]
    if request.captions:
        made += [call.folder / f"captions.{ending}" for ending in ("json", "srt", "vtt", "ass")]
        outputs += captions.files(call.folder, joined.words, plan.voice.language, joined.duration_s)
    call.progress("done", 1.0)
    return tuple(outputs)


def _plan(request: SpeechRequest, call: Call, segments: list[Segment] | None = None) -> _Plan:
    """`segments`: instead of those of the request's text."""
    voice = _espeak_voice(request.voice)
    if segments is None:
        segments = to_speak(request, voice.language)
    words = dictionary(request.pronunciations)
    sample = " ".join(segment.text for segment in segments[:20])[:SAMPLE_CHARACTERS]
    spoken: list[Spoken] = []
    engine: list[Mapping[str, Any]] = []
    names: dict[tuple[str, str, float, float], str] = {}
    variants: dict[str, str] = {}
    for index, segment in enumerate(segments):
        if call.cancelled():
            raise Cancelled
        style = segment.style
        one = _espeak_voice(style.voice) if style.voice else voice
        said = words.speak(segment.text)
        setting = _engine_setting(request, style, one, names, variants, sample)
        engine.append({"text": said.text, "phonemes": said.phonemes, **setting})
        last = index == len(segments) - 1
        spoken.append(
            Spoken(
                segment.text,
                segment.offsets,
                said.places,
                segment.ends,
                segment.pause_before_ms,
                _pause_ms(request, segment, last),
                segment.section,
            )
        )
    return _Plan(voice, tuple(segments), tuple(spoken), tuple(engine), variants)


def _espeak_voice(wanted: str) -> Voice:
    voice = find_voice(wanted)
    if voice.provider != EspeakProvider.info.name:
        raise UserError(
            f"{voice.name} is not a voice of the embedded engine.", "All voices of one text come from one provider."
        )
    return voice


def _pause_ms(request: SpeechRequest, segment: Segment, last: bool) -> int:
    if segment.pause_after_ms is not None:
        return segment.pause_after_ms
    if last:
        return 0
    return {"sentence": request.sentence_pause_ms, "paragraph": request.paragraph_pause_ms}.get(segment.ends, 0)


def _engine_setting(
    request: SpeechRequest,
    style: Style,
    voice: Voice,
    names: dict[tuple[str, str, float, float], str],
    variants: dict[str, str],
    sample: str,
) -> dict[str, Any]:
    """Voice name and parameters of one segment; a moved voice gets a voice file of its own in `variants`."""
    code, variant = str(voice.engine["voice"]), str(voice.engine["variant"])
    speed = round(min(2.0, max(0.5, request.speed * style.speed)), 2)  # every new value is measured once
    semitones = min(12.0, max(-12.0, request.pitch + style.pitch))
    intonation = min(2.0, max(0.0, request.range * style.range))
    name = f"{code}+{variant}" if variant else code
    setting = {"voice": name, "rate": rate(name, sample, speed), "pitch": 50, "range": 50}
    if semitones or intonation != 1.0:
        data = library().data
        original = _read(data / "voices" / "!v" / variant) if variant else ""
        language = _read(data / "lang" / _language_file(code))
        moved = shift(*pitch_line(original, language), semitones, intonation)
        key = (code, variant, semitones, intonation)
        if key not in names:
            names[key] = f"moved{len(names)}"
            variants[names[key]] = variant_text(original, names[key], moved)
        setting |= {"voice": f"{code}+{names[key]}", "pitch": moved.pitch}
    return setting


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def _language_file(code: str) -> str:
    return next(voice.file for voice in listing().voices if voice.code == code)
