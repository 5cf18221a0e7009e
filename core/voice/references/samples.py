"""The recordings somebody wants to learn a voice from, as files: checked one by one, cleaned where that helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.kit.children import Children, Progress
from core.kit.errors import UserError
from core.voice.references.advising import advice
from core.voice.references.report import ReferenceReport

TIMEOUT_S = 300.0
MOST = 10


@dataclass(frozen=True)
class Sample:
    path: str
    cleaned: str
    """Where the cleaned recording was written; "" where nothing was asked for or nothing helped."""
    done: tuple[str, ...]
    """What cleaning did."""
    report: ReferenceReport
    """Of the cleaned recording where there is one."""


@dataclass(frozen=True)
class Asked:
    path: str
    cleaned: str


def examine(paths: Sequence[Path], children: Children, clean_to: Path | None = None) -> tuple[Sample, ...]:
    """Each file in a child process. `clean_to`: a folder for what cleaning makes better. UserError for a file that holds
    no sound, naming it."""
    if not 1 <= len(paths) <= MOST:
        raise UserError(f"{len(paths)} recordings cannot be checked together.", f"Give 1 to {MOST}.")
    found = []
    for path in paths:
        cleaned = "" if clean_to is None else str(clean_to.resolve() / f"{path.stem}-clean.wav")
        sample: Sample = children.run(examined, Asked(str(path.resolve()), cleaned), timeout_s=TIMEOUT_S)
        found.append(sample)
    return tuple(found)


def told(samples: Sequence[Sample]) -> tuple[str, ...]:
    """Advice over all of them, the most important first."""
    return advice(tuple(sample.report for sample in samples))


def examined(asked: Asked, progress: Progress) -> Sample:
    """In the child."""
    import soundfile

    from core.audio import files
    from core.voice.references.checking import check
    from core.voice.references.repairing import repair

    progress("checking", 0.1)
    audio = files.decode(asked.path)
    report = check(audio.samples, audio.sample_rate)
    if not asked.cleaned:
        return Sample(asked.path, "", (), report)
    progress("cleaning", 0.5)
    mended = repair(audio.samples, audio.sample_rate, report)
    if not mended.done:
        return Sample(asked.path, "", (), report)
    soundfile.write(asked.cleaned, mended.samples.T, audio.sample_rate, "PCM_24")
    return Sample(asked.path, asked.cleaned, mended.done, mended.report)
