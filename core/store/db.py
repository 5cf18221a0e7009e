"""The engine and its transactions. SQLite in WAL by default, PostgreSQL by URL alone."""

from __future__ import annotations

import json
import re
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import BigInteger, DateTime, MetaData, create_engine, event, text
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.types import TypeDecorator

from core.kit.clock import now
from core.kit.errors import SetupError, UserError

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_NANO = Decimal(10) ** 9
_POSTGRES_OPTIONS = " ".join(
    f"-c {name}={value}"
    for name, value in {
        # A worker frozen inside a transaction holds its locks; after this the server ends it, and others go on. Less
        # than they wait for a lock (wait_s below).
        "idle_in_transaction_session_timeout": "10s",
        # A machine that lost its power says nothing: find out within half a minute instead of two hours.
        "tcp_keepalives_idle": "15",
        "tcp_keepalives_interval": "5",
        "tcp_keepalives_count": "3",
        # As on SQLite: an intent to buy must survive a power cut.
        "synchronous_commit": "on",
    }.items()
)


class Usd(TypeDecorator[Decimal]):
    """Dollars as whole nano-dollars, so that SQL sums are exact on every database. Fractions round up: a reservation
    may never be smaller than what it stands for."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        return None if value is None else int((Decimal(value) * _NANO).to_integral_value(ROUND_CEILING))

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)) / _NANO


class Utc(TypeDecorator[datetime]):
    """A moment, always UTC-aware in Python, always naive UTC on disk."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Bell:
    """Rung at every commit of this process, so that its own threads need not wait for their next look."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self.count = 0

    def ring(self) -> None:
        with self._condition:
            self.count += 1
            self._condition.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Until it was rung more than `seen` times, or the time is up."""
        with self._condition:
            self._condition.wait_for(lambda: self.count != seen, seconds)


class Database:
    """Short transactions: `read()` for a snapshot, `write()` for a change.

    On SQLite a write takes the one write lock at its start (BEGIN IMMEDIATE), so nothing read inside it can change
    before it commits. On PostgreSQL `exclusive()` gives the same promise for one named subject, such as the ledger.
    """

    def __init__(self, url: str, *, wait_s: float = 15.0, connections: int = 10) -> None:
        """`wait_s`: how long a transaction waits for somebody else's lock before it says so. `connections`: at most so
        many to PostgreSQL from this process; a server takes 100 from everybody together unless told otherwise."""
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            path = Path(url.removeprefix("sqlite:///"))
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise _unwritable(path.parent) from error
            self.engine: Engine = create_engine(
                url, connect_args={"timeout": wait_s, "check_same_thread": False}, json_serializer=_plain_json,
                # Each chore of a worker watches for changes on a connection of its own; the library's 15 would be all.
                max_overflow=60,
            )  # fmt: skip
            event.listen(self.engine, "connect", _sqlite_connect)
            event.listen(self.engine, "begin", _sqlite_begin)
        else:
            self.engine = create_engine(
                url, pool_pre_ping=True, pool_size=connections, max_overflow=0, json_serializer=_plain_json,
                connect_args={
                    "options": f"{_POSTGRES_OPTIONS} -c lock_timeout={round(wait_s * 1000)}", "connect_timeout": 10
                },
            )  # fmt: skip
        self._writer = self.engine.execution_options(immediate=True)
        self.bell = Bell()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with _spoken(self.url), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        with _spoken(self.url), self._writer.begin() as connection:
            yield connection
        self.bell.ring()

    @contextmanager
    def exclusive(self, subject: str) -> Iterator[Connection]:
        with self.write() as connection:
            self.alone(connection, subject)
            yield connection

    def alone(self, connection: Connection, subject: str) -> None:
        """From here on a write that has begun is exclusive() of this subject too; of one more at most, always in one order."""
        if not self.is_sqlite:
            key = zlib.crc32(subject.encode())
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})

    @contextmanager
    def shared(self, subject: str) -> Iterator[Connection]:
        """A write beside other shared() ones, but never beside an exclusive() one of the same subject."""
        with self.write() as connection:
            if not self.is_sqlite:
                key = zlib.crc32(subject.encode())
                connection.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": key})
            yield connection

    def close(self) -> None:
        self.engine.dispose()


def moment_of(connection: Connection) -> datetime:
    """The database's own clock, for what several machines compare: leases and permits. SQLite has one machine."""
    if connection.dialect.name == "sqlite":
        return now()
    moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment.astimezone(UTC)


_CUT = re.compile(r"connect|server closed|terminat|recovery|starting up|shutting down|SSL|EOF|timeout expired", re.I)


def _plain_json(value: Any) -> str:
    """Without escapes, so that a search finds a tag in any script."""
    return json.dumps(value, ensure_ascii=False)


