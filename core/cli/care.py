"""backup, restore, verify, secrets, webhooks, retention: looking after what there is."""

from __future__ import annotations

import contextlib
import getpass
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from core.cli.care_answers import (
    BackupLine,
    DaysLine,
    DeliveryLine,
    NewWebhookLine,
    ProblemLine,
    RestoreLine,
    SecretLine,
    VerifyLine,
    WebhookLine,
)
from core.cli.making import Json
from core.cli.session import ACTOR, say, studio
from core.kit.errors import UserError
from core.kit.settings import load_settings

secrets = typer.Typer(help="Provider keys, stored encrypted. The environment wins over them.", no_args_is_help=True)
webhooks = typer.Typer(help="Who is told when a job ends or an alert goes off.", no_args_is_help=True)
retention = typer.Typer(help="How many days what is kept.", no_args_is_help=True)


def backup(
    file: Annotated[Path, typer.Argument(help="the tar file to write, outside the data folder")],
    with_secrets: Annotated[
        bool, typer.Option("--with-secrets", help="also the key file and certificates: keep such a file locked away")
    ] = False,
    as_json: Json = False,
) -> None:
    """Everything in one file, while the studio runs: database, library, settings. The mart is rebuilt, sessions end."""
    from core.care.backup import backup as write

    with studio() as opened, _shown() as progress:
        done = write(opened.settings, opened.store, file, with_secrets=with_secrets, progress=progress)
    answer = BackupLine(
        path=str(done.path), bytes=done.bytes, rows=done.rows, files=done.files, with_secrets=done.with_secrets,
        missing=list(done.missing), damaged=list(done.damaged),
    )  # fmt: skip
    keys = "with" if with_secrets else "without"
    lines = [f"{done.path}: {done.rows:,} rows, {done.files:,} files, {done.bytes / 1e6:,.1f} MB, {keys} keys"]
    if opened.settings.secret_key is not None:
        lines.append("STUDIO_SECRET_KEY is not in it: keep it where you find it again")
    lines += [f"gone before: file {sha256}" for sha256 in done.missing]
    lines += [f"damaged before: file {sha256}" for sha256 in done.damaged]
    say(answer, as_json, "\n".join(lines))
    if not done.whole:
        raise typer.Exit(1)


def restore(
    file: Annotated[Path, typer.Argument(help="what studio backup wrote")],
    replace: Annotated[bool, typer.Option("--replace", help="move a data folder that is not empty aside")] = False,
    moved: Annotated[
        bool, typer.Option("--moved", help="the old studio has not run since: let its jobs go on at once")
    ] = False,
    as_json: Json = False,
) -> None:
    """A backup into an empty data folder (and an empty database on a server). Nothing must be running."""
    from core.care.restore import restore as read

    settings = load_settings()
    with _shown() as progress:
        done = read(settings, file, replace=replace, moved=moved, progress=progress)
    answer = RestoreLine(
        made_at=done.made_at, rows=done.rows, files=done.files, live_jobs=done.live_jobs, queue_paused=done.paused,
        moved_aside=str(done.aside) if done.aside else None, with_secrets=done.with_secrets,
        missing=list(done.missing), damaged=list(done.damaged),
    )  # fmt: skip
    lines = [f"{settings.home}: {done.rows:,} rows, {done.files:,} files, as of {done.made_at}"]
    if done.aside:
        lines.append(f"what was there before is now in {done.aside}")
    if done.paused:
        lines.append(
            f"{done.live_jobs:,} jobs had not ended, and may have since, elsewhere: the queue is paused. "
            "Look with studio jobs list, then studio jobs resume"
        )
    if not done.with_secrets:
        lines.append("keys were not in it: set stored secrets again, or put secret.key into the data folder")
    say(answer, as_json, "\n".join(lines))


def verify(
    fix: Annotated[
        bool, typer.Option("--fix", help="mend what loses nothing: counts, unknown bytes and folders")
    ] = False,
    as_json: Json = False,
) -> None:
    """Bytes against hashes, charges against attempts and jobs, no orphans. Exit code 1 when something is wrong."""
    from core.care.verify import verify as look

    with studio() as opened, _shown() as progress:
        done = look(opened.settings, opened.store, fix=fix, progress=progress)
    answer = VerifyLine(
        sound=done.sound, files=done.files, bytes=done.bytes,
        problems=[ProblemLine(**problem.__dict__) for problem in done.problems],
    )  # fmt: skip
    lines = [f"{p.rule}  {p.subject}  {p.detail}  → {p.remedy}" for p in done.problems]
    speed = done.bytes / 1e6 / max(done.seconds, 1e-6)
    lines.append(
        f"{done.files:,} files ({done.bytes / 1e6:,.1f} MB, {speed:,.0f} MB/s): "
        + (f"{len(lines)} problem(s)" if lines else "everything fits together")
    )
    say(answer, as_json, "\n".join(lines))
    if not done.sound:
        raise typer.Exit(1)


