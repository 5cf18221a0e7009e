"""A scripted paid provider for tests: it does what the request tells it and writes down every purchase.

It stands for a service outside the machine. Its account (`ledger` file) is what the outside world would bill, kept
apart from the studio's own ledger, so that the two can be compared after any crash.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.app import Studio, build_studio
from core.jobs.registry import JobKind, Product
from core.jobs.work import Work
from core.kit.errors import OutcomeUnknown, RateLimited, Rejected, Unavailable
from core.kit.settings import load_settings
from core.providers.base import Call, Made, Output, ProviderInfo, RemoteState
from core.rights import licences
from core.store.jobs import Job

PRICES = Path(__file__).parent / "prices"


@dataclass(frozen=True)
class Script:
    """`acts` are taken one per attempt (the last repeats): ok, rate_limited, unavailable, rejected, unknown, defect,
    and lost: bought, but the answer never came."""

    account: str
    """File the purchases are written to."""
    acts: tuple[str, ...] = ("ok",)
    seconds: float = 0.0
    tracks: int = 1
    bill_tracks: int | None = None
    """What is billed in the end, where it differs from what was asked."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Script:
        return cls(**{**data, "acts": tuple(data.get("acts", ("ok",)))})


def purchases(account: Path | str) -> list[dict[str, Any]]:
    path = Path(account)
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _buy(script: Script, call_id: str, what: str, provider: str) -> None:
    tracks = script.tracks if script.bill_tracks is None or what == "lost" else script.bill_tracks
    bought = {"call": call_id, "what": what, "provider": provider, "tracks": tracks, "pid": os.getpid()}
    line = json.dumps(bought) + "\n"
    descriptor = os.open(script.account, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, line.encode())  # one write: whole lines, also from several processes
    os.close(descriptor)


def _act(script: Script, counter: Path, call_id: str, provider: str) -> None:
    with counter.open("ab", buffering=0) as tally:  # a byte a try, appended: several processes count in it at once
        tally.write(b"x")
        tries = tally.tell() - 1
    act = script.acts[min(tries, len(script.acts) - 1)]
    if act == "rate_limited":
        raise RateLimited("too many requests", wait_s=0.05)
    if act == "unavailable":
        raise Unavailable("cannot connect")
    if act == "rejected":
        raise Rejected("this content is refused")
    if act == "unknown":
        raise OutcomeUnknown("the connection broke after the request was sent")
    if act == "lost":
        _buy(script, call_id, "lost", provider)
        raise OutcomeUnknown("no answer within the time limit")
    if act == "defect":
        raise KeyError("an adapter's mistake")


def _made(script: Script, call: Call) -> Made:
    path = call.folder / "track.bin"
    path.write_bytes(call.id.encode())
    billed = script.tracks if script.bill_tracks is None else script.bill_tracks
    return Made((Output("primary", path, "music", {"duration_s": 1.0}),), units={"tracks": Decimal(billed)})


class ScriptedMake:
    """Pays and answers in one request."""

    def __init__(self, name: str = "scripted", *, idempotent: bool = False, **limits: Any) -> None:
        self.info = ProviderInfo(
            name=name, title=f"Scripted ({name})", kind="scripted", resource="net", units=("tracks",),
            idempotent=idempotent, **limits,
        )  # fmt: skip

    def maximum(self, request: Script) -> Mapping[str, Decimal]:
        return {"tracks": Decimal(request.tracks)}

    def make(self, request: Script, call: Call) -> Made:
        _act(request, Path(f"{request.account}.tries"), call.id, self.info.name)
        _buy(request, call.id, "make", self.info.name)
        until = time.monotonic() + request.seconds
        while time.monotonic() < until:
            if call.cancelled():
                from core.kit.errors import Cancelled

                raise Cancelled
            call.progress("Generating", 0.5)
            time.sleep(0.02)
        return _made(request, call)


class ScriptedRemote(ScriptedMake):
    """Starts a remote job, is asked about it, and hands over files."""

    def __init__(self, name: str = "remote") -> None:
        super().__init__(name)
        self.info = ProviderInfo(
            name=name, title=f"Scripted ({name})", kind="scripted", form="job", resource="net", units=("tracks",)
        )

    def start(self, request: Script, call: Call) -> str:
        _act(request, Path(f"{request.account}.tries"), call.id, self.info.name)
        _buy(request, call.id, "start", self.info.name)
        return f"{time.time() + request.seconds}"

    def check(self, remote_id: str, call: Call) -> RemoteState:
        left = float(remote_id) - time.time()
        return RemoteState("done") if left <= 0 else RemoteState("running", 0.5)

    def fetch(self, remote_id: str, request: Script, call: Call) -> Made:
        return _made(request, call)

    def cancel(self, remote_id: str, call: Call) -> None: ...


class ScriptedFree(ScriptedMake):
    """The same without a bill: an embedded engine."""

    def __init__(self, name: str = "free") -> None:
        super().__init__(name)
        self.info = ProviderInfo(name=name, title=f"Scripted ({name})", kind="scripted", resource="cpu")

    def maximum(self, request: Script) -> Mapping[str, Decimal]:
        return {}


def run(work: Work) -> Product:
    data = dict(work.job.request)
    provider = data.pop("provider", None)
    bought = work.buy("scripted", Script.of(data), provider=provider)
    return Product(
        outputs=bought.made.outputs, name=work.job.title, source="ai_music", config={"provider": bought.provider},
        licence=licences.record("own-work"), provider=bought.provider,
    )  # fmt: skip


def build(home: Path, **settings: Any) -> Studio:
    """A studio that also knows the scripted providers and their job kinds, one per resource."""
    studio = build_studio(
        load_settings(home=home, prices_dir=PRICES, **settings),
        providers=(ScriptedMake(), ScriptedMake("idempotent", idempotent=True), ScriptedRemote(), ScriptedFree(),
                   ScriptedMake("narrow", concurrency=1), ScriptedMake("unpriced")),
    )  # fmt: skip
    studio.kinds.add(JobKind("bought", "net", run), JobKind("local", "cpu", run))
    studio.schedules.submitters.add(
        "bought", lambda actor, request: request,
        lambda actor, request, **how: studio.jobs.submit(actor, "bought", request, **how),
    )  # fmt: skip
    studio.registry.set_order("scripted", ["scripted", "remote", "idempotent", "free", "narrow", "unpriced"])
    return studio


def submit(studio: Studio, actor: Any, account: Path, *, kind: str = "bought", **values: Any) -> Job:
    keep = {name: values.pop(name) for name in ("cap_usd", "priority", "idempotency_key") if name in values}
    return studio.jobs.submit(actor, kind, {"account": str(account), **values}, title="scripted", **keep)


def worker_main(home: str, **settings: Any) -> None:
    """A worker process for tests that kill it. STUDIO_DATABASE_URL in the environment counts."""
    import sys

    from core.jobs.worker import run_process

    studio = build(Path(home), **{"lease_seconds": 2.0} | settings)
    sys.exit(run_process(studio.worker()))


if __name__ == "__main__":
    import sys

    from tests.scripted import worker_main as main  # so that classes pickle under their own module's name

    main(sys.argv[1], **json.loads(sys.argv[2] if len(sys.argv) > 2 else "{}"))
