"""A training that was interrupted, as it lies on the disk after each epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

NAME = "training.pt"


@dataclass(frozen=True)
class Held:
    """How far it came."""

    losses: tuple[float, ...] = ()
    held_out: tuple[float, ...] = ()

    @property
    def best_epoch(self) -> int:
        """From 1; 0 before the first."""
        return 1 + self.held_out.index(min(self.held_out)) if self.held_out else 0

    def after(self, loss: float, guessed: float) -> Held:
        return replace(self, losses=(*self.losses, loss), held_out=(*self.held_out, guessed))


def hold(folder: Path, mark: str, pairs: Mapping[str, tuple[Any, Any]], optimiser: Any, held: Held) -> None:
    import torch

    part = folder / f"{NAME}.part"
    torch.save(
        {
            "mark": mark, "pairs": {name: [each.detach() for each in pair] for name, pair in pairs.items()},
            "optimiser": optimiser.state_dict(), "losses": list(held.losses), "held_out": list(held.held_out),
        },
        part,
    )  # fmt: skip
    part.replace(folder / NAME)


def take_up(folder: Path, mark: str, pairs: Mapping[str, tuple[Any, Any]], optimiser: Any) -> Held | None:
    """Where the same training stopped, put into `pairs` and `optimiser`; None where there is none, or it cannot be read."""
    import torch

    try:
        state = torch.load(folder / NAME, map_location="cpu", weights_only=True)
        if state["mark"] != mark or set(state["pairs"]) != set(pairs):
            return None
        held = Held(tuple(state["losses"]), tuple(state["held_out"]))
        with torch.no_grad():
            for name, pair in pairs.items():
                for each, stored in zip(pair, state["pairs"][name], strict=True):
                    each.copy_(stored)
        optimiser.load_state_dict(state["optimiser"])
        return held
    except Exception:
        return None