@secrets.command("set")
def set_secret(
    name: Annotated[str, typer.Argument(help="such as elevenlabs_api_key")],
    value: Annotated[str, typer.Argument(hidden=True)] = "",
) -> None:
    """Asks for the key (or reads it from standard input), and stores it encrypted."""
    if value:
        # It is in the shell's history and the process list by now: say so instead of taking it.
        raise UserError("A key must not be written on the command line.", f"Run: studio secrets set {name}")
    with studio() as opened:
        if name.strip().lower().removeprefix("studio_") not in opened.vault.names():
            raise UserError(f"There is no secret {name[:80]!r}.", f"Known are: {', '.join(opened.vault.names())}.")
        given = getpass.getpass(f"{name}: ") if sys.stdin.isatty() else sys.stdin.readline()
        opened.vault.put(ACTOR, name, given)
    print(f"{name} is stored")


@secrets.command("list")
def list_secrets(as_json: Json = False) -> None:
    """Names and the last four characters; nothing shows more."""
    with studio() as opened:
        found = opened.vault.list(ACTOR)
    answer = [SecretLine(**row.__dict__) for row in found]
    lines = [
        f"{row.name:<24} {'…' + row.ending.lstrip('…') if row.ending else 'cannot be read with the present key'}"
        + ("  (the environment's wins)" if row.overridden else "")
        for row in found
    ]
    say(list(answer), as_json, "\n".join(lines) or "No secrets are stored.")


@secrets.command("remove")
def remove_secret(name: str) -> None:
    with studio() as opened:
        opened.vault.remove(ACTOR, name)
    print(f"{name} is removed")


@webhooks.command("add")
def add_webhook(
    url: str,
    event: Annotated[list[str] | None, typer.Option(help="job.done, job.failed, …, alert; all without one")] = None,
    as_json: Json = False,
) -> None:
    """Prints the signing secret once; it is not shown again."""
    with studio() as opened:
        hook, secret = opened.webhooks.add(ACTOR, url, event or None)
    answer = NewWebhookLine(**_fields(hook), secret=secret)
    say(answer, as_json, f"{hook.id}\nsecret {secret}  (shown only now)")


@webhooks.command("list")
def list_webhooks(as_json: Json = False) -> None:
    with studio() as opened:
        found = opened.webhooks.list(ACTOR)
    lines = [f"{h.id}  {'on ' if h.active else 'off'}  {h.url}  {', '.join(h.events)}" for h in found]
    say([WebhookLine(**_fields(hook)) for hook in found], as_json, "\n".join(lines) or "No webhooks.")


@webhooks.command("remove")
def remove_webhook(webhook_id: str) -> None:
    with studio() as opened:
        opened.webhooks.remove(ACTOR, webhook_id)
    print(f"{webhook_id} is removed")


@webhooks.command("deliveries")
def list_deliveries(webhook_id: str, as_json: Json = False) -> None:
    """The last hundred, newest first."""
    with studio() as opened:
        found = opened.webhooks.deliveries(ACTOR, webhook_id)
    lines = [f"{d.id}  {d.status:<9} {d.tries} tries  {d.event:<13} {d.subject_id}  {d.answer}" for d in found]
    say([_delivery(each) for each in found], as_json, "\n".join(lines) or "Nothing was sent yet.")


@webhooks.command("test")
def try_webhook(webhook_id: str, as_json: Json = False) -> None:
    """Send one event of type test now. Exit code 1 when it was not taken."""
    with studio() as opened:
        done = opened.webhooks.test(ACTOR, webhook_id)
    say(_delivery(done), as_json, f"{done.status}: {done.answer}")
    if done.status != "delivered":
        raise typer.Exit(1)


@retention.command("show")
def show_retention(as_json: Json = False) -> None:
    with studio() as opened:
        days = opened.retention.days()
    _print_days(days.__dict__, as_json)


@retention.command("set")
def set_retention(
    what: Annotated[str, typer.Argument(help="sign_ins, deliveries, results or answers")],
    days: Annotated[int, typer.Argument(help="0 keeps them for ever")],
    as_json: Json = False,
) -> None:
    with studio() as opened:
        changed = opened.retention.set(ACTOR, **{what: days})
    _print_days(changed.__dict__, as_json)


def _print_days(days: dict[str, int], as_json: bool) -> None:
    text = "\n".join(f"{name:<12} {count or 'for ever'}" for name, count in days.items())
    say(DaysLine(**days), as_json, text)


def _fields(hook: object) -> dict[str, object]:
    return {name: getattr(hook, name) for name in WebhookLine.model_fields}


def _delivery(row: object) -> DeliveryLine:
    return DeliveryLine(**{name: getattr(row, name) for name in DeliveryLine.model_fields})


@contextlib.contextmanager
def _shown() -> Iterator[Callable[[str, float], None]]:
    """A progress line on a terminal, nothing elsewhere."""
    last = ""

    def progress(stage: str, fraction: float) -> None:
        nonlocal last
        line = f"{stage} {fraction:.0%}"
        if line != last and sys.stderr.isatty():
            print(f"\r{line:<{len(last)}}", end="", file=sys.stderr, flush=True)
        last = line

    try:
        yield progress
    finally:
        if last and sys.stderr.isatty():
            print(f"\r{'':<{len(last)}}\r", end="", file=sys.stderr, flush=True)
