"""Does everything still fit together? Bytes against hashes, money against work, rows against rows."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from core.care.archive import Progress
from core.kit.errors import StudioError
from core.kit.settings import Settings
from core.store import blobs, changes, checking, holds
from core.store.store import BLOBS, Store

YOUNG_S = 3600.0
"""Bytes and folders without a row are left alone for so long: their transaction may be about to commit."""
CHUNK = 1 << 20

_BACKUP = "Restore it from a backup, or purge the asset and make it again."
_REPORT = "Nothing is lost by going on; report this with the ids."
REMEDIES: dict[str, tuple[str, str]] = {
    "charge_without_attempt": ("a charge belongs to no attempt", _REPORT),
    "charge_without_job": ("a charge belongs to no job", _REPORT),
    "attempt_without_charge": ("an attempt was never written into the ledger", _REPORT),
    "charge_disagrees": ("a charge and its attempt name different jobs", _REPORT),
    "charge_still_held": ("money is held for an attempt that has ended", _REPORT),
    "success_not_billed": ("a finished attempt was never settled", _REPORT),
    "attempt_left_open": ("a job has ended, its attempt has not", "Retry the job; its attempts are judged first."),
    "unknown_without_attempt": ("a job's outcome is unknown, but no attempt's is", "Look with: studio jobs show"),
    "ended_without_end": ("a job has ended without a time", _REPORT),
    "done_without_result": ("a job is done without a result", _REPORT),
    "waiting_with_worker": ("a job waits that had ended before", "Retry or cancel it."),
    "running_without_worker": ("a job runs, but nobody works on it", "Start one, it takes the job over: studio worker"),
    "child_without_parent": ("a job's parent is gone", "Cancel the job."),
    "child_outlives_parent": ("a job still lives after its parent was done", "Cancel the job."),
    "asset_without_job": ("an asset names a job that is gone", _REPORT),
    "asset_of_unfinished_job": ("an asset belongs to a job that is not done", _REPORT),
    "asset_without_bytes": ("an asset's file is not counted", "studio verify --fix"),
    "voice_file_without_bytes": ("a voice's file is not counted", "studio verify --fix"),
    "style_file_without_bytes": ("a style's file is not counted", "studio verify --fix"),
    "asset_size_differs": ("an asset and its file differ in size", _BACKUP),
    "source_of_nothing": ("a source is noted for an asset that is gone", _REPORT),
    "source_of_itself": ("an asset is its own source", _REPORT),
    "project_without_version": ("a project's latest version is gone", "Restore it from a backup."),
    "count_differs": ("a file is counted wrongly", "studio verify --fix"),
    "file_missing": ("a file is gone", _BACKUP),
    "file_damaged": ("a file's bytes are not those that were kept", _BACKUP),
    "file_unknown": ("bytes lie in the store that no asset has", "studio verify --fix"),
    "folder_unknown": ("a work folder belongs to no job that needs it", "studio verify --fix"),
}
FIXABLE = frozenset(
    {
        "asset_without_bytes",
        "voice_file_without_bytes",
        "style_file_without_bytes",
        "count_differs",
        "file_unknown",
        "folder_unknown",
    }
)


@dataclass(frozen=True)
class Problem:
    rule: str
    subject: str
    detail: str
    remedy: str
    fixed: bool = False


@dataclass(frozen=True)
class Verified:
    problems: tuple[Problem, ...]
    files: int
    bytes: int
    seconds: float

    @property
    def sound(self) -> bool:
        return all(problem.fixed for problem in self.problems)


def verify(
    settings: Settings, store: Store, *, fix: bool = False, progress: Progress = lambda stage, fraction: None
) -> Verified:
    """Safe while the studio works. `fix` mends only what loses nothing: counts, bytes and folders nobody needs."""
    started = time.monotonic()
    progress("Checking the rows", 0.0)
    with changes.snapshot(store.db) as connection:
        found = [_problem(each.rule, each.subject, each.detail) for each in checking.every_rule(connection)]
        sizes = checking.blob_sizes(connection)
        states = checking.job_states(connection)
    total = sum(sizes.values())
    found += _files(store, sizes, progress)
    strays = store.blobs.strays(set(sizes), YOUNG_S)
    found += [_problem("file_unknown", sha256) for sha256 in strays]
    folders = _folders(settings.work, states)
    found += [_problem("folder_unknown", folder.name) for folder in folders]
    if fix:
        found = _mend(store, found, strays, folders)
    progress("Done", 1.0)
    return Verified(tuple(found), len(sizes), total, time.monotonic() - started)


def _problem(rule: str, subject: str, detail: str = "") -> Problem:
    what, remedy = REMEDIES[rule]
    return Problem(rule, subject, f"{what} ({detail})" if detail else what, remedy)


def _files(store: Store, sizes: dict[str, int], progress: Progress) -> Iterator[Problem]:
    """Hashing lets go of the interpreter's lock, so threads fill the cores."""
    total, done = max(1, sum(sizes.values())), 0
    lock = threading.Lock()

    def look(sha256: str) -> Problem | None:
        nonlocal done
        problem = _look(store, sha256, sizes[sha256])
        with lock:
            done += sizes[sha256]
            progress("Checking files", done / total)
        return problem

    with ThreadPoolExecutor(max_workers=min(8, os.cpu_count() or 2)) as pool:
        yield from (problem for problem in pool.map(look, sorted(sizes)) if problem is not None)


def _look(store: Store, sha256: str, size: int) -> Problem | None:
    rule, detail = "", ""
    digest = hashlib.sha256()
    read = 0
    try:
        with store.blobs.path(sha256).open("rb") as source:
            while chunk := source.read(CHUNK):
                digest.update(chunk)
                read += len(chunk)
    except OSError as error:
        rule, detail = "file_missing", error.strerror or ""
    except StudioError as error:  # object storage
        if error.code not in ("blob_missing", "blob_damaged"):
            raise
        rule = "file_missing" if error.code == "blob_missing" else "file_damaged"
    else:
        if digest.hexdigest() == sha256:
            return None
        rule, detail = "file_damaged", f"{read} of {size} bytes" if read != size else "other bytes"
    with store.db.read() as connection:
        users = checking.users_of(connection, sha256)
        if not users and not blobs.known(connection, sha256):
            return None  # purged while we looked
    return _problem(
        rule, f"{users[0] if users else sha256}", f"{detail}, sha256 {sha256[:12]}…, {len(users)} holder(s)"
    )


def _folders(work: Path, states: dict[str, str]) -> list[Path]:
    """Of no job, or of one that needs it no more. Failed jobs keep theirs for a retry (jobs.keep.sweep)."""
    limit = time.time() - YOUNG_S
    by_folder = {job_id.replace("/", "_"): status for job_id, status in states.items()}
    return [
        folder for folder in (work.iterdir() if work.exists() else ())
        if by_folder.get(folder.name, "done") == "done" and folder.stat().st_mtime < limit
    ]  # fmt: skip


def _mend(store: Store, found: list[Problem], strays: list[str], folders: list[Path]) -> list[Problem]:
    with store.db.exclusive(BLOBS) as connection:
        checking.mend_counts(connection)
    for sha256 in strays:
        with store.db.exclusive(BLOBS) as connection:
            if not blobs.known(connection, sha256) and not holds.held(connection):
                store.blobs.remove(sha256)
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return [
        Problem(each.rule, each.subject, each.detail, "mended", fixed=True) if each.rule in FIXABLE else each
        for each in found
    ]
