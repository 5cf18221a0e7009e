"""A sound preset on what a speech job made, whichever engine spoke: the last step before it is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from core.audio.voicing.polish import Polished, PolishRequest, polish
from core.audio.voicing.presets import preset
from core.audio.voicing.shifting import shifted
from core.jobs.registry import Product
from core.jobs.work import Work
from core.kit.children import Children
from core.kit.errors import Cancelled, StudioError
from core.providers.base import Output

_TIMEOUT_S = 3600.0


def sounded(work: Work, product: Product, name: str, children: Children) -> Product:
    """With the preset `name` on its primary output; "" leaves it as it is. Captions and sections move with the room tone
    that a preset puts before the first word."""
    if not name:
        return product
    chosen = preset(name)
    primary = next(output for output in product.outputs if output.role == "primary")
    out = work.folder / "sounded.wav"
    try:
        done: Polished = children.run(
            polish, PolishRequest(primary.path, out, chosen.name), cancelled=work.cancelled,
            progress=lambda stage, fraction: work.progress(stage, 0.95 + 0.05 * fraction), timeout_s=_TIMEOUT_S,
        )  # fmt: skip
    except Cancelled:
        raise
    except StudioError as error:
        # What was spoken, and perhaps paid for, is kept without it; why is told with the piece.
        return replace(
            product, config=dict(product.config) | {"sound": {"preset": chosen.name, "failed": error.message}}
        )
    outputs = tuple(
        replace(output, path=out, facts=dict(output.facts) | done.facts)
        if output is primary
        else _moved(work, output, done)
        for output in product.outputs
    )
    config = dict(product.config)
    config["sound"] = done.as_dict(chosen.name)
    if "sections" in config:
        config["sections"] = [_later(section, done.shift_s) for section in config["sections"]]
    return replace(product, outputs=outputs, config=config)


def _later(section: dict[str, Any], seconds: float) -> dict[str, Any]:
    return section | {"start_s": round(max(0.0, float(section["start_s"]) + seconds), 3)}


def _moved(work: Work, output: Output, done: Polished) -> Output:
    if output.kind != "captions":
        return output
    path = work.folder / f"sounded{output.path.suffix}"
    text = output.path.read_text(encoding="utf-8")
    moved = shifted(text, output.path.suffix.lstrip("."), done.shift_s, done.after.duration_s)
    path.write_text(moved, encoding="utf-8")
    return replace(output, path=path, facts=dict(output.facts) | {"duration_s": round(done.after.duration_s, 4)})
