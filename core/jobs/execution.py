"""dbos around one job: two durable steps, make and keep. Imported only by a worker, since dbos takes a second to load.

A workflow is named by job and epoch. After a crash the same epoch goes on at its unfinished step; when a job was taken
from a silent worker its epoch has risen, so the old workflow, should it ever run on, finds itself superseded.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from dbos import DBOS, SetWorkflowID

from core.calls.asking import Fenced
from core.calls.attempts import pack, unpack
from core.calls.metered import Metered
from core.jobs.keep import clear, folder_of, keep
from core.jobs.registry import JobKinds, Product
from core.jobs.service import Jobs
from core.jobs.work import Work
from core.kit.clock import now
from core.kit.errors import Cancelled, OutcomeUnknown, StudioError
from core.kit.patience import DATABASE_AWAY, patiently
from core.kit.secrecy import hide
from core.kit.settings import Settings
from core.providers.base import Made
from core.store import charges, jobs
from core.store.db import workflow_engine
from core.store.jobs import CANCELLED, DONE, FAILED, RUNNING, UNKNOWN, Job
from core.store.store import Store

VERSION = "1"
"""Raised only when the steps change incompatibly: waiting rows survive that, running workflows drain first."""

KEEP_WORKFLOWS = timedelta(days=7)
FORGET_AT_ONCE = 1000

_executions: dict[str, Execution] = {}


@DBOS.workflow(name="studio.job", max_recovery_attempts=1000)
def run_job(job_id: str, epoch: int) -> str:
    product = make_step(job_id, epoch)
    return keep_step(job_id, epoch, product)


@DBOS.step(name="studio.make")
def make_step(job_id: str, epoch: int) -> dict[str, Any]:
    return _executions["current"].make(job_id, epoch)


@DBOS.step(name="studio.keep")
def keep_step(job_id: str, epoch: int, product: dict[str, Any]) -> str:
    return _executions["current"].keep(job_id, epoch, product)


class Execution:
    """One per process: dbos is a process-wide thing."""

    def __init__(
        self,
        settings: Settings,
        store: Store,
        kinds: JobKinds,
        calls: Metered,
        service: Jobs,
        executor_id: str,
        ended: Callable[[str], None],
        *,
        alone: bool,
    ) -> None:
        self._settings = settings
        self._store = store
        self._kinds = kinds
        self._calls = calls
        self._service = service
        self._ended = ended
        self._alone = alone
        # What make found, for keep: only after a crash it is another process that keeps.
        self._made: dict[str, Job] = {}
        _executions["current"] = self
        DBOS(
            config={
                "name": "studio",
                "system_database_url": settings.workflows_url,
                "system_database_engine": workflow_engine(settings.workflows_url, settings.database_connections),
                "application_version": VERSION,
                "executor_id": executor_id,
                "log_level": "CRITICAL",
                "console_log_level": "CRITICAL",
                "max_executor_threads": settings.cpu_jobs + settings.net_jobs + settings.flow_jobs + 8,
                # On SQLite nothing of ours listens, but leaving waits for this thread's nap.
                "notification_listener_polling_interval_sec": 0.05,
                "scheduler_polling_interval_sec": 30.0,
            }
        )

    def launch(self) -> None:
        """Also resumes, by dbos's own recovery, the workflows this executor left unfinished."""
        DBOS.launch()

    def start(self, job: Job) -> None:
        with SetWorkflowID(f"{job.id}.{job.epoch}"):
            DBOS.start_workflow(run_job, job.id, job.epoch)

    def resumes(self, job: Job) -> bool:
        """Whether dbos goes on with this job by itself; if it never saw it, or gave up on it, it must be started.
        dbos recovers only what ran under this executor's name: on PostgreSQL every worker has its own."""
        if not self._alone:
            return False
        status = DBOS.get_workflow_status(f"{job.id}.{job.epoch}")
        return status is not None and status.status in ("PENDING", "ENQUEUED", "SUCCESS")

    def forget(self) -> None:
        """Drop what dbos remembers of workflows that ended days ago; the job rows keep their history."""
        before = (now() - KEEP_WORKFLOWS).isoformat()
        ended = ["SUCCESS", "ERROR", "CANCELLED"]
        # PENDING: left by workers that are no more; their jobs were started again under another epoch.
        states = ended if self._alone else [*ended, "PENDING"]
        while True:
            old = DBOS.list_workflows(
                status=states, end_time=before, limit=FORGET_AT_ONCE, load_input=False, load_output=False
            )
            if old:
                DBOS.delete_workflows([flow.workflow_id for flow in old])
            if len(old) < FORGET_AT_ONCE:
                return

    def close(self) -> None:
        DBOS.destroy(workflow_completion_timeout_sec=0)
        _executions.pop("current", None)

    def make(self, job_id: str, epoch: int) -> dict[str, Any]:
        """The work itself. Answers a product or an error as plain data; raises only when the job is not ours."""
        job = self._find(job_id)
        if job is None or job.epoch != epoch or job.status != RUNNING:
            return {"superseded": True}
        self._made[job_id] = job
        folder = folder_of(self._settings.work, job_id)
        folder.mkdir(parents=True, exist_ok=True)
        work = Work(
            job, job.asked_by(), folder, self._store, self._calls, self._service,
            _looked=time.monotonic(), _cancelled=job.cancel_requested,
        )  # fmt: skip
        try:
            if work.cancelled():
                work.abandon()
                raise Cancelled
            return _plain(self._kinds.get(job.kind).run(work))
        except Fenced:
            return {"superseded": True}
        except StudioError as error:
            return {"error": error.as_dict(), "status": _status(error)}
        except Exception as error:
            return {"error": self._defect(job_id, error), "status": FAILED}

    def keep(self, job_id: str, epoch: int, made: dict[str, Any]) -> str:
        try:
            return self._keep(job_id, epoch, made)
        finally:
            self._ended(job_id)

    def _keep(self, job_id: str, epoch: int, made: dict[str, Any]) -> str:
        found = self._made.pop(job_id, None)
        job = None if made.get("superseded") else found or self._find(job_id)
        if job is None or job.epoch != epoch:
            return "superseded"
        if job.status == DONE:  # kept before a crash, and its files are gone
            return DONE
        status = DONE
        try:
            if "error" in made:
                status = made["status"]
                self._end(job, status, made["error"])
            else:
                product = _product(made)
                patiently(lambda: keep(self._store, job, product, self._settings.draft_hours), DATABASE_AWAY)
        except Fenced:
            status = "superseded"
        except StudioError as error:
            status = FAILED
            self._end(job, status, error.as_dict())
        except Exception as error:
            status = FAILED
            self._end(job, status, self._defect(job_id, error))
        # What was paid for must outlive a failed keep and a failed later part: the files stay for the retry. All else
        # may go.
        if status == DONE or (status in (CANCELLED, FAILED) and "error" in made and not self._paid(job_id)):
            clear(folder_of(self._settings.work, job_id))
        return status

    def _paid(self, job_id: str) -> bool:
        def read() -> bool:
            with self._store.db.read() as connection:
                # By units, not dollars: what a plan paid for was paid for too.
                made = charges.of_job(connection, job_id)
                return any(charge.status == charges.SETTLED and charge.units for charge in made)

        return patiently(read)

    def _find(self, job_id: str) -> Job | None:
        def read() -> Job | None:
            with self._store.db.read() as connection:
                return jobs.find(connection, job_id)

        return patiently(read)

    def _defect(self, job_id: str, error: Exception) -> dict[str, Any]:
        """The user gets one clear line; the log keeps the traceback for whoever mends it."""
        with (self._settings.home / "errors.log").open("a") as log:
            log.write(f"{now().isoformat()} {job_id}\n{hide(traceback.format_exc())}\n")
        return StudioError(
            f"An unexpected error stopped this job: {error}", f"Report job {job_id}.", "defect"
        ).as_dict()

    def _end(self, job: Job, status: str, error: dict[str, Any]) -> None:
        def end() -> None:
            with self._store.db.write() as connection:
                jobs.change(
                    connection, job.id, only=[RUNNING], if_epoch=job.epoch, status=status, error=error,
                    stage={CANCELLED: "Cancelled", UNKNOWN: "Outcome unknown"}.get(status, "Failed"), eta_s=None,
                    finished_at=now(),
                )  # fmt: skip

        patiently(end)


def _status(error: StudioError) -> str:
    if isinstance(error, Cancelled):
        return CANCELLED
    return UNKNOWN if isinstance(error, OutcomeUnknown) else FAILED


def _plain(product: Product) -> dict[str, Any]:
    fields = {name: getattr(product, name) for name in product.__dataclass_fields__ if name != "outputs"}
    return fields | pack(Made(product.outputs))


def _product(made: dict[str, Any]) -> Product:
    names = set(Product.__dataclass_fields__) - {"outputs"}
    fields = {name: value for name, value in made.items() if name in names}
    fields["sources"] = tuple((source[0], source[1]) for source in fields.get("sources", ()))
    return Product(outputs=unpack(made).outputs, **fields)
