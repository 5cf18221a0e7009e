"""Webhooks: nothing that happened goes untold, nobody is told what is not his, and a receiver can tell it was us."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from core.app import Studio
from core.hooks import delivery as delivering
from core.hooks import signing
from core.kit.actor import LOCAL, Actor
from core.kit.addresses import check_public
from core.kit.cipher import Cipher
from core.kit.clock import new_id, now
from core.kit.errors import NotFound, Unavailable, UserError
from core.kit.http import Http
from core.store import budgets, users, webhooks
from core.store.webhooks import Delivery
from tests import forked, scripted
from tests.forked import Forked
from tests.hooks.conftest import Receiver
from tests.scripted import submit

ANN = Actor("ann", tier="free")


def told(studio: Studio, webhook_id: str) -> list[Delivery]:
    return studio.webhooks.deliveries(LOCAL, webhook_id)


def until_delivered(studio: Studio, webhook_id: str, count: int = 1) -> list[Delivery]:
    deadline = time.monotonic() + 30
    while sum(row.status == "delivered" for row in told(studio, webhook_id)) < count:
        assert time.monotonic() < deadline, told(studio, webhook_id)
        time.sleep(0.02)
    return told(studio, webhook_id)


def due_again(studio: Studio) -> None:
    """As if the pause were over."""
    with studio.store.db.write() as connection:
        connection.execute(webhooks.deliveries.update().values(next_at=now() - timedelta(seconds=1)))


def test_a_job_that_ends_is_told_with_a_signature(studio: Studio, receiver: Receiver, tmp_path: Path) -> None:
    hook, secret = studio.webhooks.add(LOCAL, receiver.url)
    studio.ensure_worker()
    job = submit(studio, LOCAL, tmp_path / "account", provider="scripted")
    studio.jobs.wait(LOCAL, job.id, 30)
    rows = until_delivered(studio, hook.id)
    assert [(row.event, row.subject_id, row.answer) for row in rows] == [("job.done", f"{job.id}@1", "204")]
    received = receiver.received[0]
    assert receiver.good(secret)
    assert not receiver.good(signing.new_secret())
    # As the standard describes it, written out once more without our own code.
    signed = f"{received.headers['webhook-id']}.{received.headers['webhook-timestamp']}.".encode() + received.body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    expected = "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert received.headers["webhook-signature"] == expected
    assert received.headers["webhook-id"] == rows[0].id
    assert received.path == "/hook?channel=7"
    data = json.loads(received.body)
    assert data["type"] == "job.done"
    made = studio.jobs.assets(LOCAL, job.id)
    assert data["data"]["assets"] == [{"id": made[0].id, "role": "primary"}]
    assert (data["data"]["job_id"], data["data"]["cost_usd"], data["data"]["kind"]) == (job.id, "0.1", "bought")


def test_every_end_is_told_and_a_retry_once_more(studio: Studio, receiver: Receiver, tmp_path: Path) -> None:
    hook, _ = studio.webhooks.add(LOCAL, receiver.url)
    studio.jobs.pause(LOCAL)
    cancelled = submit(studio, LOCAL, tmp_path / "a")
    studio.jobs.cancel(LOCAL, cancelled.id)
    studio.jobs.resume(LOCAL)
    studio.ensure_worker()
    failed = submit(studio, LOCAL, tmp_path / "b", provider="scripted", acts=["rejected", "ok"])
    unknown = submit(studio, LOCAL, tmp_path / "c", provider="scripted", acts=["unknown"])
    for job in (failed, unknown):
        studio.jobs.wait(LOCAL, job.id, 30)
    studio.jobs.retry(LOCAL, failed.id)
    assert studio.jobs.wait(LOCAL, failed.id, 30).status == "done"
    rows = until_delivered(studio, hook.id, 4)
    assert {(row.event, row.subject_id) for row in rows} == {
        ("job.cancelled", f"{cancelled.id}@1"), ("job.failed", f"{failed.id}@1"), ("job.done", f"{failed.id}@2"),
        ("job.unknown", f"{unknown.id}@1"),
    }  # fmt: skip
    by_event = {row.event: row.payload["data"] for row in rows}
    assert by_event["job.unknown"]["error"] == {"kind": "OutcomeUnknown", "code": "outcome_unknown"}


def test_what_a_person_wrote_is_not_told(studio: Studio, receiver: Receiver) -> None:
    hook, _ = studio.webhooks.add(LOCAL, receiver.url)
    said = "A secret sentence about someone."
    job = studio.jobs.submit(LOCAL, "bought", {"account": said}, title=said)
    studio.jobs.cancel(LOCAL, job.id)
    assert "secret sentence" not in json.dumps([row.payload for row in told(studio, hook.id)])
    assert len(told(studio, hook.id)) == 1


def test_only_own_jobs_unless_an_administrator(studio: Studio, receiver: Receiver, tmp_path: Path) -> None:
    with studio.store.db.write() as connection:
        for name, admin in (("ann", False), ("bob", False), ("root", True)):
            connection.execute(users.table.insert().values(
                id=name, name=name, password_hash="x", tier="pro", is_admin=admin, active=True, created_at=now(), updated_at=now(),
            ))  # fmt: skip
    actors = {name: Actor(name, is_admin=name == "root") for name in ("ann", "bob", "root")}
    hooks = {name: studio.webhooks.add(actor, receiver.url)[0].id for name, actor in actors.items()}
    job = submit(studio, actors["ann"], tmp_path / "a")
    studio.jobs.cancel(actors["ann"], job.id)
    with studio.store.db.write() as connection:
        budgets.raise_alert(connection, "day:75", "75 % of the day's cap")
        budgets.raise_alert(connection, "rule:of-bob", "You asked to hear of $3", user_id="bob")
    seen = {name: sorted(row.event for row in told(studio, hook)) for name, hook in hooks.items()}
    assert seen == {"ann": ["job.cancelled"], "bob": ["alert"], "root": ["alert", "alert", "job.cancelled"]}
    for act in (studio.webhooks.remove, studio.webhooks.deliveries, studio.webhooks.test):
        with pytest.raises(NotFound):
            act(actors["bob"], hooks["ann"])
    assert [hook.id for hook in studio.webhooks.list(actors["bob"])] == [hooks["bob"]]


def test_an_event_undone_is_not_told(studio: Studio, receiver: Receiver) -> None:
    """The row is part of the transaction: when that fails there is nothing to tell."""
    hook, _ = studio.webhooks.add(LOCAL, receiver.url)
    with pytest.raises(IntegrityError), studio.store.db.write() as connection:  # noqa: PT012
        budgets.raise_alert(connection, "day:75", "75 %")
        connection.execute(budgets.alerts.insert().values(id="x", subject="day:75", message="again", created_at=now()))
    assert told(studio, hook.id) == []
    with studio.store.db.write() as connection:
        assert budgets.raise_alert(connection, "day:75", "75 %")
        assert not budgets.raise_alert(connection, "day:75", "75 %")
    assert len(told(studio, hook.id)) == 1


def test_it_is_tried_again_with_growing_pauses_and_then_given_up(
    studio: Studio, receiver: Receiver, tmp_path: Path
) -> None:
    hook, secret = studio.webhooks.add(LOCAL, receiver.url)
    studio.jobs.cancel(LOCAL, submit(studio, LOCAL, tmp_path / "a").id)
    receiver.answers = [500]
    pauses = []
    for number in range(1, 20):
        if studio.delivering.run() == 0:
            break
        row = told(studio, hook.id)[0]
        assert row.tries == number
        if row.status == "waiting":
            pauses.append((row.next_at - now()).total_seconds())
            assert studio.delivering.run() == 0, "tried before its time"
            due_again(studio)
    assert told(studio, hook.id)[0].status == "failed"
    assert len(pauses) == len(delivering.PAUSES_S)
    assert pauses == sorted(pauses)
    assert 20 * 3600 < sum(delivering.PAUSES_S) < 26 * 3600
    assert len({each.headers["webhook-id"] for each in receiver.received}) == 1
    assert receiver.good(secret)


def test_a_receiver_that_recovers_gets_it(studio: Studio, receiver: Receiver, tmp_path: Path) -> None:
    hook, _ = studio.webhooks.add(LOCAL, receiver.url)
    studio.jobs.cancel(LOCAL, submit(studio, LOCAL, tmp_path / "a").id)
    receiver.answers = [503, 302, 200]
    receiver.extra = {"Location": receiver.url}
    answers = []
    for _ in range(3):
        studio.delivering.run()
        answers.append(told(studio, hook.id)[0].answer)
        due_again(studio)
    assert answers == ["503", "302: redirects are not followed", "200"]
    assert studio.delivering.run() == 0
    assert len(receiver.received) == 3


def test_gone_switches_it_off(studio: Studio, receiver: Receiver, tmp_path: Path) -> None:
    hook, _ = studio.webhooks.add(LOCAL, receiver.url)
    studio.jobs.cancel(LOCAL, submit(studio, LOCAL, tmp_path / "a").id)
    receiver.answers = [410]
    studio.delivering.run()
    assert told(studio, hook.id)[0].status == "failed"
    assert not studio.webhooks.list(LOCAL)[0].active
    studio.jobs.cancel(LOCAL, submit(studio, LOCAL, tmp_path / "b").id)
    assert len(told(studio, hook.id)) == 1


def test_kill_9_between_the_end_and_its_delivery_loses_nothing(
    studio: Studio, receiver: Receiver, tmp_path: Path, database_url: str
) -> None:
    """The worker dies while the receiver still holds its request: the next one delivers, under the same id."""
    hook, secret = studio.webhooks.add(LOCAL, receiver.url)
    job = submit(studio, LOCAL, tmp_path / "account", provider="scripted")
    environment = {"STUDIO_ALLOW_PRIVATE_URLS": "1", "STUDIO_DATABASE_URL": database_url}

    def start() -> Forked:
        return forked.start(scripted.worker_main, str(studio.settings.home), environment=environment)

    may_die = threading.Event()
    receiver.before = lambda: may_die.wait(60) and first.kill()
    first = start()
    may_die.set()
    receiver.until(1)
    first.wait()
    row = told(studio, hook.id)[0]
    assert (row.status, row.tries, row.subject_id) == ("waiting", 1, f"{job.id}@1")
    receiver.before = lambda: None
    due_again(studio)  # its lease is over
    second = start()
    try:
        until_delivered(studio, hook.id)
    finally:
        second.kill()
        second.wait()
    assert len(receiver.received) == 2
    assert len({each.headers["webhook-id"] for each in receiver.received}) == 1
    assert receiver.good(secret)


def test_two_workers_send_it_once(studio: Studio, receiver: Receiver, tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    studio.webhooks.add(LOCAL, receiver.url)
    for number in range(12):
        studio.jobs.cancel(LOCAL, submit(studio, LOCAL, tmp_path / f"a{number}").id)
    other = scripted.build(studio.settings.home, database_url=studio.settings.database_url, allow_private_urls=True)
    with ThreadPoolExecutor() as pool:
        sum(pool.map(lambda each: each.delivering.run(), [studio, other, studio, other]))
    other.close()
    assert len(receiver.received) == 12


def test_trying_one_out(studio: Studio, receiver: Receiver) -> None:
    hook, secret = studio.webhooks.add(LOCAL, receiver.url, ["alert"])
    assert studio.webhooks.test(LOCAL, hook.id).status == "delivered"
    assert json.loads(receiver.received[0].body)["type"] == "test"
    assert receiver.good(secret)
    receiver.answers = [404]
    done = studio.webhooks.test(LOCAL, hook.id)
    assert (done.status, done.answer) == ("failed", "404")
    assert studio.delivering.run() == 0
    studio.webhooks.remove(LOCAL, hook.id)
    assert studio.webhooks.list(LOCAL) == []


def test_the_secret_is_stored_encrypted_and_another_key_is_said(studio: Studio, receiver: Receiver) -> None:
    hook, secret = studio.webhooks.add(LOCAL, receiver.url)
    assert hook.secret != secret
    assert secret[6:20] not in hook.secret
    (studio.settings.home / "secret.key").unlink()
    fresh = scripted.build(studio.settings.home, database_url=studio.settings.database_url, allow_private_urls=True)
    done = fresh.webhooks.test(LOCAL, hook.id)
    assert done.status == "failed"
    assert "another key" in done.answer
    assert receiver.received == []
    fresh.close()


def test_bad_requests(studio: Studio, receiver: Receiver) -> None:
    for url in (
        "ftp://example.org/",
        "not a url",
        "http://user:pw@example.org/",
        "http://exa mple/",
        "http://" + "a" * 3000,
    ):
        with pytest.raises(UserError):
            studio.webhooks.add(LOCAL, url)
    for events in (["job.begun"], []):
        with pytest.raises(UserError, match="event"):
            studio.webhooks.add(LOCAL, receiver.url, events)
    for _ in range(20):
        studio.webhooks.add(ANN, receiver.url)
    with pytest.raises(UserError, match="20 webhooks"):
        studio.webhooks.add(ANN, receiver.url)


def test_the_inside_of_the_network_is_out_of_reach(receiver: Receiver, tmp_path: Path) -> None:
    careful = scripted.build(tmp_path / "careful")
    port = receiver.url.split(":")[2].split("/")[0]
    for host in ("127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]", "192.168.1.1", "0.0.0.0"):
        with pytest.raises(UserError, match="private or local"):
            careful.webhooks.add(LOCAL, f"http://{host}:{port}/x")
        # Also when the name led outside at first: it is judged at every delivery.
        row = {"id": new_id("webhook"), "user_id": "local", "url": f"http://{host}:{port}", "events": ["alert"],
               "secret": Cipher(careful.settings).seal(signing.new_secret()), "active": True}  # fmt: skip
        with careful.store.db.write() as connection:
            webhooks.add(connection, row)
        done = careful.webhooks.test(LOCAL, str(row["id"]))
        assert done.status == "failed"
        assert "private or local" in done.answer
    careful.close()
    assert receiver.received == []


def test_slow_and_endless_answers_are_cut(receiver: Receiver) -> None:
    http = Http(allow_private=True, timeout_s=30)
    receiver.answers, receiver.body = [200], b"x" * 10_000_000
    assert len(http.post(receiver.url, b"{}").body) == 64 * 1024
    receiver.body = b""
    http = Http(allow_private=True, timeout_s=0.5)
    receiver.before = lambda: time.sleep(2)
    with pytest.raises(Unavailable, match="did not answer within"):
        http.post(receiver.url, b"{}")
    with pytest.raises(Unavailable, match="could not be reached"):
        http.post("http://127.0.0.1:1/", b"{}")


def test_a_name_is_looked_up_once(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was judged is what is connected to: a name that changes its mind leads nowhere else."""
    import core.kit.http as module

    port = receiver.url.split(":")[2].split("/")[0]
    looked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:  # noqa: ARG001
        looked.append(host)
        return ["127.0.0.1"]

    monkeypatch.setattr(
        module, "check_public", lambda url, *, allow_private: check_public(url, allow_private=True, resolve=resolve)
    )
    assert Http().post(f"http://rebinding.example:{port}/x", b"{}").status == 204
    assert looked == ["rebinding.example"]
    assert receiver.received[0].headers["host"] == f"rebinding.example:{port}"


def test_a_replay_is_refused_by_the_rule_we_document() -> None:
    secret = signing.new_secret()
    given = {name.lower(): value for name, value in signing.headers(secret, "msg_1", b"{}").items()}
    moment = int(given["webhook-timestamp"])
    assert signing.verified(secret, given, b"{}", moment=moment + 299)
    assert not signing.verified(secret, given, b"{}", moment=moment + 301)
    assert not signing.verified(secret, given, b"{} ", moment=moment)
    assert not signing.verified(secret, given | {"webhook-id": "msg_2"}, b"{}", moment=moment)
    assert not signing.verified(secret, {}, b"{}")
