"""compose(request) -> Score: pure and deterministic; the same request with the same seed gives the same score."""

from __future__ import annotations

from core.music.composer.accompany import Voiced, arpeggio, comp, pad, voice
from core.music.composer.arrange import ROLE, STEM, Layer, arrange, playing
from core.music.composer.bass import Roots, bass_line, roots_of
from core.music.composer.drums import choose_groove, drum_part, percussion
from core.music.composer.dynamics import shaped
from core.music.composer.effects import effects
from core.music.composer.ending import close
from core.music.composer.finish import finish
from core.music.composer.form import Frame, Stretch, lay_out
from core.music.composer.harmony import Timeline, harmonise
from core.music.composer.instruments import INSTRUMENTS
from core.music.composer.melody import Singer, counter_line
from core.music.composer.plan import Plan, plan
from core.music.composer.recovery import recovered
from core.music.composer.score import Note, Part, Score, Section
from core.music.types import MusicRequest

COMPOSER_VERSION = 3
"""Goes up whenever the same request and seed begin to give another piece: an asset says which composer made it."""

CELLO = "solo_cello"
SUSTAINING = ("harp", "felt_piano", "music_box", "vibraphone", "bell", "grand_piano", "pluck_synth")


def compose(request: MusicRequest) -> Score:
    """The request must have its seed. UserError where key or instruments make no sense."""
    return write(plan(request))


def write(made: Plan) -> Score:
    frame = lay_out(made)
    timeline = harmonise(made, frame)
    layers = arrange(made)
    groove = choose_groove(made)
    lines = _write_layers(made, frame, timeline, layers, groove)
    parts = tuple(
        Part(
            name=f"{layer.slot}: {INSTRUMENTS[layer.instrument].title.lower()}" if slot != "lead" else "melody",
            role=ROLE[slot],  # type: ignore[arg-type]
            stem=STEM[slot],
            instrument=layer.instrument,
            notes=notes,
            gain_db=layer.gain_db,
            pan=layer.pan,
        )
        for slot, layer in layers.items()
        if (notes := finish(made, frame, slot, layer.instrument, lines[slot]))
    )
    bars = _bars(frame)
    return Score(
        title=made.name or f"{made.mood} {made.genre} in {made.key.label}".capitalize(),
        genre=made.genre,
        mood=made.mood,
        bpm=made.bpm,
        key=made.key.label,
        beats_per_bar=made.beats_per_bar,
        bars=bars,
        seconds=made.seconds,
        intensity=made.intensity,
        seed=made.seed,
        loopable=made.loopable,
        ending=made.ending,
        parts=parts,
        sections=_sections(made, frame, timeline),
        drum_pattern=groove if "drums" in layers else "",
        tail_s=round(max(0.0, made.seconds - bars * made.beats_per_bar * 60 / made.bpm), 6),
        reading=made.reading.as_dict(),
    )


def _write_layers(
    made: Plan, frame: Frame, timeline: Timeline, layers: dict[str, Layer], groove: str
) -> dict[str, list[Note]]:
    lines: dict[str, list[Note]] = {slot: [] for slot in layers}
    roots = roots_of(timeline, layers["bass"].instrument) if "bass" in layers else None
    cello = next((slot for slot in ("lead", "counter") if slot in layers and layers[slot].instrument == CELLO), "")
    voiced: dict[str, Voiced] = {
        slot: voice(timeline, slot, layers[slot].instrument, roots, cello)
        for slot in ("pad", "comp", "arp")
        if slot in layers
    }
    singer = Singer(made, timeline, layers["lead"].instrument) if "lead" in layers else None
    stretches = frame.stretches
    loudest = max((stretch.presence for stretch in stretches), default=0.0)
    for index, stretch in enumerate(stretches):
        following = stretches[index + 1] if index + 1 < len(stretches) else None
        heard = {layer.slot: layer for layer in playing(made, layers, stretch, loudest)}
        melody: list[Note] = []
        if singer and "lead" in heard:
            melody = singer.sing(stretch, final=following is None)
        for slot, layer in heard.items():
            played = melody
            if slot != "lead":
                played = _layer(made, stretch, following, timeline, layer, voiced.get(slot, {}), melody, groove, roots)
            lines[slot] += shaped(played, stretch, made.beats_per_bar, breathes=slot not in ("drums", "perc"))
    if "fx" in layers:
        lines["fx"] = effects(made, frame, layers["fx"].instrument)
    for slot, layer in layers.items():
        if stretches and not lines[slot]:
            continue  # who has been silent all along does not walk on for the last chord
        last_pitch = lines[slot][-1].pitch if lines[slot] else 69
        lines[slot] += close(made, frame, timeline, layer, voiced.get(slot, {}), last_pitch)
    if "lead" in lines:
        lines["lead"] = recovered(lines["lead"], timeline, made.key)
    return lines


def _layer(
    made: Plan, stretch: Stretch, following: Stretch | None, timeline: Timeline, layer: Layer, voiced: Voiced,
    melody: list[Note], groove: str, roots: Roots | None,
) -> list[Note]:  # fmt: skip
    pattern = layer.busier if stretch.presence >= 0.75 else layer.pattern
    match layer.slot:
        case "drums":
            return drum_part(made, stretch, groove, following)
        case "perc":
            return percussion(made, stretch, layer.instrument)
        case "bass":
            return bass_line(made, stretch, timeline, pattern, layer.instrument, roots or {})
        case "pad":
            return pad(made, stretch, timeline, voiced)
        case "comp":
            return comp(made, stretch, timeline, voiced, pattern, layer.instrument)
        case "arp":
            return arpeggio(made, stretch, timeline, voiced, pattern, layer.instrument in SUSTAINING)
        case "counter":
            return counter_line(made, stretch, timeline, melody, layer.instrument)
    return []


def _bars(frame: Frame) -> int:
    body = sum(stretch.bars for stretch in frame.stretches)
    return body + (1 if frame.closing else 0)


def _sections(made: Plan, frame: Frame, timeline: Timeline) -> tuple[Section, ...]:
    per_bar = made.beats_per_bar
    sections = [
        Section(
            s.name, s.start_bar, s.bars, s.energy, tuple(_symbols(timeline, b * per_bar, per_bar) for b in _bars_of(s))
        )
        for s in frame.stretches
    ]
    if frame.closing:
        start = round(frame.body_beats / per_bar)
        symbols = _symbols(timeline, frame.body_beats, per_bar)
        sections.append(Section("ending", start, 1, sections[-1].energy if sections else 0.5, (symbols,)))
    return tuple(sections)


def _bars_of(stretch: Stretch) -> range:
    return range(stretch.start_bar, stretch.start_bar + stretch.bars)


def _symbols(timeline: Timeline, start: float, beats: float) -> str:
    return " ".join(span.chord.symbol for span in timeline.within(start, start + beats))
