"""A music job: found in the library, or bought and measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from core.calls.asking import Bought
from core.jobs.registry import Product
from core.jobs.work import Work
from core.kit.children import Children
from core.kit.errors import StudioError
from core.money.allowance import Plans
from core.music import reuse
from core.music.engine import KIND, ignored
from core.music.engines import Engines
from core.music.material import Source, found_material
from core.music.quality.agreement import Agreement
from core.music.trying import Try, best_try
from core.music.types import MusicRequest
from core.rights import licences
from core.rights.gate import OWN
from core.store import charges, styles, suggestions, template_uses
from core.store.store import Store

PROVIDER, ENGINES, ROUTE, DRAWN, QUALITY = "provider", "engines", "route", "seed_drawn", "quality"
HEAR = "hear"
"""Somebody wants to hear it while it is made."""
BESIDE = (PROVIDER, ENGINES, ROUTE, DRAWN, QUALITY, HEAR, template_uses.KEY, suggestions.KEY)
"""What a job's request holds that is no MusicRequest's."""
_BEHIND = (template_uses.KEY, suggestions.KEY)
"""What a piece says of how it came about."""
_HAD = "had"


@dataclass(frozen=True)
class Making:
    store: Store
    engines: Engines
    plans: Plans
    children: Children
    agreement: Agreement

    def run(self, work: Work) -> Product:
        data = dict(work.job.request)
        beside = {name: data.pop(name) for name in BESIDE if name in data}
        request = MusicRequest.model_validate(data)
        provider, names = beside.get(PROVIDER), tuple(beside.get(ENGINES, ()))
        first = provider or (names[0] if names else None)
        if first is not None and (product := self._had(work, request, first, beside)) is not None:
            return product
        material, sources = found_material(self.store, work.actor, request)
        material = replace(material, aloud=bool(beside.get(HEAR)))
        engine_model = request.model or (self.engines.get(first).default_model if first else "default")

        def buy(wanted: MusicRequest, step: str, share: tuple[float, float], seeds: tuple[int, ...]) -> Bought:
            # A later try is by whoever made the first: another engine's would be another piece.
            only = made_by or ((None, names) if names else (provider, ()))
            bought = work.buy(
                KIND, wanted.model_copy(update={"material": replace(material, seeds=seeds)}), provider=only[0], engines=only[1], step=step,
                model=engine_model, share=share,
            )  # fmt: skip
            made_by[:] = [bought.provider, ()]
            return bought

        made_by: list[Any] = []
        kept, quality = best_try(work, request, buy, self.children, self.agreement)
        return self._product(work, kept, quality, beside, sources)

    def _product(
        self, work: Work, kept: Try, quality: Mapping[str, Any], beside: Mapping[str, Any], sources: tuple[Source, ...]
    ) -> Product:  # fmt: skip
        request, bought = kept.request, kept.bought
        info = self.engines.get(bought.provider).info
        model = bought.model
        primary = kept.outputs[0]
        if info.paid and not request.draft:
            mark = reuse.made_as(info, model, request)
            primary = replace(primary, facts={**primary.facts, "made_as": mark})
        unheard = ignored(info, request)
        config = {
            "provider": bought.provider, "model": model, "prompt": request.prompt, "seed": request.seed,
            "settings": request.model_dump(mode="json", exclude={"prompt", "name", "draft", "seed"}, exclude_defaults=False),
            **({"ignored": list(unheard)} if unheard else {}), **dict(beside.get(ROUTE) or {}),
        } | dict(bought.made.facts) | dict(quality)  # fmt: skip
        own = licences.record(self._licence(bought))
        # What a style was measured on is asked at the gate beside the piece; it is in the piece as little as a teacher is.
        inside = [each.licence for each in sources if each.role != styles.SOURCE_ROLE]
        licence = licences.combined([own, *inside]) | {OWN: own} if inside else own
        config |= _behind(beside)
        return Product(
            outputs=(primary, *kept.outputs[1:]),
            name=request.name or request.prompt[:60] or work.job.title,
            source="ai_music",
            config=config,
            licence=licence,
            sources=tuple((each.asset_id, each.role) for each in sources),
            draft=request.draft,
            provider=bought.provider,
        )

    def _licence(self, bought: Bought) -> str:
        info = self.engines.get(bought.provider).info
        if not info.licence_on_plan:
            return bought.licence
        with self.store.db.read() as connection:
            charge = charges.by_attempt(connection, bought.attempt_id)
        # As it stood when it was bought: a later plan does not clear what was made before it.
        on_plan = charge is not None and self.plans.bought_commercially(charge)
        return info.licence_on_plan if on_plan else info.licence

    def _had(self, work: Work, request: MusicRequest, provider: str, beside: Mapping[str, Any]) -> Product | None:
        """The same from the library, if it was bought before and nothing was begun for this job yet."""
        info = self.engines.get(provider).info
        if not info.paid or request.fresh or request.draft or work.begun():
            return None
        model = request.model or self.engines.get(provider).default_model
        seed = None if beside.get(DRAWN) else request.seed
        found = reuse.find(self.store, work.actor, reuse.made_as(info, model, request), seed)
        if not found:
            return None
        piece = found[0]
        _, sources = found_material(self.store, work.actor, request, files=False)
        saved = self._saved(provider, request)
        note = f"had already: {piece.id}"
        work.had(KIND, request, provider=provider, model=model, note=note, step=_HAD)
        config = {name: value for name, value in piece.generation_config.items() if name not in _BEHIND}
        return Product(
            outputs=reuse.outputs(self.store, found, work.folder),
            name=request.name or piece.name,
            source="ai_music",
            config=config | {"reused": piece.id} | _behind(beside),
            licence=piece.licence,
            sources=tuple((each.asset_id, each.role) for each in sources),
            answer={"reused": {"asset_id": piece.id, "name": piece.name, "saved_usd": f"{saved:f}"}},
            provider=provider,
        )

    def _saved(self, provider: str, request: MusicRequest) -> Decimal:
        """What it would have cost now."""
        try:
            return self.engines.quote(provider, request).usd
        except StudioError:
            return Decimal(0)


def _behind(beside: Mapping[str, Any]) -> dict[str, Any]:
    return {name: beside[name] for name in _BEHIND if beside.get(name)}
