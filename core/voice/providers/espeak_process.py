"""Starting, watching and killing the speech engine's process."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.kit.errors import Cancelled, ProviderError, SetupError

SAMPLE_RATE = 22_050
"""The engine's only rate."""
_ENGINE = Path(__file__).with_name("espeak_engine.py")
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Library:
    path: str
    data: Path


@dataclass(frozen=True)
class EngineVoice:
    code: str
    """The file's name in lower case, unique: en-us, fr, cmn. What espeak accepts as a voice name."""
    name: str
    languages: tuple[str, ...]
    file: str


@dataclass(frozen=True)
class Listing:
    version: str
    voices: tuple[EngineVoice, ...]
    variants: tuple[str, ...]


@dataclass(frozen=True)
class Spoke:
    frames: int
    words: tuple[tuple[int, int, int], ...]
    """(sample, character position in the spoken text, length), in the order spoken."""


@cache
def library() -> Library:
    try:
        import espeakng_loader
    except ImportError:
        raise SetupError(
            "The embedded speech engine is not installed.", "Run: pip install espeakng-loader==0.2.4", "no_espeak"
        ) from None
    path, data = Path(espeakng_loader.get_library_path()), Path(espeakng_loader.get_data_path())
    if not path.is_file() or not (data / "phontab").is_file():
        raise SetupError(
            f"The embedded speech engine is incomplete: {path.parent} lacks its library or data.",
            "Run: pip install --force-reinstall espeakng-loader==0.2.4",
            "no_espeak",
        )
    return Library(str(path), data)


@cache
def listing() -> Listing:
    """What the installed engine offers; asked once per process, about 50 ms."""
    found = library()
    raw = json.loads(_run({"library": found.path, "data": str(found.data), "list": True}, None, None, 30.0))
    voices = tuple(
        EngineVoice(Path(voice["file"]).name.lower(), voice["name"], tuple(voice["languages"]), voice["file"])
        for voice in raw["voices"]
    )
    return Listing(raw["version"], voices, tuple(raw["variants"]))


def speak(
    segments: Sequence[Mapping[str, Any]],
    folder: Path,
    data: Path,
    pcm: Path,
    *,
    seed: int = 1,
    cancelled: Callable[[], bool] | None = None,
    heard: Callable[[float], None] | None = None,
    timeout_s: float = 120.0,
) -> list[Spoke]:
    """Speaks the segments into the raw file `pcm` (int16 mono, SAMPLE_RATE). `heard(seconds)` reports how much so far.

    `data` and `pcm` are given to the engine relative to `folder`, since it cuts data paths after 160 characters.
    """
    plan = {
        "library": library().path,
        "data": _relative(data, folder),
        "pcm": _relative(pcm, folder),
        "seed": seed,
        "segments": list(segments),
    }

    def watch() -> None:
        if heard is not None and pcm.exists():
            heard(pcm.stat().st_size / 2 / SAMPLE_RATE)

    lines = _run(plan, folder, cancelled, timeout_s, watch).splitlines()
    if len(lines) != len(segments):
        raise _died(None)
    answers = [json.loads(line) for line in lines]
    return [Spoke(answer["frames"], tuple((s, p, n) for s, p, n in answer["words"])) for answer in answers]


def _relative(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else str(path)


def _run(
    plan: Mapping[str, Any],
    folder: Path | None,
    cancelled: Callable[[], bool] | None,
    timeout_s: float,
    watch: Callable[[], None] | None = None,
) -> bytes:
    with tempfile.TemporaryFile() as message:
        # A file, not a pipe: communicate() forgets what it has not written yet when it is called again after a timeout.
        message.write(json.dumps(plan).encode())
        message.seek(0)
        # -I -S: no site-packages, no user settings; the engine needs the standard library only, and starts in 25 ms.
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_ENGINE)],
            stdin=message,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
            start_new_session=True,
        )
    deadline = time.monotonic() + timeout_s
    try:
        while True:
            try:
                answer, _ = process.communicate(timeout=_POLL_SECONDS)
                break
            except subprocess.TimeoutExpired:
                pass
            if cancelled is not None and cancelled():
                raise Cancelled
            if time.monotonic() > deadline:
                raise ProviderError(
                    "The speech engine ran past its time limit and was stopped.",
                    "Try a shorter text.",
                    "timeout",
                    cost_nothing=True,
                )
            if watch is not None:
                watch()
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    if process.returncode != 0:
        raise _died(process.returncode)
    return answer


def _died(code: int | None) -> ProviderError:
    reasons = {2: "its data could not be read", 3: "it refused the voice", 4: "it could not speak the text"}
    reason = reasons.get(code or 0, f"it ended with code {code}" if code else "it stopped half-way")
    return ProviderError(
        f"The speech engine failed: {reason}.",
        "Try another voice, or run `studio doctor`.",
        "engine",
        cost_nothing=True,
    )
