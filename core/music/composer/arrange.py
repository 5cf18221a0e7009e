"""Arrangement: which instrument plays which layer, and which layers play in each section."""

from __future__ import annotations

from dataclasses import dataclass

from core.kit.errors import UserError
from core.kit.paths import reference
from core.music.composer.drums import KICK, WEIGHT, choose_groove, lines_for
from core.music.composer.form import Stretch
from core.music.composer.instruments import INSTRUMENTS
from core.music.composer.patterns import crosses, four_bars
from core.music.composer.plan import Plan

SLOTS = ("drums", "perc", "bass", "comp", "pad", "arp", "lead", "counter", "fx")
STEM = {
    "drums": "drums", "perc": "drums", "bass": "bass", "comp": "chords", "pad": "texture", "arp": "chords", "lead": "lead",
    "counter": "lead", "fx": "texture",
}  # fmt: skip
ROLE = {
    "drums": "drums", "perc": "drums", "bass": "bass", "comp": "chords", "pad": "pad", "arp": "arp", "lead": "lead",
    "counter": "strings", "fx": "fx",
}  # fmt: skip
# Words that rule out whole slots.
RULED_OUT = {
    "drums": ("drums", "perc"), "bass": ("bass",), "chords": ("comp",), "pad": ("pad",), "arp": ("arp",),
    "lead": ("lead", "counter"), "fx": ("fx",),
}  # fmt: skip
# Where an instrument that was asked for is heard, in order of preference.
SEATS = {
    "keys": ("comp", "lead", "arp"), "mallet": ("lead", "arp"), "pluck": ("arp", "lead", "comp"),
    "guitar": ("comp", "arp", "lead"), "pad": ("pad", "counter"), "strings": ("pad", "counter", "lead"),
    "brass": ("lead", "counter"), "bass": ("bass",), "lead": ("lead", "counter"), "drums": ("drums", "perc"), "fx": ("fx",),
}  # fmt: skip
LOOSE = ("charleston", "lofi")
OFF_THE_KICK = ("offbeat", "house", "disco", "rolling")
"""Bass styles that live between the kicks: the pumping of club music."""
SOLO_DB = {("counter", "solo_cello"): 3.0}
"""One player against sections: as much louder."""
SEAT_OF = {"solo_cello": ("lead", "counter"), "string_staccato": ("arp",), "muted_guitar": ("arp", "comp")}


@dataclass(frozen=True)
class Layer:
    slot: str
    instrument: str
    enters: float
    """Section energy from which it plays"""
    pattern: str
    busier: str
    """Pattern for sections of high energy"""
    gain_db: float
    pan: float


def arrange(plan: Plan) -> dict[str, Layer]:
    """Slot → layer. UserError if the prompt rules out everything."""
    style = plan.style["layers"]
    open_slots = [s for s in SLOTS if s in style and not _ruled_out(plan, s)]
    seats = _seat(plan, [s for s in SLOTS if not _ruled_out(plan, s)])
    layers: dict[str, Layer] = {}
    taken = set(seats.values())
    for slot in SLOTS:
        if slot not in open_slots and slot not in seats:
            continue
        spec = style.get(slot, {"use": []})
        instrument = seats.get(slot) or _choose(plan, slot, spec["use"], taken)
        if instrument is None:
            continue
        taken.add(instrument)
        enters = spec.get("from", plan.style["lead"]["from"])
        if slot in seats:  # what was asked for comes in early
            enters = min(enters, 0.3) if slot in ("drums", "perc", "bass") else 0.0
        pattern, busier = _patterns(plan, slot, spec, instrument)
        layers[slot] = Layer(
            slot, instrument, enters, pattern, busier,
            spec.get("gain", 0.0) + (2.0 if slot in seats else 0.0) + SOLO_DB.get((slot, instrument), 0.0),
            spec.get("pan", 0.0),
        )  # fmt: skip
    if not set(layers) - {"fx"}:
        raise UserError(
            "The prompt rules out every instrument, so there is nothing left to play.",
            "Leave at least one: drums, bass, chords, pads, arpeggios or melody.",
            "nothing_to_play",
        )
    return layers


def _ruled_out(plan: Plan, slot: str) -> bool:
    if any(slot in RULED_OUT.get(word, ()) for word in plan.excluded):
        return True
    return "others" in plan.excluded and slot not in _seat(plan, list(SLOTS))


def _forbidden(plan: Plan, instrument: str) -> bool:
    return instrument in plan.excluded or INSTRUMENTS[instrument].family in plan.excluded


def _seat(plan: Plan, free: list[str]) -> dict[str, str]:
    """A slot for each instrument that was asked for; the first asked chooses first. What finds no slot free doubles
    nothing and is left out only if every seat it could take is taken by another that was asked for."""
    seats: dict[str, str] = {}
    alone = "others" in plan.excluded
    for instrument in plan.featured:
        if _forbidden(plan, instrument):
            continue
        wanted = SEAT_OF.get(instrument) or SEATS[INSTRUMENTS[instrument].family]
        options = (
            [*wanted, "counter", "arp", "lead", "comp"]
            if INSTRUMENTS[instrument].family not in ("drums", "bass", "fx")
            else wanted
        )
        taken = next((s for s in options if s in free and s not in seats), None)
        if taken is not None:
            seats[taken] = instrument
    if alone:  # a solo instrument carries tune and accompaniment alike
        for instrument in plan.featured:
            family = INSTRUMENTS[instrument].family
            if family in ("keys", "guitar", "pluck", "mallet"):
                for slot in ("lead", "comp"):
                    seats.setdefault(slot, instrument)
            elif family in ("strings", "brass", "lead", "pad"):
                seats.setdefault("lead", instrument)
    return seats


