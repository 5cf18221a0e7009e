"""Where one shot ends and the next begins.

Hard cuts by PySceneDetect's adaptive detector: a frame that differs from the one before far more than its neighbours do.
Dissolves by what they are, a mixture of two pictures: the middle of a stretch looks like the average of its ends. Fades
through black by their valley of light (`core.video.fades`); a fade from or to black alone is none of these: it is the same
shot, getting lighter or darker.
"""

from __future__ import annotations

from collections import deque
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.video.fades import Fades
from core.video.footage import Frame

SHORTEST_S = 0.5
"""No scene is shorter: what flashes by belongs to its neighbours."""
DISSOLVE_S = (0.5, 1.0, 2.0)
"""Lengths that are looked for. Longer ones pass for a change of light."""
_LOOKS_A_SECOND = 12.0
_APART = 24.0
"""How far apart the ends of a dissolve are at least, mean absolute difference of grey levels."""
_BLACK = 24.0
"""Mean level under which a picture passes for black."""
_BLEND = 0.22
"""How far its middle may be from the average of its ends, as a share of how far these are apart."""


class Found(NamedTuple):
    """Each ascending."""

    hard: list[int]
    """First frames of the shots after hard cuts."""
    dissolves: list[int]
    """Their middles."""
    fades: list[int]
    """Middles of the black between two shots."""


class Cuts:
    """Fed with every frame; `found()` at the end."""

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self._hard = _adaptive(max(1, round(SHORTEST_S * fps)))
        self._cuts: list[int] = []
        self._fades = Fades(fps)
        self._every = max(1, round(fps / _LOOKS_A_SECOND))
        self._blends = _Blends(fps / self._every)

    def see(self, number: int, frame: Frame) -> None:
        from scenedetect import FrameTimecode

        self._fades.see(frame)
        at = FrameTimecode(number, self._fps)
        self._cuts += [cut.frame_num for cut in self._hard.process_frame(at, frame)]
        if number % self._every == 0:
            self._blends.see(number, frame)

    def found(self) -> Found:
        near = round(0.75 * self._fps)
        fades = self._fades.found()
        hard = sorted({cut for cut in self._cuts if not self._fading(cut) and not _within(cut, fades, 0)})
        soft = [at for at in self._blends.found if not self._fading(at) and not _within(at, fades, near)]
        return Found(
            hard, [at for at in soft if all(abs(at - cut) > near for cut in hard)], [middle for _, middle, _ in fades]
        )

    def _fading(self, at: int) -> bool:
        """Around this frame the light only grows, or only falls, from or to near black, and not in one step."""
        half = round(0.5 * self._fps)
        light = np.asarray(self._fades.light[max(0, at - half) : at + half])
        steps = np.diff(light)
        change = float(light[-1] - light[0]) if light.size > 2 else 0.0
        if not change or light.min() > _BLACK or light.min() > 0.3 * light.max():
            return False
        onward = float(np.maximum(steps * np.sign(change), 0).sum())
        return onward > 0.9 * float(np.abs(steps).sum()) and float(np.abs(steps).max()) < 0.4 * abs(change)


def _within(at: int, fades: list[tuple[int, int, int]], near: int) -> bool:
    return any(start - near <= at <= end + near for start, _, end in fades)


def _adaptive(shortest: int) -> Any:
    """PySceneDetect's detector with its own measure of how far two frames are apart, taken at once and in whole numbers
    rather than a channel at a time: the same to the last digits in a third of the time."""
    import cv2
    from scenedetect.detectors import AdaptiveDetector

    class Adaptive(AdaptiveDetector):  # type: ignore[misc]
        _before: Any = None

        def _calculate_frame_score(self, timecode: Any, frame_img: Any) -> float:
            seen = cv2.cvtColor(frame_img, cv2.COLOR_BGR2HSV)
            before, self._before = self._before, seen
            return 0.0 if before is None else cv2.norm(seen, before, cv2.NORM_L1) / seen.size

    return Adaptive(min_scene_len=shortest)


class _Blends:
    def __init__(self, rate: float) -> None:
        self._spans = sorted({max(2, round(seconds * rate / 4) * 4) for seconds in DISSOLVE_S}, reverse=True)
        self._kept: deque[tuple[int, NDArray[np.float32]]] = deque(maxlen=self._spans[0] + 1)
        self._looks = 0
        self._found: list[tuple[int, float, int]] = []

    def see(self, number: int, frame: Frame) -> None:
        import cv2

        small = cv2.resize(frame, (48, 48), interpolation=cv2.INTER_AREA)
        self._kept.append((number, cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32)))
        self._looks += 1
        for span in self._spans:
            if len(self._kept) > span and (blend := self._blended(span)) is not None:
                self._found.append((self._looks, *blend))
                return

    @property
    def found(self) -> list[int]:
        """The middle of each dissolve. One is seen at many looks: the two pictures are furthest apart when it is all seen."""
        middles: list[tuple[float, int]] = []
        before = -(10**9)
        for look, apart, middle in self._found:
            if look - before > self._spans[0]:
                middles.append((apart, middle))
            elif apart > middles[-1][0]:
                middles[-1] = (apart, middle)
            before = look
        return [middle for _, middle in middles]

    def _blended(self, span: int) -> tuple[float, int] | None:
        """(how far apart the ends are, the middle) of the last `span` looks, if one picture turns into another evenly."""
        looks = [self._kept[-1 - span + part * span // 4] for part in range(5)]
        first, last = looks[0][1], looks[4][1]
        apart = float(np.abs(last - first).mean())
        if apart < _APART:
            return None
        for part in (1, 2, 3):
            share = part / 4
            if float(np.abs(looks[part][1] - ((1 - share) * first + share * last)).mean()) > _BLEND * apart:
                return None
        return apart, looks[2][0]
