"""A trained style as it lies in a file, and how MusicGen's decoder wears it: beside each attention projection a narrow
pair of matrices whose product is added to what the projection says. The weights themselves are never touched, so that
what was put on comes off without a trace.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.kit.errors import SetupError

NAME = "adapter.safetensors"
_FACTS = "studio"
"""Their place in the file's own header."""
PROJECTIONS = ("q_proj", "k_proj", "v_proj", "out_proj")


@dataclass(frozen=True)
class Facts:
    """In the header of the file, for people and for the check whether it fits."""

    model: str
    """Of musicgen_sizes, that it was trained on."""
    rank: int
    alpha: float
    width: int
    """Of the decoder."""
    trained: Mapping[str, Any] = field(default_factory=dict)
    """Epochs, losses, seed."""

    @property
    def scale(self) -> float:
        return self.alpha / self.rank


def places(decoder: Any) -> dict[str, Any]:
    """The projections of the decoder's attention, by name, in the order of the model."""
    return {name: module for name, module in decoder.named_modules() if name.rpartition(".")[2] in PROJECTIONS}


def save(file: Path, pairs: Mapping[str, tuple[Any, Any]], facts: Facts) -> None:
    from safetensors.torch import save_file

    file.parent.mkdir(parents=True, exist_ok=True)
    tensors = {f"{name}.{side}": each.detach().float().cpu().contiguous() for name, pair in pairs.items()
               for side, each in zip(("down", "up"), pair, strict=True)}  # fmt: skip
    part = file.with_name(f"{file.name}.part")
    save_file(tensors, part, metadata={_FACTS: json.dumps(asdict(facts))})
    part.replace(file)


def read(file: Path) -> tuple[dict[str, tuple[Any, Any]], Facts]:
    """SetupError for what is no trained style."""
    from safetensors import safe_open

    try:
        with safe_open(file, framework="pt") as opened:
            facts = Facts(**json.loads(opened.metadata()[_FACTS]))
            tensors = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        names = sorted({name.rpartition(".")[0] for name in tensors})
        return {name: (tensors[f"{name}.down"], tensors[f"{name}.up"]) for name in names}, facts
    except Exception as error:
        said = " ".join(str(error).split())[:120] or type(error).__name__
        raise SetupError(
            f"The trained style {file.name[:20]} cannot be read ({said.rstrip('.')}).",
            "Train it again.",
            "style_unusable",
        ) from None


@contextmanager
def worn(decoder: Any, file: Path, device: str) -> Iterator[None]:
    """The decoder speaks in this style until the block ends. SetupError where it was trained on another model."""
    pairs, facts = read(file)
    found = places(decoder)
    if set(pairs) != set(found) or facts.width != int(decoder.config.hidden_size):
        raise SetupError(
            f"This style was trained on MusicGen's model {facts.model}, which is not the one asked for.",
            f"Choose the model {facts.model}, or train the style on this one.", "other_weights",
        )  # fmt: skip
    dtype = next(decoder.model.decoder.layer_norm.parameters()).dtype
    here = {name: (down.to(device, dtype), up.to(device, dtype)) for name, (down, up) in pairs.items()}
    with put_on(found, here, facts.scale):
        yield


@contextmanager
def put_on(found: Mapping[str, Any], pairs: Mapping[str, tuple[Any, Any]], scale: float) -> Iterator[None]:
    hooks = [module.register_forward_hook(_adding(*pairs[name], scale)) for name, module in found.items()]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _adding(down: Any, up: Any, scale: float) -> Any:
    def add(_: Any, given: tuple[Any, ...], said: Any) -> Any:
        return said + ((given[0].to(down.dtype) @ down.T) @ up.T * scale).to(said.dtype)

    return add
