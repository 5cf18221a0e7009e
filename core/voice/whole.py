"""Speaking a script with the embedded engine, which reads it with its markup in one go."""

from __future__ import annotations

from core.jobs.registry import Product
from core.jobs.work import Work
from core.rights import licences
from core.voice.pieces import KIND
from core.voice.types import SpeechRequest, Voice


def whole(work: Work, request: SpeechRequest, voice: Voice, title: str, ignored: list[str]) -> Product:
    """`ignored`: settings that were given and that the engine does not obey."""
    bought = work.buy(KIND, request, provider=voice.provider)
    config = {
        "provider": bought.provider, "model": bought.model, "voice": voice.id, "voice_name": voice.name,
        "language": voice.language, "text": request.text,
        "settings": request.model_dump(mode="json", exclude={"text", "voice", "name", "draft"}),
        "seed": request.seed, "ignored": ignored,
    } | dict(bought.made.facts)  # fmt: skip
    return Product(
        outputs=bought.made.outputs,
        name=request.name or title,
        source="tts",
        config=config,
        licence=licences.record(bought.licence),
        draft=request.draft,
        provider=bought.provider,
    )
