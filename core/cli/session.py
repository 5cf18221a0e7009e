"""What every command shares: open the studio, print an answer, wait for a job, put its files where they were asked."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from core.app import Studio, build_studio
from core.cli.answers import Made, MadeAsset
from core.kit.actor import LOCAL
from core.kit.errors import StudioError, UserError
from core.kit.settings import load_settings
from core.store.assets import Asset
from core.store.jobs import DONE, Job

ACTOR = LOCAL
_FORMATS = {".wav": None, ".flac": "flac", ".mp3": "mp3", ".ogg": "ogg", ".opus": "opus", ".m4a": "m4a"}


@contextmanager
def studio(*, working: bool = False) -> Iterator[Studio]:
    """`working`: see to it that a worker runs, here if nowhere else."""
    opened = build_studio(load_settings())
    try:
        if working:
            opened.ensure_worker()
        yield opened
    finally:
        opened.close()


def say(answer: BaseModel | list[Any], as_json: bool, text: str) -> None:
    if as_json:
        data = (
            [item.model_dump(mode="json") for item in answer]
            if isinstance(answer, list)
            else answer.model_dump(mode="json")
        )
        print(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        print(text)


def target(out: Path) -> Path:
    """The output file, checked before any work is done for it."""
    if out.suffix.lower() not in _FORMATS:
        raise UserError(f"{out.name!r} has no known ending.", f"Use one of: {', '.join(_FORMATS)}.")
    if out.is_dir():
        raise UserError(f"{str(out)!r} is a folder.", "Give a file name.")
    folder(out.parent)
    return out.resolve()


def folder(path: Path) -> Path:
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise UserError(
            f"Nothing can be written to {str(path)!r}: {error.strerror}.", "Choose another folder."
        ) from None
    return path


def ended(opened: Studio, job: Job) -> Job:
    """Wait, with a progress line on a terminal. Ctrl-C cancels the job."""
    shown = ""
    try:
        while True:
            job = opened.wait(ACTOR, job.id, timeout_s=0.3)
            if sys.stderr.isatty():
                eta = f", {job.eta_s:.0f} s left" if job.eta_s and not job.ended else ""
                line = f"{job.stage} {job.fraction:.0%}{eta}"
                print(f"\r{line:<{len(shown)}}", end="", file=sys.stderr, flush=True)
                shown = line
            if job.ended:
                break
    except KeyboardInterrupt:
        opened.jobs.cancel(ACTOR, job.id)
        raise
    finally:
        if shown:
            print(f"\r{'':<{len(shown)}}\r", end="", file=sys.stderr, flush=True)
    if job.status != DONE:
        raise opened.jobs.failure(job) or StudioError(f"Job {job.id} ended as {job.status}.")
    return job


def put(opened: Studio, asset: Asset, out: Path) -> Path:
    """A copy of the asset in the format the ending says; stored WAVs are copied byte for byte."""
    stored = opened.library.file(ACTOR, asset.id)
    form = _FORMATS.get(out.suffix.lower())
    if out.suffix.lower() == f".{asset.format}" or asset.duration_s is None:
        shutil.copyfile(stored, out)
        return out
    with tempfile.TemporaryDirectory(dir=out.parent) as scratch:
        done = opened.exporting.export(ACTOR, asset.id, Path(scratch), format=form or "wav24", name="out")
        shutil.move(done.path, out)
    return out


def made(opened: Studio, job: Job, places: dict[str, Path]) -> Made:
    """The answer of a maker; roles that were written somewhere show that path, the others the stored file."""
    found = opened.jobs.assets(ACTOR, job.id)
    assets = [
        MadeAsset(id=a.id, role=a.role, path=str(places.get(a.role) or opened.library.file(ACTOR, a.id))) for a in found
    ]
    return Made(job_id=job.id, assets=assets, cost_usd=str(opened.jobs.cost(ACTOR, job.id)), licence=found[0].licence)
