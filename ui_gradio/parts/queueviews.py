"""The Queue page's four views: what is under way, what is planned, what happens by itself, what was. Each part is there all the time; one shows."""

from __future__ import annotations

import gradio as gr

from ui_gradio.parts import part


def queueviews() -> gr.HTML:
    return part(
        """<div class="fs qviews" role="tablist" aria-label="Queue"><button type="button" role="tab" data-v="now" aria-selected="true" aria-pressed="true">Now</button>
<button type="button" role="tab" data-v="schedules" aria-selected="false" aria-pressed="false">Schedules</button>
<button type="button" role="tab" data-v="automation" aria-selected="false" aria-pressed="false">Automation</button>
<button type="button" role="tab" data-v="history" aria-selected="false" aria-pressed="false">History</button></div>""",
        script="queueviews", elem_id="queueviews",
    )  # fmt: skip
