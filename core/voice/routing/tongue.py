"""Which languages a voice speaks, and how one of them is asked for.

A voice of one language speaks that. An engine with the capability `language` is told by a code; some of its models find
the language out by themselves and cannot be told: they are not asked for another than the voice is listed with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol, runtime_checkable

from core.kit.errors import UserError
from core.kit.paths import reference
from core.voice.engine import SpeechEngine
from core.voice.languages import base, language_facts, name_of, own_code
from core.voice.types import Voice

_SHOWN = 12


@runtime_checkable
class Polyglot(Protocol):
    """A speech engine whose models differ in whether they can be told the language."""

    def tells(self, model: str) -> bool: ...


def written() -> tuple[str, ...]:
    """Every language the studio has something written down of."""
    languages: Mapping[str, Any] = reference("voices/languages")["languages"]
    return tuple(dict.fromkeys(base(code) for code in languages))


def tellable(engine: SpeechEngine, model: str = "") -> tuple[str, ...]:
    """Languages a voice of the engine can be told to speak with this model; empty where there is no such control."""
    if "language" not in engine.info.capabilities:
        return ()
    if isinstance(engine, Polyglot) and not engine.tells(model or engine.default_model):
        return ()
    return written()


def listed(voice: Voice) -> frozenset[str]:
    """Those it is known to speak without being told."""
    own = {base(voice.language)} if voice.language else set()
    return frozenset(own | {base(str(code)) for code in voice.engine.get("languages", ()) if code})


def speaks(voice: Voice, engine: SpeechEngine, code: str, model: str = "") -> bool:
    return base(code) in listed(voice) or base(code) in tellable(engine, model)


def speaking(voice: Voice, engine: SpeechEngine, code: str, model: str = "") -> Voice:
    """The voice, speaking this language. UserError where it does not, or cannot be told."""
    wanted, own = code.strip().lower().replace("_", "-"), voice.language.lower()
    able = tellable(engine, model)
    if base(wanted) in able:
        return _in(voice, wanted, told=True)
    if base(wanted) == base(own) and ("-" not in wanted or own in ("", base(own), wanted)):
        return voice
    if base(wanted) in listed(voice) and base(wanted) != base(own):
        return _in(voice, wanted, told=False)
    if base(wanted) not in written() and not language_facts(wanted):
        raise UserError(
            f"There is no language {code[:20]!r} here.", f"Give a code such as {_some(written())}.", "no_language"
        )
    raise UserError(
        f"{voice.name} does not speak {name_of(wanted)}{_accent(wanted, own)}.", _remedy(voice, engine, model, wanted),
        "no_language",
    )  # fmt: skip


def _in(voice: Voice, wanted: str, *, told: bool) -> Voice:
    first = base(wanted)
    return replace(
        voice, language=wanted if language_facts(wanted) and "-" in wanted else own_code(first), language_name=name_of(first),
        engine={**voice.engine, **({"language": first} if told else {})},
    )  # fmt: skip


def _accent(wanted: str, own: str) -> str:
    return f" as {wanted}, but as {own}" if base(wanted) == base(own) else ""


def _remedy(voice: Voice, engine: SpeechEngine, model: str, wanted: str) -> str:
    if isinstance(engine, Polyglot) and "language" in engine.info.capabilities:
        able = [name for name in engine.info.models if engine.tells(name)]
        if able:
            chosen = model or engine.default_model
            return f"{chosen} cannot be told a language. Choose the model {' or '.join(able)}, or another voice."
    return f"It speaks {name_of(voice.language or 'en')}. Choose a voice of {name_of(wanted)}, or leave language out."


def _some(codes: tuple[str, ...]) -> str:
    return ", ".join(codes[:_SHOWN])
