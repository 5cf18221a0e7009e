"""A process that submits many jobs at once: `python -m tests.submitter HOME FOLDER COUNT SEED SETTINGS`.

Every job's fate is drawn from the seed: what each try at a provider does, how long it takes, whether a provider is
named or the order decides, how much is billed of what was reserved.
"""

from __future__ import annotations

import json
import random
import sys
import threading
from pathlib import Path
from typing import Any

from core.kit.actor import Actor
from tests import scripted

ACTS = ("ok", "ok", "ok", "rate_limited", "unavailable", "rejected", "unknown", "lost", "defect")


def fate(dice: random.Random) -> dict[str, Any]:
    tracks = dice.choice([1, 1, 1, 2, 3])
    return {
        "acts": [dice.choice(ACTS) for _ in range(dice.randint(1, 5))],
        "seconds": dice.choice([0.0, 0.0, 0.02, 0.05]),
        "provider": dice.choice([None, None, None, "scripted", "remote", "idempotent", "narrow"]),
        "tracks": tracks,
        "bill_tracks": dice.choice([None, None, dice.randint(0, tracks)]),
    }


def submit_many(home: Path, folder: Path, count: int, seed: int, settings: dict[str, Any]) -> None:
    studio = scripted.build(home, **settings)
    dice = random.Random(seed)
    together = threading.Barrier(count)
    users = [Actor(user_id="local", is_admin=True), Actor(user_id="system", is_admin=True)]

    def one(number: int, request: dict[str, Any]) -> None:
        together.wait()
        scripted.submit(studio, users[number % 2], folder / f"{seed}-{number}", **request)

    threads = [threading.Thread(target=one, args=(number, fate(dice))) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    studio.close()


if __name__ == "__main__":
    submit_many(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), json.loads(sys.argv[5]))
