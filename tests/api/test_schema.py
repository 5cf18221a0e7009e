"""The schema is a promise: a change of it shows here. And what it promises is tried with made-up requests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from core.api import docs
from core.api.service import api
from core.app import Studio, build_studio
from core.kit.actor import LOCAL
from core.kit.settings import load_settings
from core.sound.projects import document

SNAPSHOT = Path(__file__).parent / "openapi.txt"
TOLD = ("description", "examples", "example", "title", "summary", "operationId", "tags")
"""Words for people may change freely; the snapshot holds what programs rely on."""


def plain(value: Any, named: bool = False) -> Any:
    """`named`: the keys of this mapping are names of ours, not the schema's own words."""
    if isinstance(value, dict):
        inside = {"properties", "schemas", "paths"}
        kept = value.items() if named else ((key, each) for key, each in value.items() if key not in TOLD)
        return {key: plain(each, key in inside and not named) for key, each in kept}
    return [plain(each) for each in value] if isinstance(value, list) else value


def lines(schema: dict[str, Any]) -> Iterator[str]:
    """One for each operation and each model, so that a change is seen where it is."""
    for path, methods in sorted(schema["paths"].items()):
        for method, operation in sorted(methods.items()):
            yield f"{method.upper()} {path} {json.dumps(operation, sort_keys=True, ensure_ascii=False)}"
    for name, model in sorted(schema["components"]["schemas"].items()):
        yield f"{name} {json.dumps(model, sort_keys=True, ensure_ascii=False)}"


def made(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    return api(build_studio(load_settings(home=tmp_path_factory.mktemp("schema") / "home")))


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    app = made(tmp_path_factory)
    found = docs.schema(app)
    app.state.studio.close()
    return found


def test_the_schema_is_what_it_was(schema: dict[str, Any], request: pytest.FixtureRequest) -> None:
    """Where the change is meant: pytest tests/api/test_schema.py --renew"""
    text = "\n".join(lines(plain(schema))) + "\n"
    if request.config.getoption("--renew", default=False):
        SNAPSHOT.write_text(text)
    assert text == SNAPSHOT.read_text()


def test_every_operation_says_what_it_does_and_how_it_fails(schema: dict[str, Any]) -> None:
    seen = set()
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["operationId"] not in seen, where
            seen.add(operation["operationId"])
            assert {"4XX", "5XX"} <= set(operation["responses"]), where
            assert any(status.startswith("2") for status in operation["responses"]), where
            for status, answer in operation["responses"].items():
                if status in ("200", "201", "202") and "application/json" in answer.get("content", {}):
                    assert answer["content"]["application/json"]["schema"], f"{where} {status} answers anything at all"


@pytest.mark.usefixtures("held")
def test_every_making_request_has_an_example_that_works(schema: dict[str, Any], client: TestClient) -> None:
    tried = 0
    for path, methods in schema["paths"].items():
        content = methods.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json")
        if content is None or "{" in path:
            continue
        found = schema["components"]["schemas"].get(content["schema"].get("$ref", "").rpartition("/")[2], {})
        for example in found.get("examples", []):
            outside = (
                any(word in json.dumps(example) for word in ("asset_", "clip_id", "trackIds")) or "url" in example
            )  # a thing of ours, a name to be looked up
            if (
                not outside and not path.startswith(("/v1/", "/api/admin/")) and not path.endswith("music/stream")
            ):  # those wait for sound, or ask a service
                assert client.post(path, json=example).status_code in (200, 201, 202), (path, example)
                tried += 1
    assert tried >= 8


CHECKS = [
    schemathesis.checks.not_a_server_error, schemathesis.checks.response_schema_conformance,
    schemathesis.checks.status_code_conformance, schemathesis.checks.content_type_conformance,
]  # fmt: skip


NEEDS_A_WORKER = (
    "POST /v1/audio/speech",
    "POST /v1/audio/speech/captions",
    "GET /api/voice/voices/{voice_id}/preview",
    "GET /voices/{voice_id}/preview",
)


def tried(app: FastAPI, examples: int, known: dict[str, str], labels: tuple[str, ...] = ()) -> None:
    """Operations with `examples` generated requests each, right and wrong ones; half of them ask about things that
    are there (`known`)."""
    found = schemathesis.openapi.from_asgi("/api/openapi.json", app, headers={"Host": "127.0.0.1"})
    tested, broken = 0, []
    for each in found.get_all_operations():
        operation = each.ok()
        if operation.path.endswith("/events") or (operation.label in NEEDS_A_WORKER) != bool(labels):
            continue  # a stream ends with its job: test_jobs.py
        tested += 1
        try:
            requests_of(operation, examples if takes_anything(operation) else 1, known)()
        except Exception as error:
            broken.append(f"{operation.label}\n{error!r}"[:1500])
    assert not broken, "\n\n".join(broken)
    assert tested == len(labels) or tested > 70


def takes_anything(operation: Any) -> bool:
    """Where nothing can be sent, every generated request is the same one."""
    kinds = (operation.path_parameters, operation.query, operation.headers, operation.cookies, operation.body)
    return any(len(list(kind)) for kind in kinds)


def requests_of(operation: Any, examples: int, known: dict[str, str]) -> Any:
    modes = schemathesis.GenerationMode

    @seed(20261121)
    @settings(
        max_examples=examples, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(data=st.data())
    def requests(data: st.DataObject) -> None:
        mode = data.draw(st.sampled_from([modes.POSITIVE, modes.NEGATIVE]))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        case.query.pop("wait", None)
        if data.draw(st.booleans()):
            case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
        case.call_and_validate(checks=CHECKS, base_url="http://127.0.0.1")

    return requests


@pytest.fixture
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """Without a worker: what is asked for is written down and stays so."""
    app = made(tmp_path_factory)
    yield app
    app.state.studio.close()


def things(studio: Studio, tone: Path) -> dict[str, str]:
    asset, _ = studio.importing.bring_in(LOCAL, tone)
    project = studio.projects.create(LOCAL, "Known", document(tracks=[]))
    job = studio.voice.speak(LOCAL, text="Known.")
    return {"asset_id": asset.id, "project_id": project.id, "job_id": job.id, "file": asset.id, "version": "1",
            "voice_id": "espeak:fr", "model": "tts-1"}  # fmt: skip


def test_no_generated_request_breaks_the_studio(idle: FastAPI, tone: Path) -> None:
    tried(idle, 3, things(idle.state.studio, tone))


@pytest.mark.long
@pytest.mark.timeout(3000)
def test_many_generated_requests_do_not_break_the_studio(idle: FastAPI, tone: Path) -> None:
    tried(idle, 120, things(idle.state.studio, tone))


def test_generated_requests_to_what_answers_with_sound(app: FastAPI, studio: Studio, tone: Path) -> None:
    tried(app, 5, things(studio, tone), NEEDS_A_WORKER)
