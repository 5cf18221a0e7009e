"""How a shot looks: motion, light, colour, faces; measured five times a second while the clip is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from core.video.footage import Frame

LOOKS_A_SECOND = 5.0
_FLOW_SIDE = 128
_FACES_EVERY_S = 2.0
_FEWEST_FACES = 3
_THUMB_EVERY = 3
_THUMB_QUALITY = 80


@dataclass(frozen=True)
class Look:
    frame: int
    motion: float
    """Mean speed of the picture, in picture heights a second, by dense optical flow (Farnebäck)."""
    brightness: float
    """0 black to 1 white: mean L* of CIELAB."""
    contrast: float
    """0 to 1: spread of L*."""
    warmth: float
    """-1 blue to 1 orange: mean b* of CIELAB over 40."""
    saturation: float
    """0 grey to 1: mean chroma over 80."""
    flat: float
    """0 to 1: share of the picture in its commonest tone, as on a title card."""


@dataclass
class Looks:
    """Fed with every frame."""

    fps: float
    rows: list[Look] = field(default_factory=list)
    thumbs: dict[int, bytes] = field(default_factory=dict)
    """JPEG by frame number."""
    _before: Any = None
    _faces: Any = None

    def see(self, number: int, frame: Frame) -> None:
        every = max(1, round(self.fps / LOOKS_A_SECOND))
        if number % every:
            return
        import cv2

        turn = number // every
        scale = _FLOW_SIDE / max(frame.shape[:2])
        small = cv2.resize(frame, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)
        motion = 0.0
        if self._before is not None:
            flow = cv2.calcOpticalFlowFarneback(self._before, grey, None, 0.5, 3, 11, 2, 5, 1.1, 0)  # type: ignore[call-overload]
            speed = np.hypot(flow[..., 0], flow[..., 1]) * self.fps / every
            motion = float(speed.mean()) / grey.shape[0]
        self._before = grey
        lab = cv2.cvtColor(np.asarray(small, np.float32) / 255, cv2.COLOR_BGR2LAB)
        light, a, b = (lab[..., part] for part in range(3))
        tones = np.bincount((small // 32).reshape(-1, 3) @ np.asarray([64, 8, 1]), minlength=512)
        self.rows.append(
            Look(
                frame=number,
                motion=motion,
                brightness=float(light.mean()) / 100,
                contrast=min(1.0, float(light.std()) / 50),
                warmth=float(np.clip(b.mean() / 40, -1, 1)),
                saturation=min(1.0, float(np.hypot(a, b).mean()) / 80),
                flat=float(tones.max() / tones.sum()),
            )
        )
        if turn % _THUMB_EVERY == 0:
            _, jpeg = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, _THUMB_QUALITY])
            self.thumbs[number] = jpeg.tobytes()

    def faces(self, start: int, end: int) -> list[float]:
        """Height of the largest face in some of the pictures kept between these frames, as a share of the picture's; 0
        without one. A search takes as long as all else that is done with a picture: one for every two seconds, evenly
        spread, and three where it is shorter."""
        kept = [number for number in self.thumbs if start <= number < end]
        wanted = max(_FEWEST_FACES, round((end - start) / self.fps / _FACES_EVERY_S))
        if len(kept) > wanted:
            kept = [kept[(2 * turn + 1) * len(kept) // (2 * wanted)] for turn in range(wanted)]
        return [self._face(self.thumbs[number]) for number in kept]

    def _face(self, jpeg: bytes) -> float:
        import cv2

        if self._faces is None:
            cascades = Path(cv2.__file__).parent / "data"
            self._faces = cv2.CascadeClassifier(str(cascades / "haarcascade_frontalface_default.xml"))
        seen = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert seen is not None  # written above
        found = self._faces.detectMultiScale(cv2.equalizeHist(seen), scaleFactor=1.15, minNeighbors=6, minSize=(20, 20))
        return max((float(height) / seen.shape[0] for *_, height in found), default=0.0)
