"""How the clip is scored: engine and seed, its own sound, levels, a voice over it, loudness; the most it can cost, and the
button."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.audio import loudness
from core.kit.actor import Actor
from core.kit.errors import UserError
from core.music.engines import EMBEDDED
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import part
from ui_gradio.parts.cues import asked, usd_of
from ui_gradio.parts.rows import clock

_DECIBELS = {"sound_gain_db": (-24, 12, 0), "music_gain_db": (-24, 12, -4), "duck_db": (0, 30, 10)}
_RECORDINGS = 60


def scoring(studio: Studio) -> gr.HTML:
    """Tells `st:scoring` with the job. The form lives in the browser (studio-scoring)."""

    def score_price(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        values = _values(data)
        found = studio.scoring.plan(actor, **values)
        line = next((each for each in studio.music.engines.listing() if each.name == found.engine), None)
        _, clip = studio.video.clip(actor, values["clip_id"])
        count = len(found.cues)
        return {
            "usd": str(found.usd), "said": "$0.00 on this machine" if not found.usd else f"at most ${found.usd:.4f}",
            "more": f"{clock(clip.seconds)} · {count} {'cue' if count == 1 else 'cues'} · {line.title if line else found.engine}",
            "licence": "" if line is None else f"Music: {line.licence_title}, {'commercial use allowed' if line.commercial else 'no commercial use cleared'}",
        }  # fmt: skip

    def score(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        """`usd`: the price that was shown; one that rose since is refused before anything is bought."""
        values = _values(data)
        limits.film(studio, actor, studio.video.clip(actor, values["clip_id"])[0].seconds)
        usd = studio.scoring.plan(actor, **values).usd
        if usd > usd_of(data):
            raise UserError("The price changed since it was shown.", "Look at it again, then press once more.", "price")
        return {"job": studio.scoring.submit(actor, cap_usd=usd or None, **values).id}

    def voices(actor: Actor, _data: dict[str, Any]) -> dict[str, Any]:
        """Who can speak the text, and recordings of the library."""
        book = studio.voice.book.voices(actor)
        found, _ = studio.library.search(actor, kinds=["voiceover"], limit=_RECORDINGS)
        return {
            "voices": [{"id": voice.id, "name": f"{voice.name} · {voice.language_name}"} for voice in book],
            "recordings": [{"id": each.id, "name": f"{each.name} · {clock(each.duration_s)}"} for each in found],
        }

    engines = "".join(
        f'<option value="{"" if line.name == EMBEDDED else line.name}">{line.title}{"" if line.ready else " (not ready)"}</option>'
        for line in sorted(studio.music.engines.listing(), key=lambda line: line.name != EMBEDDED)
    )
    presets = "".join(
        f'<option value="{key}"{" selected" if key == "video" else ""}>{one.title} · {one.lufs:g} LUFS</option>'
        for key, one in loudness.targets().items()
    )
    return part(
        f"""<form class="rcs" onsubmit="return false"><fieldset><legend>Music</legend>
<label class="ckl"><input type="checkbox" name="one"> One piece under the whole clip</label>
<label class="field"><span>Engine</span><select class="inp" name="provider" aria-label="Engine of the music">{engines}</select></label>
<label class="field"><span>Seed</span><input class="inp" name="seed" inputmode="numeric" maxlength="10" placeholder="drawn" aria-label="Seed"></label></fieldset>
<fieldset><legend>Levels</legend><label class="ckl own"><input type="checkbox" name="keep_sound" checked> Keep the clip's own sound</label>
{_slider("sound_gain_db", "Its own sound (dB)")}{_slider("music_gain_db", "Music (dB)")}{_slider("duck_db", "Music under speech (dB down)")}
<label class="field"><span>Loudness</span><select class="inp" name="loudness" aria-label="Loudness of the film">{presets}</select></label></fieldset>
<fieldset><legend>Voice-over</legend><div class="fs" role="group" aria-label="Voice-over"><button type="button" data-over="" aria-pressed="true">None</button><button type="button" data-over="text" aria-pressed="false">From a text</button><button type="button" data-over="voice" aria-pressed="false">A recording</button></div>
<div class="ov" data-for="text" hidden><label class="field"><span>Text</span><textarea class="inp" name="text" rows="4" maxlength="20000" aria-label="Text of the voice-over"></textarea></label><label class="field"><span>Voice</span><select class="inp" name="speaker" aria-label="Voice of the text"><option value="">The usual voice</option></select></label></div>
<div class="ov" data-for="voice" hidden><label class="field"><span>Recording</span><select class="inp" name="voice" aria-label="Recording"><option value="">Choose one…</option></select></label><div class="acts"><button type="button" class="tb" data-act="record">Record</button><label class="tb up">Upload<input type="file" class="vh" accept="audio/*" aria-label="Upload a recording"></label><span class="dur rec"></span></div></div>
<label class="field at" hidden><span>Begins at (seconds)</span><input class="inp" name="voice_start_s" value="0.5" inputmode="decimal" aria-label="Voice begins at second"></label></fieldset>
<div class="rc-go"><div class="me" role="status" aria-label="What it will take"><p class="wrong" hidden></p><p class="mp"><b></b></p><small></small><small></small></div><button type="button" class="tb ink big" data-act="score" disabled>Score the clip</button></div></form>""",
        script="scoring", elem_id="scoring", functions=[door(studio, each) for each in (score_price, score, voices)],
    )  # fmt: skip


def _slider(name: str, label: str) -> str:
    low, high, value = _DECIBELS[name]
    return (
        f'<label class="field rg"><span>{label} <output>{value}</output></span><input type="range" name="{name}" min="{low}"'
        f' max="{high}" step="0.5" value="{value}" aria-label="{label}"></label>'
    )


def _values(data: dict[str, Any]) -> dict[str, Any]:
    """The form and the cues as a request has them; what does not count is left out."""
    values = asked(data)
    form = dict(data.get("form") or {})
    values |= {name: number(label, form[name]) for name, label in _LABELS.items() if name in form}
    values |= {"keep_sound": bool(form.get("keep_sound", True)), "loudness": str(form.get("loudness") or "video")}
    over = form.get("over")
    if over and "voice_start_s" in form:
        values["voice_start_s"] = number("The voice's beginning", form["voice_start_s"])
    if over == "text":
        if not str(form.get("text") or "").strip():
            raise UserError("The voice-over has no text.", "Write it, or choose None.", "no_text")
        values |= {"text": str(form["text"]), "speaker": str(form.get("speaker") or "")}
    elif over == "voice":
        if not form.get("voice"):
            raise UserError(
                "No recording is chosen for the voice-over.",
                "Record, upload or choose one, or choose None.",
                "no_voice",
            )
        values["voice"] = str(form["voice"])
    return values


_LABELS = {"sound_gain_db": "Its own sound", "music_gain_db": "Music", "duck_db": "Music under speech"}


def number(label: str, value: Any) -> float:
    try:
        return float(str(value).strip().replace(",", "."))
    except ValueError:
        raise UserError(f"{label}: {str(value)[:40]!r} is not a number.", "Write digits.") from None
