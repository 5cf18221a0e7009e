"""Many people preview at the same moment: none fails, and nobody hears another's words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.bench.previews import ask, text_of


@pytest.mark.parametrize("people", [20, pytest.param(100, marks=pytest.mark.long)])
def test_none_fails_and_none_mixes(server: str, people: int) -> None:
    limits = httpx.Limits(max_connections=people)
    with httpx.Client(base_url=server, timeout=300, limits=limits) as client, ThreadPoolExecutor(people) as pool:
        said = list(pool.map(lambda number: ask(client, number), range(people)))
    assert [each.words for each in said] == [text_of(number).split() for number in range(people)]
    assert len({each.job_id for each in said}) == people
    assert len({each.asset_id for each in said}) == people
