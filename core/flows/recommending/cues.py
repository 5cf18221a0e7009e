"""Which pieces of music a clip is scored with: where each begins and ends, in what key, at what tempo.

A scene of two seconds needs no piece of its own: scenes that follow each other and ask for alike music share a cue, whose
beats land on the cuts between them. Cues begin on cuts, end in whole bars, keep to one family of keys and related tempos,
and those for scenes of one kind are made from the same seed, so that a theme returns.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import cast

from pydantic import Field

from core.flows.recommending import rules, tempo
from core.flows.recommending.types import Kept, Recommendation, _Part
from core.kit.paths import reference
from core.music.composer.keys import Key, Mode, parse_key
from core.music.types import Ending, Genre, Intensity, Mood
from core.video.types import Clip, Scene

SHORTEST_S = 6.0
"""A cue is at least this long, if the clip is: less is no music, only a jingle."""
LONGEST_S = 180.0
MOST = 200
"""Cues of one clip, however long it is."""
_ALIKE_SHARE = 0.5
"""Scenes share a cue where the next one's music scores at least this part of its own best choice."""
MOST_BEND = 0.12
"""How far a cue's tempo may be bent, as a share, to fill its scenes in whole bars."""


class Cue(_Part):
    """One piece. What a person changes in it is made as it stands."""

    start_s: float = Field(ge=0)
    end_s: float = Field(gt=0)
    scenes: tuple[int, ...] = Field(description="numbers of the scenes it lies under")
    mood: Mood
    genre: Genre
    intensity: Intensity
    bpm: float = Field(ge=40, le=220)
    bars: float = Field(gt=0, description="how many it has until its end")
    key: str
    seed: int = Field(ge=0)
    ending: Ending = "cut"
    under_speech: bool = False
    why: str = ""
    landing: str = ""

    @property
    def seconds(self) -> float:
        return self.end_s - self.start_s


def plan(clip: Clip, *, seed: int, kept: Sequence[Kept] = (), one: bool = False) -> tuple[Cue, ...]:
    """`one`: a single piece under the whole clip. `seed`: the same clip and seed give the same plan."""
    groups = [list(clip.scenes)] if one else _groups(clip, kept)
    told = [rules.for_stretch(clip, group, kept) for group in groups]
    home = max(range(len(groups)), key=lambda number: groups[number][-1].end_s - groups[number][0].start_s)
    keys = [key_beside(told[home].mood, said.mood, seed) for said in told]
    tempos = _tempos(clip, groups, told, home)
    seeds: dict[tuple[str, str], int] = {}
    cues = []
    for number, (group, said, key, fits) in enumerate(zip(groups, told, keys, tempos, strict=True)):
        last = number == len(groups) - 1
        theme = (said.genre, said.mood)
        seeds.setdefault(theme, theme_seed(seed, *theme))
        cues.append(_cue(clip, group, said, key, seeds[theme], fits, last=last))
    return tuple(cues)


def suggested(clip: Clip, scenes: Sequence[Scene], kept: Sequence[Kept] = ()) -> Cue:
    """The piece for these scenes alone, in any key: to compare with what a person made of it."""
    group, said = list(scenes), rules.for_stretch(clip, scenes, kept)
    return _cue(clip, group, said, "C major", 0, _tempo(clip, group, said, None), last=True)


def _tempos(
    clip: Clip, groups: Sequence[list[Scene]], told: Sequence[Recommendation], home: int
) -> list[tuple[float, float]]:
    """(BPM, bars) of each: the longest as it likes, then outwards each beside its neighbour."""
    found = {home: _tempo(clip, groups[home], told[home], None)}
    for number in (*range(home + 1, len(groups)), *range(home - 1, -1, -1)):
        neighbour = found[number - 1 if number > home else number + 1]
        found[number] = _tempo(clip, groups[number], told[number], neighbour[0])
    return [found[number] for number in range(len(groups))]


def _tempo(clip: Clip, group: Sequence[Scene], said: Recommendation, beside_bpm: float | None) -> tuple[float, float]:
    start_s, end_s = group[0].start_s, group[-1].end_s
    low, _, high = (float(each) for each in reference("music/genres")[said.genre]["bpm"])
    return tempo.filling(
        end_s - start_s, said.bpm, [scene.start_s - start_s for scene in group[1:]], clip.fps, MOST_BEND,
        beside_bpm=beside_bpm, range_bpm=(low, high),
    )  # fmt: skip


def _cue(
    clip: Clip, group: list[Scene], said: Recommendation, key: str, seed: int, fits: tuple[float, float], *, last: bool
) -> Cue:
    start_s, end_s = group[0].start_s, group[-1].end_s
    inside = [scene.start_s for scene in group[1:]]
    bpm, bars = fits
    fit = tempo.landings(bpm, [*inside, end_s], clip.fps, start_s)
    return Cue(
        start_s=start_s, end_s=end_s, scenes=tuple(scene.number for scene in group), mood=said.mood, genre=said.genre,
        intensity=said.intensity, bpm=round(bpm, 4), bars=bars, key=key, seed=seed, ending="resolve" if last else "cut",
        under_speech=said.under_speech, why=said.why, landing=fit.says(),
    )  # fmt: skip


def _groups(clip: Clip, kept: Sequence[Kept]) -> list[list[Scene]]:
    """Neighbours that ask for alike music, and what is too short to stand alone with the neighbour it is nearer to."""
    groups: list[list[Scene]] = []
    for scene in clip.scenes:
        if groups and _alike(groups[-1], scene, kept):
            groups[-1].append(scene)
        else:
            groups.append([scene])
    while len(groups) > 1:
        lengths = [sum(scene.seconds for scene in group) for group in groups]
        short = min(range(len(groups)), key=lambda number: lengths[number])
        if lengths[short] >= SHORTEST_S and len(groups) <= MOST:
            break
        before = lengths[short - 1] if short else float("inf")
        after = lengths[short + 1] if short + 1 < len(groups) else float("inf")
        into = short - 1 if before <= after else short
        groups[into : into + 2] = [groups[into] + groups[into + 1]]
    return groups


def _alike(group: list[Scene], scene: Scene, kept: Sequence[Kept]) -> bool:
    if scene.end_s - group[0].start_s > LONGEST_S:
        return False
    here, there = rules.leaning(rules.merged(group), kept), rules.leaning(scene.features, kept)
    if here.spoken != there.spoken or here.mood != there.mood:
        return False
    return dict(there.shares).get(here.shares[0][0], 0.0) >= _ALIKE_SHARE * there.shares[0][1]


def theme_seed(seed: int, genre: str, mood: str) -> int:
    return random.Random(f"{seed}:{(genre, mood)}").randrange(2**31)


def key_beside(first: str, mood: str, seed: int) -> str:
    """The key of a piece of this mood in a clip whose longest piece has the mood `first`."""
    choose = random.Random(f"{seed}:key")
    home = parse_key(f"{choose.choice(_mood(first)['keys'])} {_mode(first)}")
    return (home if _mode(mood) == home.mode else relative(home)).label


def relative(key: Key) -> Key:
    """The key with the same notes and the other mode: A minor for C major."""
    tonic = (key.tonic + (9 if key.mode == "major" else 3)) % 12
    mode: Mode = "minor" if key.mode == "major" else "major"
    return Key(tonic, mode, key.spell(tonic))


def _mood(mood: str) -> dict[str, list[str]]:
    return cast("dict[str, list[str]]", reference("music/moods")[mood])


def _mode(mood: str) -> Mode:
    return "minor" if float(reference("music/moods")[mood]["minor"]) >= 0.5 else "major"
