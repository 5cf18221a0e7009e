"""studio catalogue search|sync|runs, on a studio with a scripted catalogue: what it answers and how it ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from core.app import Studio
from core.cli import catalogue_search
from core.kit.errors import Rejected
from core.licensing.catalogue import KIND
from tests.cli.conftest import Command
from tests.licensing.scripted_catalogue import ScriptedCatalogue, track


@pytest.fixture
def ada(working: Studio, monkeypatch: pytest.MonkeyPatch) -> ScriptedCatalogue:
    """The only catalogue of the studio that the command opens."""
    made = ScriptedCatalogue("ada", [track("ada", number) for number in range(30)])
    for info in working.registry.known(KIND):
        working.registry.switch(KIND, info.name, on=False)
    working.registry.add(made)

    @contextmanager
    def studio(**_: Any) -> Iterator[Studio]:
        yield working

    monkeypatch.setattr(catalogue_search, "studio", studio)
    return made


def test_search(cli: Command, ada: ScriptedCatalogue) -> None:
    ada.tracks[1] = track("ada", 1, title="Loud\x1b[31m", price_usd="19.00")
    shown = cli("catalogue", "search", "piece", "3", "--genre", "electronic", "--bpm-max", "90")
    assert shown.out.splitlines()[0] == "ada:t3  ada piece 3, Artist 3  1:03  83 BPM  A minor  cc-by-4.0"
    assert "\x1b" not in cli("catalogue", "search", "loud").out
    found = cli("catalogue", "search", "--page-size", "2", "--json").json
    assert [each["id"] for each in found["tracks"]] == ["t0", "t1"]
    assert (found["total"], found["sources"][0]["state"]) == (30, "ok")
    assert "contradict" in cli("catalogue", "search", "--bpm-min", "9", "--bpm-max", "8").fails(2)
    assert "Nothing was found." in cli("catalogue", "search", "xylophonist").out


def test_sync_is_fit_for_cron(cli: Command, ada: ScriptedCatalogue, working: Studio) -> None:
    assert cli("catalogue", "sync", "ada", "--max-tracks", "20").out == "ada: 20 new, 0 changed, 0 gone, 0 unchanged\n"
    done = cli("catalogue", "sync", "--json").json
    assert (done["status"], done["result"]["catalogues"][0]["new"]) == ("done", 10)
    ada.error = Rejected("It is closed.", "Come back later.")
    assert "It is closed." in cli("catalogue", "sync", "ada").fails(1)
    assert cli("catalogue", "sync", "nobody").code == 2
    told = cli("catalogue", "runs").out
    assert "failed" in told
    assert "67% of the syncs" in told
    planned = cli("catalogue", "sync", "--daily", "--json").json
    ((schedule, _),) = working.schedules.list(catalogue_search.ACTOR)
    assert (schedule.id, schedule.kind, schedule.cron) == (planned["job_id"], "catalogue_sync", "0 2 * * *")
    ada.error = None
    run = working.schedules.run(catalogue_search.ACTOR, schedule.id)
    assert working.jobs.wait(catalogue_search.ACTOR, run.job_id or "", 60).status == "done"