def _choose(plan: Plan, slot: str, options: list[str], taken: set[str]) -> str | None:
    """Genre offers, mood prefers, the seed decides."""
    rng = plan.rng("instrument", slot)
    colour = plan.colour
    allowed = [i for i in options if not _forbidden(plan, i)]
    if not allowed:
        return None
    fresh = [i for i in allowed if i not in taken or slot in ("drums", "bass")] or allowed
    weights = [4.0 if i in colour["prefer"] else 0.15 if i in colour["avoid"] else 1.0 for i in fresh]
    weights = [weight * plan.leaning.get(i, 1.0) for i, weight in zip(fresh, weights, strict=True)]
    return rng.choices(fresh, weights)[0]


def _patterns(plan: Plan, slot: str, spec: dict[str, list[str]], instrument: str) -> tuple[str, str]:
    if slot not in ("bass", "comp", "arp"):
        return "", ""
    rng = plan.rng("pattern", slot)
    table = reference("music/patterns")[slot]
    style = rng.choice([s for s in spec["play"] if not plan.steady or s != "tresillo"] or spec["play"])
    if plan.beats_per_bar == 3 and "waltz" in table:
        style = "waltz"
    if instrument in ("distorted_guitar",) and slot == "comp":
        style = rng.choice(("power", "chug", "eighths"))
    if style == "walk":
        return "walk", "walk"
    variants = rng.sample(table[style], len(table[style]))
    if plan.steady:
        variants = [text for text in variants if not crosses(text)] or variants
    if slot == "comp" and style in LOOSE:  # a comping hand never plays the same bar twice running
        return "".join(rng.choices(variants, k=8)), "".join(rng.choices(variants, k=8))
    if slot == "bass" and "drums" not in plan.excluded:
        calm_kicks, busy_kicks = (_kicks(plan, presence) for presence in (0.5, 0.9))
        variants.sort(key=lambda text: -_agreement(text, calm_kicks))  # keeps the seed's order among equals
        calm, busy = variants[0], variants[1 % len(variants)]
        if style not in OFF_THE_KICK:
            calm, busy = _locked(calm, calm_kicks), _locked(busy, busy_kicks)
            variants = [_locked(text, calm_kicks) for text in variants]
        return four_bars(calm, variants[2:]), four_bars(busy, variants[2:])
    calm, busy = variants[0], variants[1 % len(variants)]
    if slot == "arp":
        return calm, busy
    return four_bars(calm, variants[2:]), four_bars(busy, variants[2:])


def _kicks(plan: Plan, presence: float) -> dict[int, float]:
    """Step of the bar → how hard the groove's kick falls there."""
    text = lines_for(choose_groove(plan), presence).get(KICK, "")
    return {step % 16: WEIGHT[sign] for step, sign in enumerate(text) if sign not in ".g"}


def _agreement(pattern: str, kicks: dict[int, float]) -> float:
    met = sum(weight for step, weight in kicks.items() if pattern[step % len(pattern)] != ".")
    return met / sum(kicks.values()) if kicks else 0.0


def _locked(pattern: str, kicks: dict[int, float]) -> str:
    """The pattern with a short root on every kick that found the bass silent: bass and kick as one."""
    steps = list(pattern)
    for at in range(len(steps)):
        if steps[at] == "." and kicks.get(at % 16, 0.0) > 0.5:
            steps[at] = "R"
    return "".join(steps)


# Sections in which a layer keeps silent whatever their energy.
SILENT = {
    "intro": ("lead", "counter"),
    "breakdown": ("drums", "bass", "counter"),
    "reflection": ("drums", "counter"),
    "interlude": ("lead", "drums"),
    "outro": ("counter",),
}
BEAT_FIRST = (("bass", "comp"), ("bass", "arp"), ("comp",), ("bass",), ("drums",))
INTRO_STYLES = (("drums", "bass"), ("bass", "comp"), ("drums",), ("pad", "bass"), ("drums", "arp"), ())


def playing(plan: Plan, layers: dict[str, Layer], stretch: Stretch, loudest: float) -> list[Layer]:
    """`loudest`: the presence of the piece's loudest section, where tune, bass and beat are never missing."""
    silent = set(SILENT.get(stretch.name, ()))
    if stretch.name == "intro":
        silent |= set(plan.rng("intro").choice(BEAT_FIRST if plan.genre in ("house", "lo-fi") else INTRO_STYLES))
    if stretch.name == "cue":
        silent = set()
    peak = stretch.presence >= loudest - 0.06
    due = (
        ("lead", "bass")
        if plan.genre == "ambient" and "drums" not in plan.asked_families
        else ("lead", "bass", "drums", "perc")
    )
    heard = [
        x for x in layers.values()
        if (x.enters <= stretch.presence or (peak and x.slot in due)) and x.slot not in silent
    ]  # fmt: skip
    if stretch.name == "cue" or len(layers) <= 2:
        heard = list(layers.values())
    if not any(x.slot in ("drums", "arp", "comp") for x in heard):
        # Something has to keep time.
        heard += [layers[slot] for slot in ("arp", "comp", "drums") if slot in layers][:1]
    if not any(_opens(x) for x in heard):
        # And something has to sound on the one.
        heard += [x for x in layers.values() if _opens(x) and x not in heard][:1]
    return heard


def _opens(layer: Layer) -> bool:
    return layer.slot == "pad" or (layer.slot in ("bass", "comp", "arp") and layer.pattern[0] != ".")
