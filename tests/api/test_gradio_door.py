"""gradio_client does the same jobs through the page's named endpoints."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from gradio_client import Client
from gradio_client.exceptions import AppError

from core.app import Studio
from core.kit.actor import LOCAL
from ui_gradio.app import build


@pytest.fixture(scope="module")
def page(studio: Studio) -> Iterator[Client]:
    running = uvicorn.Server(uvicorn.Config(build(studio), host="127.0.0.1", port=0, log_level="critical"))
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    until = time.monotonic() + 60
    while not running.started:
        assert time.monotonic() < until, "the page did not start"
        time.sleep(0.02)
    port = running.servers[0].sockets[0].getsockname()[1]
    yield Client(f"http://127.0.0.1:{port}", verbose=False)
    running.should_exit = True
    thread.join(timeout=10)


def test_the_doors_are_named(page: Client) -> None:
    named = page.view_api(return_format="dict", print_info=False)["named_endpoints"]  # type: ignore[index,call-overload]
    assert {"/speak", "/music", "/mix", "/analyse"} <= set(named)


def test_speech_music_mix_and_report_come_back_as_assets(page: Client, studio: Studio) -> None:
    voice = page.predict("Good evening.", "Adam", api_name="/speak")
    assert voice["status"] == "done"
    assert voice["cost_usd"] == "0"
    spoken = studio.library.get(LOCAL, voice["assets"][0]["id"])
    assert spoken.generation_config["voice"] == "espeak:en-us+m3"
    music = page.predict("calm piano", 4, 7, api_name="/music")
    mix = page.predict([spoken.id], music["assets"][0]["id"], api_name="/mix")
    assert studio.library.get(LOCAL, mix["assets"][0]["id"]).kind == "mix"
    found = page.predict(mix["assets"][0]["id"], api_name="/analyse")
    assert found["report"]["lufs"] == pytest.approx(-14, abs=1.5)


def test_what_cannot_work_is_said_in_words(page: Client) -> None:
    with pytest.raises(AppError, match="nobody"):
        page.predict("Hello.", "nobody", api_name="/speak")
    with pytest.raises(AppError, match="asset_none"):
        page.predict("asset_none", api_name="/analyse")
