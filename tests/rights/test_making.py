"""What an export says about its making: by rules or by a trained model, out of what, and nothing about the person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.app import Studio, build_studio
from core.kit.clock import new_id, now
from core.kit.settings import load_settings
from core.rights import licences, making
from core.store import assets

SECRET = "The words that nobody else may read"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    built = build_studio(load_settings(home=tmp_path_factory.mktemp("making") / "home"))
    yield built
    built.close()


def row(shop: Studio, source: str, provider: str = "", parents: tuple[str, ...] = (), **config: Any) -> str:
    asset_id = new_id("asset")
    moment = now()
    licence = "uploaded-own" if source == "uploaded" else "own-work"
    values = {
        "id": asset_id, "kind": "music", "source": source, "name": f"{source} {provider}".strip(), "folder": "",
        "tags": [], "favourite": False, "format": "wav", "bytes": 4, "sha256": asset_id.rjust(64, "0")[-64:],
        "instruments": [], "peaks": [], "generation_config": {"provider": provider} | config, "cost_usd": 0,
        "licence": licences.record(licence), "job_id": None, "role": "primary", "user_id": "jane.doe@example.com",
        "organisation_id": "secret-organisation", "visibility": "private", "draft": False, "created_at": moment,
        "updated_at": moment,
    }  # fmt: skip
    with shop.store.db.write() as connection:
        assets.add(connection, values, [(parent, "track") for parent in parents])
    return asset_id


def kind_of(shop: Studio, asset_id: str) -> str | None:
    with shop.store.db.read() as connection:
        asset = assets.source(connection, asset_id)
        assert asset is not None
        return making.source_type(connection, asset)


def manifest(shop: Studio, asset_id: str, adjusted: bool = False) -> dict[str, Any]:
    with shop.store.db.read() as connection:
        asset = assets.source(connection, asset_id)
        assert asset is not None
        return making.manifest(connection, asset, title=asset.name, mime="audio/wav", adjusted=adjusted)


def assertion(data: dict[str, Any], label: str) -> Any:
    return next(item["data"] for item in data["assertions"] if item["label"] == label)


@pytest.mark.parametrize(
    ("source", "provider", "config", "expected"),
    [
        ("tts", "espeak", {}, "algorithmicMedia"),
        ("ai_music", "composer", {}, "algorithmicMedia"),
        ("ai_voice", "elevenlabs", {}, "trainedAlgorithmicMedia"),
        ("ai_music", "gone-since-2031", {}, "trainedAlgorithmicMedia"),
        ("ai_music", "", {}, "trainedAlgorithmicMedia"),
        ("ai_music", "new-synth", {"trained": False}, "algorithmicMedia"),
        ("ai_music", "composer", {"trained": True}, "trainedAlgorithmicMedia"),
        ("ai_music", "new-synth", {"trained": "no"}, "trainedAlgorithmicMedia"),
        ("uploaded", "upload", {}, None),
        ("licensed", "some-library", {}, None),
    ],
)
def test_by_rules_or_by_a_trained_model(
    shop: Studio, source: str, provider: str, config: dict[str, Any], expected: str | None
) -> None:
    assert kind_of(shop, row(shop, source, provider, **config)) == expected


def test_every_engine_of_the_studio_is_described(shop: Studio) -> None:
    """A new engine without a line here would be published as a trained model: say what it is."""
    infos = [item.info for item in shop.registry.readiness()]
    embedded = {info.name for info in infos if not info.paid and info.kind not in ("catalogue", "catalogue_file")}
    assert embedded <= set(making.reference("engines"))


def test_a_mix_is_what_is_in_it(shop: Studio) -> None:
    rules, trained = row(shop, "tts", "espeak"), row(shop, "ai_music", "elevenlabs")
    brought = row(shop, "uploaded", "upload")
    mix = lambda *parents: row(shop, "mixed", "mixer", parents)  # noqa: E731
    assert kind_of(shop, mix(rules)) == "algorithmicMedia"
    assert kind_of(shop, mix(rules, brought)) == "composite"
    assert kind_of(shop, mix(brought)) == "composite"
    assert kind_of(shop, mix(rules, trained)) == "compositeWithTrainedAlgorithmicMedia"
    assert kind_of(shop, mix(mix(mix(trained), brought), rules)) == "compositeWithTrainedAlgorithmicMedia"
    assert kind_of(shop, row(shop, "ai_music", "composer", (trained,))) == "compositeWithTrainedAlgorithmicMedia"


def test_a_purged_part_is_never_said_to_be_made_by_rules(shop: Studio) -> None:
    rules, lost = row(shop, "tts", "espeak"), row(shop, "ai_music", "elevenlabs")
    mix = row(shop, "mixed", "mixer", (rules, lost))
    with shop.store.db.write() as connection:
        assets.remove(connection, lost)
    assert kind_of(shop, mix) == "composite"
    part = next(part for part in assertion(manifest(shop, mix), making.LABEL)["parents"] if part["id"] == lost)
    assert (part["name"], part["sha256"], part["licence"]) == ("ai_music elevenlabs", "", "Own work")


def test_a_mix_names_its_parts_as_ingredients(shop: Studio) -> None:
    voice, bed = row(shop, "tts", "espeak"), row(shop, "uploaded", "upload")
    data = manifest(shop, row(shop, "mixed", "mixer", (voice, bed)))
    assert {(part["instance_id"], part["relationship"]) for part in data["ingredients"]} == {
        (voice, "componentOf"), (bed, "componentOf"),
    }  # fmt: skip
    actions = assertion(data, "c2pa.actions")["actions"]
    assert [action["action"] for action in actions] == ["c2pa.created", "c2pa.placed", "c2pa.placed"]
    parents = assertion(data, making.LABEL)["parents"]
    assert {(part["id"], part["licence"]) for part in parents} == {
        (voice, "Own work"), (bed, licences.record("uploaded-own")["title"]),
    }  # fmt: skip
    assert all(len(part["sha256"]) == 64 for part in parents)


def test_an_upload_claims_nothing_about_its_creation(shop: Studio) -> None:
    asset_id = row(shop, "uploaded", "upload", file="/home/jane/secret.wav")
    data = manifest(shop, asset_id)
    actions = assertion(data, "c2pa.actions")["actions"]
    assert [action["action"] for action in actions] == ["c2pa.opened", "c2pa.transcoded"]
    assert not any("digitalSourceType" in action for action in actions)
    assert [(part["instance_id"], part["relationship"]) for part in data["ingredients"]] == [(asset_id, "parentOf")]
    facts = assertion(data, making.LABEL)
    assert not {"engine", "model", "request_sha256"} & set(facts)
    adjusted = assertion(manifest(shop, asset_id, adjusted=True), "c2pa.actions")["actions"]
    assert [action["action"] for action in adjusted] == ["c2pa.opened", "c2pa.edited"]


def test_it_says_nothing_about_the_person_nor_the_words(shop: Studio) -> None:
    asset_id = row(shop, "tts", "espeak", text=SECRET, model="espeak-ng-1.52", file="/home/jane/x.wav")
    text = json.dumps(manifest(shop, asset_id))
    for private in ("jane", "secret-organisation", SECRET, "/home", str(Path.home()), "cost"):
        assert private not in text, private
    facts = assertion(manifest(shop, asset_id), making.LABEL)
    assert (facts["engine"], facts["model"], facts["how"]) == (
        "espeak", "espeak-ng-1.52", "formant synthesis by rule",
    )  # fmt: skip
    assert facts["licence"]["id"] == "own-work"


def test_the_request_hash_tells_requests_apart_and_not_their_order(shop: Studio) -> None:
    def hashed(**config: Any) -> str:
        return str(assertion(manifest(shop, row(shop, "tts", "espeak", **config)), making.LABEL)["request_sha256"])

    assert hashed(text="a", seed=1) == hashed(seed=1, text="a")
    assert hashed(text="a", seed=1) != hashed(text="a", seed=2)
