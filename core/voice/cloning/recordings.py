"""Recordings on their way into a voice: copied, checked, cleaned where that helps, and only then kept."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.kit.children import Children
from core.kit.errors import SetupError, UserError
from core.kit.settings import Settings
from core.kit.words import one_line
from core.voice.references.samples import MOST, TIMEOUT_S, Asked, Sample, examined


@dataclass(frozen=True)
class Recording:
    """A file on this machine, under the name its owner knows."""

    path: Path
    name: str = ""

    @property
    def shown(self) -> str:
        return one_line(self.name or self.path.name.encode("utf-8", "replace").decode(), 255)


@dataclass(frozen=True)
class Checked:
    recording: Recording
    sample: Sample

    @property
    def best(self) -> Path:
        """What a voice is learned from: the cleaned recording where there is one."""
        return Path(self.sample.cleaned or self.sample.path)

    def facts(self) -> dict[str, Any]:
        report = self.sample.report
        return {
            "duration_s": report.duration_s, "speech_s": report.speech_s, "score": report.score, "usable": report.usable,
            "cleaned": list(self.sample.done), "report": report.as_dict(),
        }  # fmt: skip


def check(
    recordings: Sequence[Recording], children: Children, settings: Settings, folder: Path
) -> list[Checked]:  # fmt: skip
    """`folder` takes copies and cleaned versions. UserError names the first file that is no recording at all."""
    if not 1 <= len(recordings) <= MOST:
        raise UserError(f"{len(recordings)} recordings cannot be taken together.", f"Give 1 to {MOST}.", "recordings")
    checked = []
    limit = settings.max_upload_mb * 2**20
    for number, recording in enumerate(recordings, 1):
        copy = folder / f"{number}{recording.path.suffix[:10]}"
        if not recording.path.is_file():
            raise UserError(f"There is no file {recording.shown!r}.", "Check the path.")
        if recording.path.stat().st_size > limit:
            raise UserError(
                f"{recording.shown!r} is larger than {settings.max_upload_mb} MB.",
                "A voice is learned from 6 to 60 seconds a recording: send a shorter one.", "too_large",
            )  # fmt: skip
        try:
            shutil.copyfile(recording.path, copy)
        except OSError as error:
            raise SetupError(
                f"{recording.shown!r} could not be copied: {error.strerror or error}.",
                "Check that the data folder has space, then try again.", "storage_failed",
            ) from error  # fmt: skip
        try:
            sample: Sample = children.run(
                examined, Asked(str(copy), str(folder / f"{number}-clean.wav")), timeout_s=TIMEOUT_S
            )
        except UserError as error:
            raise UserError(f"{recording.shown}: {error.message}", error.hint, error.code) from None
        checked.append(Checked(recording, sample))
    return checked


def scratch(settings: Settings) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(dir=settings.work, prefix="recordings-")
