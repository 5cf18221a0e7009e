"""What earlier attempts of the same step left behind, and what may follow from it. This is where nothing is bought
twice: a crash leaves a row, and the row decides."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.kit.errors import SetupError
from core.providers.base import Made, Output
from core.store.attempts import FAILED, INTENDED, RESERVED, STARTED, SUCCEEDED, UNKNOWN, Attempt
from core.store.files import Blobs


@dataclass(frozen=True)
class Fresh:
    """Nothing stands in the way of a new attempt; these open ones are to be released first."""

    release: tuple[Attempt, ...] = ()


@dataclass(frozen=True)
class Reuse:
    attempt: Attempt
    made: Made


@dataclass(frozen=True)
class Resume:
    """A paid request is out: check on it (remote id known) or repeat it under the same idempotency key."""

    attempt: Attempt


@dataclass(frozen=True)
class Stuck:
    """Nobody knows whether this was billed."""

    attempt: Attempt
    why: str


_HASH = "shared_sha256"

Verdict = Fresh | Reuse | Resume | Stuck


def judge(earlier: list[Attempt], *, paid: dict[str, bool], idempotent: dict[str, bool]) -> Verdict:
    """`paid` and `idempotent` by provider name."""
    release: list[Attempt] = []
    for attempt in earlier:
        costs = paid.get(attempt.provider, True)
        if attempt.status == SUCCEEDED:
            made = unpack(attempt.result or {})
            if all(output.path.exists() for output in made.outputs):
                return Reuse(attempt, made)
            if costs:
                return Stuck(attempt, "it was paid for, but its files are gone")
        elif attempt.status == UNKNOWN:
            return Stuck(attempt, "an earlier try ended without an answer")
        elif attempt.status == STARTED and attempt.remote_id:
            return Resume(attempt)
        elif attempt.status == RESERVED:
            release.append(attempt)
        elif attempt.status == INTENDED:
            if not costs:
                release.append(attempt)
            elif idempotent.get(attempt.provider, False):
                return Resume(attempt)
            else:
                return Stuck(attempt, "the studio stopped while the paid request was under way")
        elif attempt.status != FAILED:
            release.append(attempt)
    return Fresh(tuple(release))


def share(made: Made, blobs: Blobs) -> Made:
    """Put the files where every machine finds them, and note under which hash."""
    kept = [replace(output, facts=dict(output.facts) | {_HASH: blobs.keep(output.path)[0]}) for output in made.outputs]
    return replace(made, outputs=tuple(kept))


def fetch(earlier: list[Attempt], blobs: Blobs) -> None:
    """Bring files here that another machine made and shared. What cannot be had stays missing, and judge() says so."""
    for attempt in earlier:
        if attempt.status != SUCCEEDED:
            continue
        for output in unpack(attempt.result or {}).outputs:
            sha256 = output.facts.get(_HASH)
            if sha256 is None or output.path.exists():
                continue
            with suppress(SetupError):
                source = blobs.path(sha256)
                output.path.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, output.path)


def pack(made: Made) -> dict[str, Any]:
    return {
        "outputs": [
            {"role": output.role, "path": str(output.path), "kind": output.kind, "facts": dict(output.facts)}
            for output in made.outputs
        ],
        "units": {unit: str(quantity) for unit, quantity in made.units.items()},
        "cost_usd": None if made.cost_usd is None else str(made.cost_usd),
        "facts": dict(made.facts),
    }


def unpack(packed: dict[str, Any]) -> Made:
    return Made(
        outputs=tuple(
            Output(item["role"], Path(item["path"]), item["kind"], item["facts"]) for item in packed.get("outputs", [])
        ),
        units={unit: Decimal(quantity) for unit, quantity in packed.get("units", {}).items()},
        cost_usd=None if packed.get("cost_usd") is None else Decimal(packed["cost_usd"]),
        facts=packed.get("facts", {}),
    )
