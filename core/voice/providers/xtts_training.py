"""Learning a voice for XTTS-v2: latents, once, on this machine; they are the voice's own file and are deleted with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.kit.errors import SetupError
from core.providers.base import Call, Made, Output, ProviderInfo, Units
from core.voice.cloning.engine import KIND, PROFILE, Lesson
from core.voice.languages import language_facts
from core.voice.matching.comparing import Compared, Comparing, compare
from core.voice.matching.likeness import Distance
from core.voice.providers.coqui_process import OPTIONAL_SET, SECONDS_PER_CHARACTER, XTTS, CoquiProcess
from core.voice.providers.matching_training import MEASURES, characteristics_fact
from core.voice.providers.xtts import LICENCE, MODEL
from core.voice.providers.xtts_encoder import NAME
from core.voice.providers.xtts_learning import Learned, LearnRequest, learn
from core.voice.providers.xtts_voices import DEFAULT, check_readable, spoken

LABEL = "Cloned by XTTS-v2"
_LEARNING_S = 300.0
_MEASURING_S = 600.0


class XttsTraining:
    info = ProviderInfo(
        name=XTTS, title="XTTS-v2 (no commercial use)", kind=KIND, resource="cpu", models=(MODEL,), optional_set=OPTIONAL_SET,
        licence=LICENCE, idempotent=True,
    )  # fmt: skip

    def __init__(self, process: CoquiProcess) -> None:
        self.process = process

    def lacks(self) -> SetupError | None:
        return self.process.lacks()

    def about(self) -> str:
        return "learns on this machine"

    def maximum(self, request: Lesson) -> Units:
        return {}

    def make(self, request: Lesson, call: Call) -> Made:
        folder = self.process.weights()
        language = spoken(request.language or DEFAULT)
        check_readable(language)
        text = str(language_facts(language.id).get("sample") or language_facts(DEFAULT)["sample"])
        paths = tuple(Path(path) for path in request.recordings)
        asked = LearnRequest(
            paths, text, language, folder, self.process.fingerprint(), self.process.device, self.process.threads,
            call.folder / "latents.npz",
        )  # fmt: skip
        try:
            learned: Learned = self.process.run(learn, asked, call, _LEARNING_S + len(text) * SECONDS_PER_CHARACTER)
            against = paths[-1:] if learned.held_back else paths
            compared: Compared = call.children.run(
                compare, Comparing(paths, against, asked.sample), cancelled=call.cancelled, timeout_s=_MEASURING_S,
                progress=lambda stage, share: call.progress(stage, 0.9 + 0.1 * share),
            )  # fmt: skip
        except BaseException:
            asked.out.unlink(missing_ok=True)
            raise
        finally:
            asked.sample.unlink(missing_ok=True)
        about = compared.characteristics
        facts = {
            "characteristics": characteristics_fact(about) if about else {},
            "quality_score": round(compared.away.score, 3) if compared.away else None,
            "likeness": _likeness(learned, compared),
        }  # fmt: skip
        return Made((Output(PROFILE, asked.out, KIND),), facts=facts)


def _likeness(learned: Learned, compared: Compared) -> dict[str, Any]:
    basis = (
        "Measured against a recording kept out of the training."
        if learned.held_back
        else "Measured against the training recordings themselves, so it flatters: add another one."
    )
    return {
        "label": LABEL, "said": f"{LABEL}. {basis}", "measures": _measures(compared.away), "measured_s": compared.measured_s,
        "similarity": {"encoder": NAME, "after": learned.similarity},
    }  # fmt: skip


def _measures(away: Distance | None) -> list[dict[str, Any]]:
    found = [] if away is None else [(name, unit, getattr(away, field)) for field, name, unit in MEASURES]
    return [{"name": name, "unit": unit, "after": abs(value)} for name, unit, value in found if value is not None]
