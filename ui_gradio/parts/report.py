"""The report of an analysis: tiles, a timeline with sections, beats and problems, a picture, and a place to listen."""

from __future__ import annotations

from typing import Any

import gradio as gr

from core.app import Studio
from core.kit.actor import Actor
from core.kit.errors import StudioError
from core.store.jobs import DONE
from ui_gradio import limits
from ui_gradio.errors import door
from ui_gradio.parts import PLAY, part
from ui_gradio.parts.rows import ago, asset_row, audible, clock, wave

CHOICES = 100
BARS = 240
STEADY = 0.25
"""Confidence from which a tempo is shown."""
_TITLES = {
    "clipping": "Clipping", "click": "Click", "dropout": "Dropout", "hum": "Mains hum", "hiss": "Hiss",
    "dc_offset": "DC offset", "dead_channel": "Dead channel", "inverted_polarity": "Inverted channel",
    "silence": "Silence", "silence_lead": "Silence at the start", "silence_gap": "Silence inside",
    "silence_trail": "Silence at the end", "low_level": "Low level", "reverb": "Reverb",
}  # fmt: skip


def chooser(studio: Studio) -> gr.HTML:
    """Which piece, how thoroughly, and go."""

    def choices(actor: Actor, _data: dict[str, Any]) -> dict[str, Any]:
        found, _ = studio.library.search(actor, limit=CHOICES)
        return {
            "rows": [{"id": one.id, "name": one.name, "dur": clock(one.duration_s)} for one in found if audible(one)]
        }

    def begin(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        limits.may_submit(studio, actor)
        return {"job": studio.analysing.submit(actor, str(data.get("id", "")), full=bool(data.get("full"))).id}

    return part(
        """<label class="field"><span>Piece</span><select class="inp" aria-label="Piece to analyse"></select></label>
<div class="fs" role="group" aria-label="Depth"><button type="button" data-full="" aria-pressed="false">Quick</button><button type="button" data-full="1" aria-pressed="true">Full</button></div>
<p class="anote"></p>
<div class="drow"><button type="button" class="tb" data-act="upload">Upload a file</button><button type="button" class="tb ink go1" data-act="begin">Analyse</button></div>""",
        script="analyse", functions=[door(studio, choices), door(studio, begin)], elem_id="analyse-choose",
    )  # fmt: skip


def report(studio: Studio) -> gr.HTML:
    """Event `shown` with the job whose report it now shows."""

    def read(actor: Actor, data: dict[str, Any]) -> dict[str, Any]:
        if data.get("asset"):
            job = studio.analysing.latest(actor, str(data["asset"]))
            if job is None:
                return {}
        else:
            job = studio.jobs.show(actor, str(data.get("job", "")))
            if job.status != DONE:
                return {}
        found = studio.analysing.report(actor, job.id)
        try:
            asset = asset_row(studio.library.get(actor, found["asset_id"]))
        except StudioError:  # the piece is gone, its report is not
            asset = {"id": "", "name": found["name"], "url": "", "meta": "", "seconds": found["duration_s"]}
        return view(found, asset) | {"job": job.id, "age": ago(job.created_at)}

    return part(
        f"""{{{{#if value.job}}}}<div class="card anhead"><div class="hd tlh"><div class="tlt">{{{{#if value.asset.url}}}}<button type="button" class="play" data-play="{{{{value.asset.url}}}}" data-id="{{{{value.asset.id}}}}" data-title="{{{{value.asset.name}}}}" data-sub="{{{{value.asset.meta}}}}" data-d="{{{{value.asset.d}}}}" data-len="{{{{value.asset.seconds}}}}" data-mixable="1" aria-pressed="false" aria-label="Play {{{{value.asset.name}}}}">{PLAY}</button>{{{{/if}}}}<div><h2>{{{{value.asset.name}}}}</h2><p>{{{{value.facts}}}} · {{{{value.age}}}}</p></div></div><span class="pill {{{{value.mood}}}}">{{{{value.verdict}}}}</span></div>
<div class="tiles">{{{{#each value.tiles}}}}<div><small>{{{{this.name}}}}</small><b>{{{{this.value}}}}<i>{{{{this.unit}}}}</i></b><span>{{{{this.note}}}}</span></div>{{{{/each}}}}</div></div>
<div class="card"><div class="hd"><h2>Timeline</h2><p>{{{{value.legend}}}}</p></div>
<div class="antl" role="slider" tabindex="0" aria-label="Timeline" aria-valuemin="0" aria-valuemax="{{{{value.seconds}}}}" aria-valuenow="0" aria-valuetext="0:00"><i class="head"></i>
<svg class="wf" viewBox="0 0 {BARS * 4} 72" preserveAspectRatio="none" aria-hidden="true"><path d="{{{{value.d}}}}"/></svg>
<div class="bts" aria-hidden="true">{{{{#each value.bars}}}}<i style="left:{{{{this}}}}%"></i>{{{{/each}}}}</div>
<div class="prb" aria-hidden="true">{{{{#each value.marks}}}}<i style="left:{{{{this.left}}}}%;width:{{{{this.width}}}}%" title="{{{{this.title}}}}"></i>{{{{/each}}}}</div></div>
<div class="secs" role="group" aria-label="Sections">{{{{#each value.sections}}}}<button type="button" data-act="jump" data-at="{{{{this.start}}}}" style="width:{{{{this.width}}}}%" class="s{{{{this.tone}}}}" aria-label="Listen to section {{{{this.label}}}} at {{{{this.at}}}}" title="{{{{this.at}}}}">{{{{this.label}}}}</button>{{{{/each}}}}</div>
<div class="tax" aria-hidden="true"><span>0:00</span><span>{{{{value.half}}}}</span><span>{{{{value.end}}}}</span></div>
{{{{#if value.mel}}}}<div class="mel"><img src="data:image/png;base64,{{{{value.mel}}}}" alt="Mel spectrogram: time to the right, 30 Hz at the bottom, {{{{value.top}}}} at the top"><span class="hz" aria-hidden="true"><i>{{{{value.top}}}}</i><i>30 Hz</i></span></div>{{{{/if}}}}</div>
<div class="card"><div class="hd"><h2>Problems</h2><p>{{{{value.count}}}}</p></div><ul class="prl">{{{{#each value.problems}}}}<li><button type="button" class="tb num" data-act="jump" data-at="{{{{this.from}}}}" aria-label="Listen at {{{{this.at}}}}">▶ {{{{this.at}}}}</button><div><b>{{{{this.title}}}}</b> <small>{{{{this.lasts}}}}</small> <span>{{{{this.detail}}}}</span><p>{{{{this.remedy}}}}</p></div></li>{{{{/each}}}}</ul>
{{{{#if value.more}}}}<p class="none">{{{{value.more}}}}</p>{{{{/if}}}}
{{{{#if value.unproven}}}}<details class="proj"><summary>Unproven findings</summary><p class="anote">From detectors that are too often wrong to be stated as a fact.</p><ul class="prl">{{{{#each value.unproven}}}}<li><span class="pill warn">{{{{this.title}}}}</span><div><span>{{{{this.detail}}}}</span></div></li>{{{{/each}}}}</ul></details>{{{{/if}}}}</div>
{{{{else}}}}<div class="card"><div class="hd"><h2>Report</h2></div><p class="none">Choose a piece and press Analyse: tempo, key, loudness, structure and faults appear here.</p></div>{{{{/if}}}}""",
        script="report", value={}, functions=[door(studio, read)], elem_id="report",
    )  # fmt: skip


def view(found: dict[str, Any], asset: dict[str, Any]) -> dict[str, Any]:
    """The report as the page shows it: short texts and places in per cent."""
    seconds = max(found["duration_s"], 1e-6)
    full = found["report"] == "full"
    problems = [_problem(one, seconds) for one in found["problems"]]
    bars = found.get("bars") or []
    step = max(1, len(bars) // 160)
    tops = found["spectrum"]["bands_hz"]
    labels = sorted({one["label"] for one in found.get("sections") or []})
    legend = (
        [f"{len(found['beats'])} beats, a line every {'bar' if step == 1 else f'{step} bars'}"] if full and bars else []
    )
    if len(labels) > 1:
        legend.append("parts with the same letter sound alike")
    if any(_extent(one, seconds) for one in found["problems"]):
        legend.append("red: a problem")
    return {
        "asset": asset, "seconds": seconds, "facts": f"{clock(seconds)} · {found['sample_rate'] / 1000:g} kHz · "
        + {1: "mono", 2: "stereo"}.get(found["channels"], f"{found['channels']} channels") + f" · {found['report']} report",
        "verdict": f"{len(problems)} problem{'s' if len(problems) != 1 else ''}" if problems
        else "Unproven findings" if found["unproven"] else "No problems found",
        "mood": "warn" if problems else "" if found["unproven"] else "good", "tiles": _tiles(found), "d": wave(found["waveform"], BARS, 72),
        "bars": [round(100 * at / seconds, 3) for at in bars[::step]], "legend": " · ".join(legend),
        "marks": [
            {"left": round(100 * one["start_s"] / seconds, 3), "title": f"{_title(one['kind'])} at {clock(one['start_s'])}",
             "width": round(max(0.25, 100 * (one["end_s"] - one["start_s"]) / seconds), 3)}
            for one in found["problems"]
            if _extent(one, seconds)  # what is everywhere is marked nowhere
        ],
        "sections": [
            {"label": one["label"], "start": one["start_s"], "at": clock(one["start_s"]),
             "width": round(100 * (one["end_s"] - one["start_s"]) / seconds, 3), "tone": labels.index(one["label"]) % 6}
            for one in (found.get("sections") or [] if len(labels) > 1 else [])
        ],
        "half": clock(seconds / 2), "end": clock(seconds), "mel": found.get("mel_png") or "",
        "top": f"{min(16.0, found['sample_rate'] / 2000):g} kHz" if tops else "",
        "problems": problems, "count": f"{len(problems)} found" if problems else "",
        "more": " ".join(found["warnings"]) or ("" if problems else "Nothing found that a meter can be sure of. Listen all the same."),
        "unproven": [
            {"title": _title(one["kind"]), "detail": f"found {_times(len(one['found']))}. " + _figures(one)}
            for one in found["unproven"]
        ],
    }  # fmt: skip


def spoken(found: dict[str, Any]) -> bool:
    """Mostly speech and no beat: what is measured of its harmony means little."""
    return (found.get("speech_share") or 0.0) >= 0.8 and found["bpm_confidence"] < STEADY


def _tiles(found: dict[str, Any]) -> list[dict[str, str]]:
    loud, dynamics, other = found["loudness"], found["dynamics"], found["bpm_alternatives"] or {}
    steady = found["bpm_confidence"] >= STEADY
    rows = [
        ("Tempo", _n(found["bpm"] if steady else None, 1), "BPM",
         f"or {other.get('half', 0):.1f} / {other.get('double', 0):.1f} · {found['bpm_confidence']:.0%} sure" if steady else "no steady beat"),
        ("Key", found["key"] or "–", "", "mostly speech: means little" if found["key"] and spoken(found)
         else f"Camelot {found['camelot']} · {found['key_confidence']:.0%} sure" if found["key"] else ""),
        ("Loudness", _n(found["lufs"], 1), "LUFS", f"range {_n(loud['range_lu'], 1)} LU"),
        ("True peak", _n(found["true_peak_dbtp"], 1), "dBTP", f"loudest 3 s {_n(loud['short_term_max_lufs'], 1)} LUFS"),
        ("Dynamics", _n(dynamics["plr_lu"], 1), "LU", f"peak over loudness · crest {_n(dynamics['crest_db'], 1)} dB"),
        ("Brightness", f"{found['spectrum']['centroid_hz']:.0f}", "Hz", f"85 % lies under {found['spectrum']['rolloff_hz']:.0f} Hz"),
        ("Energy", f"{found['energy'] * 100:.0f}", "of 100", "loudness, onsets, brightness"),
    ]  # fmt: skip
    if found.get("speech_share") is not None:
        rows.append(("Speech", f"{found['speech_share'] * 100:.0f}", "%", "of the time"))
    if found.get("stereo"):
        image = found["stereo"]
        rows.append(
            (
                "Stereo",
                f"{image['correlation']:+.2f}",
                "",
                f"correlation · width {image['width']:.2f} · {_balance(image['balance_db'])}",
            )
        )
    return [
        {"name": name, "value": value, "unit": unit if value != "–" else "", "note": note}
        for name, value, unit, note in rows
    ]


def _balance(db: float) -> str:
    return "balanced" if abs(db) < 0.05 else f"{abs(db):.1f} dB more on the {'right' if db > 0 else 'left'}"


def _extent(one: dict[str, Any], seconds: float) -> str:
    """How long a problem lasts; empty if it is everywhere."""
    lasts = one["end_s"] - one["start_s"]
    return "" if lasts >= 0.95 * seconds else f"for {lasts:.1f} s" if lasts >= 0.1 else "for a moment"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _problem(one: dict[str, Any], seconds: float) -> dict[str, Any]:
    return {
        "title": _title(one["kind"]), "detail": one["detail"], "lasts": _extent(one, seconds) or "all the way through", "remedy": one["remedy"], "at": _tenths(one["start_s"]),
        "from": max(0.0, one["start_s"] - 0.5),
    }  # fmt: skip


def _tenths(seconds: float) -> str:
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"


def _title(kind: str) -> str:
    return _TITLES.get(kind, kind.replace("_", " ").capitalize())


def _figures(one: dict[str, Any]) -> str:
    if one["precision"] is None:
        return "How often that is right has not been measured."
    return f"On files it was not tuned on it was right in {one['precision']:.0%} of its findings: listen for yourself."


def _n(value: float | None, digits: int) -> str:
    return "–" if value is None else f"{value:.{digits}f}"
