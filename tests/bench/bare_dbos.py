"""A bare dbos workflow of two steps, on SQLite or the database given, for comparison: prints the seconds each took."""

import json
import sys
import time

from dbos import DBOS

from core.store.db import workflow_engine


@DBOS.step()
def first() -> int:
    return 1


@DBOS.step()
def second() -> int:
    return 2


@DBOS.workflow()
def bare() -> int:
    return first() + second()


if __name__ == "__main__":
    url = sys.argv[3] if len(sys.argv) > 3 and sys.argv[3] else f"sqlite:///{sys.argv[1]}/bare.sqlite"
    DBOS(
        config={
            "name": "bare", "system_database_url": url, "system_database_engine": workflow_engine(url),
            "log_level": "CRITICAL", "executor_id": "bare", "application_version": "1",
        }
    )  # fmt: skip
    DBOS.launch()
    seconds = []
    for _ in range(int(sys.argv[2])):
        started = time.perf_counter()
        DBOS.start_workflow(bare).get_result()
        seconds.append(time.perf_counter() - started)
    DBOS.destroy()
    print(json.dumps(seconds))
