"""What an export's content credentials say about its making: a C2PA manifest out of the asset and its lineage.

They travel with a published file, so they name engines, hashes, licences and the titles of parts, and never a user, a
path, a price or the words that were spoken: of those only the hash of the whole request.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
from typing import Any

from sqlalchemy.engine import Connection

from core.kit.paths import reference
from core.store import assets, voices
from core.store.assets import Asset, Link

LABEL = "org.creator-workbench.making"
GENERATOR = "Creator Workbench"
SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_BROUGHT = ("uploaded", "licensed")
_MIMES = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg", "m4a": "audio/mp4", "mp4": "audio/mp4",
          "ogg": "audio/ogg", "opus": "audio/ogg"}  # fmt: skip


def manifest(connection: Connection, asset: Asset, *, title: str, mime: str, adjusted: bool) -> dict[str, Any]:
    """For the exported file of type `mime`. `adjusted`: the level was set for the export, so it is more than a change
    of format."""
    kind = source_type(connection, asset)
    links = [link for link in assets.sources_of(connection, asset.id) if link.role != voices.SOURCE_ROLE]
    parts = [_part(link, assets.source(connection, link.source_id)) for link in links]
    done = {"action": "c2pa.edited", "description": "Level set for this export, peaks limited"} if adjusted else None
    if kind is None:
        ingredients = [_ingredient(asset.id, asset.name, _mime(asset.format), "parentOf")]
        actions: list[dict[str, Any]] = [
            {"action": "c2pa.opened", "parameters": {"ingredientIds": [asset.id]}},
            done or {"action": "c2pa.transcoded"},
        ]
    else:
        ingredients = [_ingredient(part["id"], part["name"], part["format"], "componentOf") for part in parts]
        actions = [{"action": "c2pa.created", "digitalSourceType": SOURCE_TYPES + kind}]
        actions += [{"action": "c2pa.placed", "parameters": {"ingredientIds": [part["id"]]}} for part in parts]
        actions += [done] if done else []
    return {
        "claim_generator_info": [{"name": GENERATOR, "version": importlib.metadata.version("creator-workbench")}],
        "title": title,
        "format": mime,
        "ingredients": ingredients,
        "assertions": [
            {"label": "c2pa.actions", "data": {"actions": actions}},
            {"label": LABEL, "data": _facts(asset) | {"parents": parts}},
        ],
    }


def source_type(connection: Connection, asset: Asset) -> str | None:
    """IPTC's term for how the sound came to be, over the whole lineage; None for what was brought in, about whose
    making nothing is known. What cannot be told is never said to be free of trained models."""
    ways = _ways(connection, asset, set())
    if asset.source != "mixed" and len(ways) == 1:
        return {"rules": "algorithmicMedia", "trained": "trainedAlgorithmicMedia", "unknown": None}[ways.pop()]
    if "trained" in ways:
        return "compositeWithTrainedAlgorithmicMedia"
    # A mix by rules of nothing but what rules made is itself made by rules; any recording in it makes it a composite.
    return "algorithmicMedia" if ways == {"rules"} else "composite"


def _ways(connection: Connection, asset: Asset, seen: set[str]) -> set[str]:
    """rules, trained, unknown: how the asset and everything in it was made."""
    seen.add(asset.id)
    links = assets.sources_of(connection, asset.id)
    ways: set[str] = set() if asset.source == "mixed" and links else {_way(asset)}
    for link in links:
        # A voice is no sound that went into it: what spoke with it has said how it was made.
        if link.source_id not in seen and link.role != voices.SOURCE_ROLE:
            source = assets.source(connection, link.source_id)
            ways |= _ways(connection, source, seen) if source is not None else {"unknown"}
    return ways


def _way(asset: Asset) -> str:
    if asset.source in _BROUGHT:
        return "unknown"
    stated = asset.generation_config.get("trained")
    if not isinstance(stated, bool):
        stated = reference("engines").get(str(asset.generation_config.get("provider")), {}).get("trained", True)
    return "trained" if stated else "rules"


def request_hash(asset: Asset) -> str:
    """SHA-256 of the generation_config as JSON with sorted keys, no spaces, UTF-8: whoever holds the request can show
    that it is this one; nobody can read it out of the file."""
    text = json.dumps(asset.generation_config, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _facts(asset: Asset) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "asset": asset.id,
        "kind": asset.kind,
        "role": asset.role,
        "stored_sha256": asset.sha256,
        "made_at": asset.created_at.isoformat(timespec="seconds"),
        "licence": {name: asset.licence.get(name, "") for name in ("id", "title", "url", "credit", "ends")},
    }
    if asset.source in _BROUGHT:
        return facts | {"source": asset.source}
    engine = str(asset.generation_config.get("provider") or "unknown")
    return facts | {
        "engine": engine,
        "model": str(asset.generation_config.get("model") or ""),
        "how": reference("engines").get(engine, {}).get("how", ""),
        "request_sha256": request_hash(asset),
    }


def _part(link: Link, source: Asset | None) -> dict[str, str]:
    """A parent that was purged speaks through what was kept of it."""
    licence = source.licence if source is not None else link.licence
    return {
        "id": link.source_id,
        "name": link.name,
        "role": link.role,
        "sha256": source.sha256 if source is not None else "",
        "licence": str(licence.get("title", "")),
        "format": _mime(source.format if source is not None else ""),
    }


def _mime(format: str) -> str:
    """By the stored format; of a container list of the decoder's ("mov,mp4,m4a") the first that is known."""
    known = (_MIMES[part] for part in format.lower().split(",") if part in _MIMES)
    return next(known, "application/octet-stream")


def _ingredient(asset_id: str, name: str, mime: str, relationship: str) -> dict[str, str]:
    """`label` is what the actions refer to it by; the signer replaces it."""
    return {"title": name, "format": mime, "relationship": relationship, "instance_id": asset_id, "label": asset_id}
