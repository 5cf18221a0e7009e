"""A thousand requests in the same moment: everyone is answered as if he were alone, and nothing is made twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import httpx

WAIT_S = 180.0


def test_a_thousand_at_once(page_url: str) -> None:
    answers = asyncio.run(_all(page_url))
    statuses = Counter((what, status) for what, status, _ in answers)
    assert statuses == {
        ("page", 200): 150, ("jobs", 200): 200, ("library", 200): 200, ("voices", 200): 100, ("unknown", 404): 100,
        ("bad", 422): 100, ("speak", 202): 150,
    }  # fmt: skip
    made = {answer["job_id"] for what, _, answer in answers if what == "speak"}
    assert len(made) == 3, "150 requests under three keys are three jobs"
    jobs = httpx.get(f"{page_url}/api/jobs", params={"limit": 200}, timeout=WAIT_S).json()["jobs"]
    assert {job["id"] for job in jobs if "At once, take" in job["title"]} == made
    for job_id in made:
        assert httpx.get(f"{page_url}/api/jobs/{job_id}", timeout=WAIT_S).json()["status"] in (
            "waiting",
            "running",
            "done",
        )


async def _all(url: str) -> list[tuple[str, int, Any]]:
    async with httpx.AsyncClient(
        base_url=url, timeout=WAIT_S, limits=httpx.Limits(max_connections=1000)
    ) as client:  # fmt: skip

        async def ask(what: str, method: str, path: str, **more: Any) -> tuple[str, int, Any]:
            answer = await client.request(method, path, **more)
            return what, answer.status_code, answer.json() if what == "speak" else None

        asked = [ask("page", "GET", "/") for _ in range(150)]
        asked += [ask("jobs", "GET", "/api/jobs") for _ in range(200)]
        asked += [ask("library", "GET", "/api/audio-studio/library") for _ in range(200)]
        asked += [ask("voices", "GET", "/api/voice/voices") for _ in range(100)]
        asked += [ask("unknown", "GET", f"/api/jobs/job_{n}") for n in range(100)]
        asked += [ask("bad", "POST", "/api/voice/speak", json={"text": ""}) for _ in range(100)]
        asked += [
            ask("speak", "POST", "/api/voice/speak", json={"text": f"At once, take {n % 3}."},
                headers={"Idempotency-Key": f"at-once-{n % 3}"})
            for n in range(150)
        ]  # fmt: skip
        return await asyncio.gather(*asked)
