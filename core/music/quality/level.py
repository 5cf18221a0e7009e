"""Loudness, peaks and dynamics; what is broken in the wave; silence; how it ends."""

from __future__ import annotations

import numpy as np

from core.audio.faults.problem import Problem, runs
from core.audio.mono import heard as heard_mono
from core.music.quality import hiss, mains
from core.music.quality.hearing import Heard
from core.music.quality.rules import graded, part, rule, unmeasured
from core.music.quality.types import Asked, Part

_PER_SECOND = 100
"""Of Heard.levels."""


def loudness(heard: Heard, _asked: Asked) -> Part:
    row = rule("loudness")
    quiet, loud = row["good_lufs"]
    expected = f"{quiet:g} to {loud:g} LUFS"
    lufs = heard.found.lufs
    if lufs is None:
        return unmeasured("loudness", "It is too soft for a loudness to be measured.", expected)
    score = graded(lufs, quiet, row["bad_lufs"][0]) * graded(lufs, loud, row["bad_lufs"][1])
    way = "quieter" if lufs < quiet else "louder"
    note = "It is as loud as finished music is." if score == 1 else f"It is {way} than finished music is."
    return part("loudness", round(lufs, 1), expected, score, note)


def peak(heard: Heard, _asked: Asked) -> Part:
    row = rule("peak")
    expected = f"at most {row['good_dbtp']:g} dBTP"
    dbtp = heard.found.true_peak_dbtp
    if dbtp is None:
        return unmeasured("peak", "There is nothing to measure.", expected)
    score = graded(dbtp, row["good_dbtp"], row["bad_dbtp"])
    note = "There is room above the highest peak." if score == 1 else (
        "Its highest peak will be cut off in playback." if dbtp > 0 else "Its highest peak leaves little room for encoders."
    )  # fmt: skip
    return part("peak", round(dbtp, 1), expected, score, note)


def dynamics(heard: Heard, _asked: Asked) -> Part:
    row = rule("dynamics")
    expected = f"{row['good_lu']:g} LU or more"
    found = heard.found.dynamics.get("plr_lu")
    if found is None:
        return unmeasured("dynamics", "It is too soft for its dynamics to be measured.", expected)
    score = graded(found, row["good_lu"], row["bad_lu"])
    note = (
        "Its peaks stand well above its loudness." if score == 1 else "It is pressed flat: its peaks hardly stand out."
    )
    return part("dynamics", round(found, 1), expected, score, note)


def clipping(heard: Heard, _asked: Asked) -> Part:
    found = _problems(heard, "clipping")
    if not found:
        return part("clipping", 0, "none", 1.0, "No peak is cut off flat.")
    share = sum(each.end_s - each.start_s for each in found) / max(heard.seconds, 1e-9)
    score = graded(share, *(rule("clipping")["share"])) * rule("clipping")["any_score"]
    where = f"{100 * min(share, 1.0):.0f} % of the piece" if share >= 0.005 else f"{len(found)} places"
    return part("clipping", round(100 * share, 1), "none", score, f"Peaks are cut off flat in {where}.")


def clicks(heard: Heard, _asked: Asked) -> Part:
    row = rule("clicks")
    found = _problems(heard, "click", "dropout")
    if not found:
        return part("clicks", 0, "none", 1.0, "The wave is whole: no clicks, no holes.")
    score = graded(60 * len(found) / max(heard.seconds, row["least_seconds"]), *row["per_minute"]) * row["any_score"]
    first = f"{found[0].start_s:.1f} s"
    return part(
        "clicks", len(found), "none", score, f"Clicks or holes in the wave: {len(found)}, the first at {first}."
    )


def noise(heard: Heard, _asked: Asked) -> Part:
    row = rule("noise")
    if heard.seconds < row["least_seconds"]:
        return unmeasured("noise", "It is too short to tell hum or hiss from notes.", "none")
    found = _problems(heard, "hum", "hiss")
    kinds = {each.kind: each.detail for each in found}
    thin = () if "hum" in kinds else mains.lines(heard_mono(heard.samples), heard.rate)
    if thin:
        kinds["hum"] = f"Steady lines at {', '.join(f'{hertz:g}' for hertz in thin)} Hz."
    if "hiss" not in kinds and (under := hiss.under_db(heard.samples, heard.rate)) is not None:
        kinds["hiss"] = f"Steady noise, {under:.0f} dB under the programme."
    if not kinds:
        return part("noise", "none", "none", 1.0, "No steady hum or hiss is heard; under dense music it may hide.")
    names = " and ".join(sorted(kinds))
    return part("noise", names, "none", row["any_score"], f"There is {names}: {' '.join(kinds.values())}")


def offset(heard: Heard, _asked: Asked) -> Part:
    row = rule("offset")
    mean = heard.samples.mean(axis=1, dtype=np.float64)
    percent = 100 * float(np.abs(mean).max())
    score = graded(percent, row["good_percent"], row["bad_percent"])
    note = (
        "The wave lies around zero."
        if score == 1
        else "The wave is shifted away from zero: a high-pass filter mends it."
    )
    return part("offset", round(percent, 2), f"under {row['good_percent']:g} %", score, note)


def silence(heard: Heard, _asked: Asked) -> Part:
    row = rule("silence")
    step = heard.seconds / heard.levels.size
    quiet = heard.levels < max(row["silent_dbfs"], heard.programme_db - row["under_programme_db"])
    extra, places = 0.0, []
    for first, last in runs(np.asarray(quiet)):
        start, end = float(first) * step, float(last) * step
        where = "lead" if first == 0 else "trail" if last == quiet.size else "gap"
        over = end - start - row[f"{where}_seconds"]
        if over > 0:
            extra += over
            places.append(f"{end - start:.1f} s " + {"lead": "at the start", "trail": "at the end"}.get(where, f"at {start:.1f} s"))  # fmt: skip
    score = graded(extra, 0.0, row["bad_seconds"])
    if places:
        score = min(score, row["any_score"])
    note = f"It is silent for {', '.join(places[:3])}." if places else "There is no silence where none belongs."
    return part("silence", round(extra, 1), "no pause too long", score, note)


def ending(heard: Heard, asked: Asked) -> Part:
    row = rule("ending")
    if asked.loopable or asked.ending == "cut":
        return unmeasured("ending", "It was asked to stop dead." if not asked.loopable else "A loop does not end.")
    if heard.seconds < row["least_seconds"]:
        return unmeasured("ending", "It is too short to have an ending.")
    last = heard.levels[-max(1, round(row["window_s"] * _PER_SECOND)) :]
    under = float(10 * np.log10(np.mean(10 ** (last / 10)))) - heard.programme_db
    score = graded(under, row["good_db"], row["bad_db"])
    note = "It comes to rest before it stops." if score == 1 else "It breaks off while it is still sounding."
    return part("ending", min(60, round(-under)), f"{-row['good_db']:g} dB or more", score, note)


def _problems(heard: Heard, *kinds: str) -> list[Problem]:
    """Of the detectors that the accuracy card vouches for."""
    return [each for each in heard.found.problems if each.kind in kinds]
