"""The demos: each a page of its own on the same core, used in a real browser."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.ports import free_port
from tests.video.films import MONTAGE

SLOW_MS = 120_000


@pytest.fixture(params=["speak", "compose", "clone", "score"])
def demo(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, str]]:
    port = free_port()
    plain = {name: value for name, value in os.environ.items() if not name.startswith("STUDIO_")}
    own = {"STUDIO_HOME": str(tmp_path / "home"), "STUDIO_PORT": str(port)}
    program = subprocess.Popen([sys.executable, "-m", f"ui_gradio.demos.{request.param}"], env=plain | own)
    url = f"http://127.0.0.1:{port}"
    until = time.monotonic() + 180
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            break
        except OSError:
            assert program.poll() is None, "the demo left"
            assert time.monotonic() < until, "the demo did not come up"
            time.sleep(0.2)
    yield request.param, url
    program.terminate()
    program.wait(timeout=60)


@pytest.fixture
def page(chromium: str) -> Iterator[Page]:
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"]) as browser,
    ):
        yield browser.new_page()


def test_a_demo_does_its_one_thing(demo: tuple[str, str], page: Page, tmp_path: Path) -> None:
    name, url = demo
    page.goto(url)
    if name == "clone":
        page.get_by_role("button", name="Clone and speak").click()
        expect(page.get_by_text("There is no recording.")).to_be_visible(timeout=SLOW_MS)
        recording = tmp_path / "grace.wav"
        subprocess.run(
            [sys.executable, "-c", "from core.cli.main import main; main()", "speak", "--voice", "Grace", "--out", str(recording),
             "The harbour wakes before the town does. A rope creaks, a gull complains, and the first boat slides out."],
            check=True, env=dict(os.environ) | {"STUDIO_HOME": str(tmp_path / "other")}, timeout=180,
        )  # fmt: skip
        page.locator("input[type=file]").first.set_input_files(recording)
        page.get_by_label("Who speaks in it").fill("The studio's own Grace")
        page.get_by_role("button", name="Clone and speak").click()
        expect(page.get_by_text("Nobody's voice is learned unasked.")).to_be_visible(timeout=SLOW_MS)
        page.get_by_label("The speaker agrees").check()
    if name == "score":
        page.get_by_role("button", name="Score").click()
        expect(page.get_by_text("There is no film.")).to_be_visible(timeout=SLOW_MS)
        page.locator("input[type=file]").first.set_input_files(MONTAGE)
        expect(page.get_by_text(MONTAGE.stem[:8]).first).to_be_visible(timeout=SLOW_MS)
        page.get_by_label("One piece").check()
    if name == "compose":
        page.get_by_label("Seconds").first.fill("6")
    page.get_by_role(
        "button", name={"speak": "Speak", "compose": "Compose", "clone": "Clone and speak", "score": "Score"}[name]
    ).click()
    expect(page.get_by_text(" s · $0.00 · ")).to_be_visible(timeout=SLOW_MS)
    if name == "score":
        film = page.locator("video")
        expect(film).to_have_js_property("readyState", 4, timeout=SLOW_MS)
        assert film.evaluate("each => each.duration") > 15
        expect(page.get_by_role("link", name="Cue sheet")).to_be_visible()
