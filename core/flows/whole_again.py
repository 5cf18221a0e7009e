"""A speech made whole again from itself and the takes chosen for its passages: sound, captions, sections, lineage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.jobs.registry import Product
from core.jobs.work import Work
from core.kit.actor import Actor
from core.kit.children import Children
from core.kit.errors import UserError
from core.providers.base import Output
from core.rights import licences
from core.store import assets, takes
from core.store.assets import Asset
from core.store.store import Store
from core.voice import captions
from core.voice.retakes import sheet
from core.voice.retakes.merging import Replaced, merged, script, sections
from core.voice.retakes.splicing import Splice, Spliced, SpliceRequest, splice

KIND = "assembly"
_STALE = ("quality", "sound", "take", "requests", "failovers", "silent_pieces", "polish", "preset")
"""Of the original's config: measured on its own sound, or of its own making."""


class Assembly:
    def __init__(self, store: Store, children: Children) -> None:
        self._store = store
        self._children = children

    def run(self, work: Work) -> Product:
        request = work.job.request
        with work.store.db.read() as connection:
            original = assets.get(connection, work.actor, str(request["original"]))
            known = {each.asset_id: each for each in takes.of(connection, work.actor, original.id)}
            gone = [take_id for take_id in request["takes"] if take_id not in known]
            if gone:
                raise UserError(
                    f"{len(gone)} of the chosen takes {'was' if len(gone) == 1 else 'were'} deleted meanwhile.",
                    "Choose again, then make the file anew.", "gone",
                )  # fmt: skip
            chosen = sorted((known[take_id] for take_id in request["takes"]), key=lambda each: each.first)
            sounds = [assets.get(connection, work.actor, each.asset_id) for each in chosen]
        words, measured, found = self._read(work.actor, original)
        replaced: list[Replaced] = []
        splices: list[Splice] = []
        for take, sound in zip(chosen, sounds, strict=True):
            place = sheet.passage(found, take.first, take.past)
            said, trusted, _ = self._read(work.actor, sound, parse=False)
            measured = measured and trusted
            text = str(original.generation_config["text"])
            replaced.append(Replaced(take.first, take.past, take.words or text[take.first : take.past], tuple(said)))
            path = self._store.blobs.path(sound.sha256)
            splices.append(Splice(place.start_s, place.end_s, place.before_s, place.after_s, path))
        out = work.folder / "retaken.wav"
        base = self._store.blobs.path(original.sha256)
        done: Spliced = self._children.run(
            splice, SpliceRequest(base, tuple(splices), out), cancelled=work.cancelled, progress=work.progress,
            timeout_s=120 + (original.duration_s or 0.0),
        )  # fmt: skip
        config = self._config(original, chosen, sounds, replaced, done)
        spoken = merged(words, replaced, done.laid)
        outputs = [Output("primary", out, "voiceover", done.facts)]
        outputs += captions.files(work.folder, spoken, str(config["language"]), done.duration_s, by_word=measured)
        made = [original, *sounds]
        return Product(
            outputs=tuple(outputs), name=str(request["name"]),
            source="cloned" if any(each.source == "cloned" for each in made) else original.source, config=config,
            licence=licences.combined([each.licence for each in made]),
            sources=((original.id, "original"), *((each.id, f"take:{n}") for n, each in enumerate(sounds, 1))),
            provider=str(config.get("provider", "")),
        )  # fmt: skip

    def captions_of(self, actor: Actor, asset: Asset) -> Path | None:
        with self._store.db.read() as connection:
            beside = assets.of_job(connection, asset.job_id or "", actor)
        found = next((each for each in beside if each.role == "captions" and each.deleted_at is None), None)
        return None if found is None else self._store.blobs.path(found.sha256)

    def _read(self, actor: Actor, asset: Asset, *, parse: bool = True) -> tuple[list[Any], bool, list[sheet.Passage]]:
        path = self.captions_of(actor, asset)
        if path is None:
            raise UserError(
                f"The captions of “{asset.name}” were deleted: nothing tells where its words stand.",
                "Restore them from the bin, or choose another take.", "no_captions",
            )  # fmt: skip
        words, measured = captions.read(path)
        found = sheet.sentences(asset.generation_config, words, asset.duration_s or 0.0) if parse else []
        return words, measured, found

    def _config(
        self, original: Asset, chosen: list[takes.Take], sounds: list[Asset], replaced: list[Replaced], done: Spliced
    ) -> dict[str, Any]:
        told = {name: value for name, value in original.generation_config.items() if name not in _STALE}
        rows = [
            {
                "take": sound.id, "number": take.number, "label": take.label, "start_s": round(place.at_s, 3),
                "end_s": round(place.at_s + place.length_s, 3), "gain_db": place.gain_db,
                "provider": sound.generation_config.get("provider", ""), "voice": sound.generation_config.get("voice", ""),
            }
            for take, sound, place in zip(chosen, sounds, done.laid, strict=True)
        ]  # fmt: skip
        return told | {
            "text": script(str(told["text"]), replaced), "sections": sections(told.get("sections", ()), done.laid),
            "retaken": {"of": original.id, "passages": rows},
        }  # fmt: skip