def _unwritable(folder: Path) -> SetupError:
    return SetupError(
        f"The data folder {folder} cannot be written to.",
        "Make it writable, or set STUDIO_HOME to a folder that is.",
        "home_not_writable",
    )


@contextmanager
def _spoken(url: str) -> Iterator[None]:
    """Turns the few database failures a person can mend into words; anything else is a defect and stays loud."""
    try:
        yield
    except OperationalError as error:
        said = str(error.orig)
        if "readonly" in said or "unable to open" in said:
            raise _unwritable(Path(url.removeprefix("sqlite:///")).parent) from error
        if "disk is full" in said or "disk I/O" in said:
            raise SetupError(
                "The disk is full.", "Free some space; nothing already kept was lost.", "disk_full"
            ) from error
        if not url.startswith("sqlite") and (error.connection_invalidated or _CUT.search(said)):
            raise SetupError(
                "The database cannot be reached.",
                "Check STUDIO_DATABASE_URL and that the server runs.",
                "database_gone",
            ) from error
        if "locked" in said or "lock timeout" in said:
            raise SetupError("The database is busy.", "Try again in a moment.", "database_busy") from error
        raise
    except PoolTimeout as error:
        raise SetupError(
            "The database is busy.", "Try again in a moment, or raise STUDIO_DATABASE_CONNECTIONS.", "database_busy"
        ) from error
    except UnicodeEncodeError:
        raise UserError("The text holds half a character.", "Paste it again as plain text.", "bad_text") from None
    except DBAPIError as error:
        if "not a database" in str(error.orig) or "malformed" in str(error.orig):
            raise SetupError(
                f"The database {url.removeprefix('sqlite:///')} is damaged.",
                "Restore it from a backup, or set STUDIO_HOME to another folder to start afresh.",
                "database_damaged",
            ) from error
        if error.connection_invalidated:
            raise SetupError(
                "The database connection was lost.", "Check that the database runs, then try again.", "database_gone"
            ) from error
        raise


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy's "begin" event below opens transactions, not the driver
    # SQLite's own lower() knows ASCII only; a search has to find É and Я as well.
    connection.create_function(
        "lower", 1, lambda text: text.lower() if isinstance(text, str) else text, deterministic=True
    )
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    # FULL, not NORMAL: an intent to buy must survive a power cut, or the thing would be bought twice.
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _sqlite_begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def workflow_engine(url: str, connections: int = 10) -> Engine:
    """The engine for dbos's own tables. NORMAL is enough there: after a power cut our attempts decide, not its steps."""
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        **(
            {"connect_args": {"timeout": 15, "check_same_thread": False}}
            if url.startswith("sqlite")
            else {"pool_size": connections, "max_overflow": 0, "pool_pre_ping": True}
        ),
    )
    if url.startswith("sqlite"):

        def tune(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA busy_timeout=15000")

        event.listen(engine, "connect", tune)
    return engine


CHANNEL = "studio_jobs"
"""PostgreSQL tells listeners of new and changed jobs here (a trigger of migration 0003)."""


class ChangeWatch:
    """Tells cheaply whether anybody committed since the last look. SQLite counts commits of other connections, so this
    keeps one of its own. On PostgreSQL, with `listen`, it hears of new and changed jobs; without, every look answers
    yes and the caller's pace is the cost."""

    def __init__(self, database: Database, *, listen: bool = False) -> None:
        self._database = database
        self.listens = listen and not database.is_sqlite
        self._connection: Any = None
        self._version = -1
        self._rung = -1
        self._told = False
        if database.is_sqlite:
            self._connection = database.engine.raw_connection()

    def pause(self, seconds: float) -> None:
        """Sleep until the next look. A commit of this process ends it, for a listener a notification."""
        if self.listens and self._connection is not None:
            self._told = self._heard(seconds) or self._told
        else:
            self._database.bell.wait(self._rung, seconds)

    def changed(self) -> bool:
        self._rung = self._database.bell.count
        if self.listens:
            told, self._told = self._told, False
            return self._heard() or told
        if self._connection is None:
            return True
        version = self._connection.cursor().execute("PRAGMA data_version").fetchone()[0]
        changed = bool(version != self._version)
        self._version = version
        return changed

    def _heard(self, seconds: float = 0) -> bool:
        """A lost connection is opened anew, and counts as a change: who knows what was missed."""
        import psycopg

        try:
            if self._connection is None:
                url = self._database.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
                self._connection = psycopg.connect(url, autocommit=True)
                self._connection.execute(f"LISTEN {CHANNEL}")
                return True
            return len(list(self._connection.notifies(timeout=seconds, stop_after=1 if seconds else None))) > 0
        except psycopg.OperationalError:
            self.close()
            return True

    def close(self) -> None:
        if self._connection is not None:
            with suppress(Exception):
                self._connection.close()
            self._connection = None
