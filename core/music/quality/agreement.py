"""Does the piece sound like its prompt? Asked of CLAP, a model that hears and reads, where somebody has it on the machine.

What a cosine of 0.2 means differs from one checkpoint to another, so the prompt competes: the part's score is the share of
other descriptions (data/reference/music/quality.yaml) that fit the sound less well than the prompt does.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from core.kit.children import Children, Kept
from core.kit.errors import Cancelled, SetupError, StudioError
from core.models.catalogue import Weights, find
from core.models.shelf import Shelf
from core.music.quality.clap import Hearing, Question, answer
from core.music.quality.rules import part, rule, total, unmeasured
from core.music.quality.types import Part, Score

MODEL = "clap"
OPTIONAL_SET = "requirements-musicgen.txt"
_TIMEOUT_S = 300.0


@dataclass(frozen=True)
class Agreement:
    models: Path
    """The folder of all weights (Settings.models)."""
    device: str = "auto"
    threads: int = 0
    idle_minutes: float = 10.0

    @property
    def _weights(self) -> Weights:
        return find(MODEL)

    @property
    def kept(self) -> Kept:
        """The child that has the model."""
        return Kept(MODEL, self.idle_minutes * 60, self.threads or os.cpu_count() or 1)

    def lacks(self) -> SetupError | None:
        if any(find_spec(module) is None for module in ("torch", "transformers")):
            return SetupError(
                "torch and transformers are not installed.",
                f"Run: pip install -r {OPTIONAL_SET} (without them a prompt is not compared with the sound)",
                "not_installed",
            )
        try:
            Shelf(self.models).ready(self._weights)
        except SetupError as error:
            return error
        return None

    def part(
        self, children: Children, path: str | Path, prompt: str, cancelled: Callable[[], bool] | None = None
    ) -> Part:
        """What cannot be asked becomes a part that says why: a score is not lost for it. Cancelled goes through."""
        if not prompt.strip():
            return unmeasured(MODEL_PART, "There was no prompt.")
        missing = self.lacks()
        if missing is not None:
            return unmeasured(MODEL_PART, f"No text-audio model is installed: {missing.message} {missing.hint}")
        others = tuple(rule(MODEL_PART)["others"])
        question = Question(
            Shelf(self.models).place(self._weights), Path(path).absolute(), prompt.strip(), others, self.device,
            self.kept.threads,
        )  # fmt: skip
        try:
            heard = children.run(answer, question, cancelled=cancelled, timeout_s=_TIMEOUT_S, kept=self.kept)
        except Cancelled:
            raise
        except StudioError as error:
            return unmeasured(MODEL_PART, f"The text-audio model gave no answer: {error.message}")
        assert isinstance(heard, Hearing)
        return told(heard)


MODEL_PART = "agreement"


def told(heard: Hearing) -> Part:
    below = sum(each < heard.prompt for each in heard.others)
    if not heard.others:
        return unmeasured(MODEL_PART, "The prompt says the same as every description it could be held against.")
    count = len(heard.others)
    note = f"The sound fits the prompt better than {below} of {count} other descriptions."
    return part(MODEL_PART, round(heard.prompt, 3), "better than other descriptions", below / count, note)


def with_agreement(score: Score, agreed: Part) -> Score:
    """The score with this part in the place of the one that said nothing was compared."""
    return total(tuple(agreed if each.name == MODEL_PART else each for each in score.parts))
