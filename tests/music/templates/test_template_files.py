"""YAML in and out: what goes round comes round, and what is hostile ends in one clear error and nothing written."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import yaml

from core.kit.actor import LOCAL
from core.kit.errors import UserError
from core.music.service import music_request
from core.music.templates.content import checked, use_cases
from core.music.templates.desk import TemplateDesk
from core.music.templates.reading import MOST_BYTES, read
from core.music.templates.shipped import shipped
from core.music.templates.types import Template
from tests.music.templates.conftest import CALM, House

Calm = Callable[..., Template]
ONE = "name: Rain\nmusic: {mood: calm, duration: 20}\n"
LAUGHS = "a: &a [lol, lol]\nb: &b [*a, *a]\nc: &c [*b, *b]\nd: [*c, *c]\n"


def test_out_and_in_again_is_the_same(desk: TemplateDesk, calm: Calm, house: House) -> None:
    calm(house.ada, "Régen é 空", prompt='quotes " and: colons', instruments=["harp", "flute"])
    desk.create(house.ada, name="yes", fields={"seed": 7, "loopable": True}, description="Two\nlines", use_cases=["ad"])
    text = desk.files.take_out(house.ada)
    told = desk.files.bring_in(house.bob, text)
    assert [one.did for one in told] == ["created", "created"]
    mine, his = (desk.find(who, scope="mine") for who in (house.ada, house.bob))
    assert [(one.name, one.fields, one.use_cases, one.description) for one in mine] == [
        (one.name, one.fields, one.use_cases, one.description) for one in his
    ]
    assert "&" not in desk.files.take_out(LOCAL, ["podcast-bed", "podcast-bed"]), (
        "nothing that is refused on the way in"
    )
    with pytest.raises(UserError, match="no template to take out"):
        desk.files.take_out(house.eve)


def test_the_name_is_taken_copy_replace_or_skip(desk: TemplateDesk, calm: Calm) -> None:
    made = calm(name="Rain")
    assert [(one.name, one.did) for one in desk.files.bring_in(LOCAL, ONE)] == [("Rain (2)", "copied")]
    [skipped] = desk.files.bring_in(LOCAL, ONE, "skip")
    assert (skipped.id, skipped.did, desk.get(LOCAL, made.id).version) == (made.id, "skipped", 1)
    [replaced] = desk.files.bring_in(LOCAL, ONE, "replace")
    now = desk.get(LOCAL, made.id)
    assert (replaced.id, now.version, now.fields) == (made.id, 2, {"mood": "calm", "seconds": 20})
    assert desk.version(LOCAL, made.id, 1).fields == made.fields, "what was there is a version"
    desk.files.bring_in(LOCAL, ONE, "replace")
    assert desk.get(LOCAL, made.id).version == 2, "nothing is different"
    with pytest.raises(UserError, match="merge"):
        desk.files.bring_in(LOCAL, ONE, "merge")


def test_all_of_a_file_or_none(desk: TemplateDesk) -> None:
    text = "templates:\n- {name: A, music: {mood: calm}}\n- {name: B, music: {mood: bored}}\n"
    with pytest.raises(UserError) as refused:
        desk.files.bring_in(LOCAL, text)
    assert "Template 2 ('B')" in refused.value.message
    assert "bored" in refused.value.message
    assert desk.find(LOCAL, scope="mine") == []


@pytest.mark.parametrize(
    ("text", "about"),
    [
        (LAUGHS, "Line 1 uses an anchor"),
        ("a: [1, *x]", "Line 1 uses an anchor"),
        ("templates: &t\n- *t\n", "anchor"),
        ("name: X\nmusic:\n  <<: {mood: calm}\n", "Line 3"),
        ("!!python/object/apply:os.system ['true']", "python/object"),
        ("name: !!binary aGVsbG8=\nmusic: {mood: calm}", "binary"),
        ("name: 2024-01-01\nmusic: {mood: calm}", "timestamp"),
        ("name: [\n", "Line 2"),
        ("name: X\nname: Y\nmusic: {mood: calm}", "'name' a second time"),
        ("? [a, b]\n: c\n", "name that is no word"),
        ("a: {b: {c: {d: {e: {f: {g: 1}}}}}}", "nested more than 6"),
        ("[" * 5000, "nested more than 6"),
        ("--- {name: A, music: {mood: calm}}\n--- {name: B, music: {mood: calm}}\n", "no YAML"),
        ("", "no mapping"),
        ("just words", "no mapping"),
        ("templates: []", "no list"),
        ("templates: {a: 1}", "no list"),
        ("templates:\n" + "- {name: A, music: {mood: calm}}\n" * 201, "no list of templates, or too many"),
        ("format: somebody-else/9\ntemplates: [{name: A, music: {mood: calm}}]", "somebody-else/9"),
        ("templates: [{name: A, music: {mood: calm}}]\nextra: 1\nmore: 2", "'extra', 'more'"),
        ("name: A\nmood: calm\ntempo: 3\nmusic: {mood: calm}", "'mood', 'tempo'"),
        ("name: A\nmusic: {mood: calm, tempo: 3, vibe: good}", "'tempo', 'vibe'"),
        ("name: A\nmusic: []", "says nothing under `music`"),
        ("name: A", "says nothing under `music`"),
        ("name: 3\nmusic: {mood: calm}", "has to be a text"),
        ("name: A\nprovider: {a: b}\nmusic: {mood: calm}", "provider has to be a text"),
        ("name: A\nuse_cases: {a: b}\nmusic: {mood: calm}", "has to be a list"),
        ("name: A\nuse_cases: [3]\nmusic: {mood: calm}", "use_cases"),
        ("name: A\nmusic: {bpm: .nan}", "bpm"),
        ("name: A\nmusic: {seed: 0x" + "f" * 5000 + "}", "seed"),
        ("name: A\nmusic: {seed: " + "9" * 5000 + "}", ""),
        ("name: A\nmusic: {bpm: .inf}", "bpm"),
        ("name: A\nmusic: {mood: [calm]}", "mood"),
        ("name: A\nmusic: {prompt: " + "x" * 10_000 + "}", "prompt"),
        ("name: A\nmusic: {1: calm}", "'1'"),
        ("name: \x00A", "no YAML"),
        ('name: "\\ud800"\nmusic: {mood: calm}', ""),
        ("x" * (MOST_BYTES + 1), "At most|bytes"),
    ],
)  # fmt: skip
def test_what_is_hostile_or_wrong_ends_in_one_error(desk: TemplateDesk, text: str, about: str) -> None:
    with pytest.raises(UserError) as refused:
        desk.files.bring_in(LOCAL, text)
    assert any(word in refused.value.message for word in about.split("|")), refused.value.message
    assert refused.value.hint
    assert len(refused.value.message) < 600
    assert desk.find(LOCAL, scope="mine") == []


def test_many_values_are_stopped_before_they_are_built() -> None:
    with pytest.raises(UserError, match="more than 20,000 values"):
        read("[" + "1," * 60_000 + "]")


def test_shipped_templates_are_thirty_and_work(desk: TemplateDesk) -> None:
    found = shipped()
    assert len(found) == 30
    assert len({one.name for one in found.values()}) == 30
    for one in found.values():
        assert checked(desk._music, one.fields) == one.fields | {
            name: float(value) for name, value in one.fields.items() if name in ("bpm", "seconds")
        }, one.id
        assert music_request(**one.fields)
        assert one.use_cases
        assert set(one.use_cases) <= set(use_cases())
        assert one.description.endswith(".")
    assert found["video-intro"].fields == {
        "mood": "inspiring",
        "genre": "cinematic",
        "seconds": 15,
        "intensity": "high",
    }
    assert found["background-for-speech"].fields == {
        "mood": "calm", "genre": "ambient", "seconds": 60, "intensity": "low"
    }  # fmt: skip
    assert found["energetic-transition"].fields == {
        "mood": "energetic", "genre": "electronic", "bpm": 128, "intensity": "high"
    }  # fmt: skip
    presets = {each.prompt for each in desk._music.presets()}
    assert presets == {one.fields["prompt"] for one in found.values() if one.fields.get("prompt") in presets}
    assert len(presets) == 4
    every_case = {case for one in found.values() for case in one.use_cases}
    assert every_case == set(use_cases()), "each use case has something to begin with"


def test_searching_finds_words_of_fields_and_use_cases(desk: TemplateDesk, calm: Calm) -> None:
    made = calm(name="Harbour", prompt="gulls at dawn")
    assert [one.id for one in desk.find(LOCAL, search="GULLS harbour")] == [made.id]
    assert "podcast-bed" in {one.id for one in desk.find(LOCAL, search="lo-fi podcast")}
    assert desk.find(LOCAL, search="lo-fi gulls") == []
    assert desk.find(LOCAL)[0].id == made.id, "one's own first"
    with pytest.raises(UserError, match="scope"):
        desk.find(LOCAL, scope="ours")
    own = desk.create(LOCAL, name="Only composer", fields=CALM, provider="composer")
    assert own.id in {one.id for one in desk.find(LOCAL, provider="composer")}
    assert own.id not in {one.id for one in desk.find(LOCAL, provider="another")}


def test_a_file_of_many_is_read_quickly_enough() -> None:
    """As a share of plain safe_load on the same text: wariness may cost, but not another order of magnitude."""
    text = "templates:\n" + "".join(f"- {{name: T{n}, music: {{mood: calm, bpm: {60 + n}}}}}\n" for n in range(150))

    def spent(act: Callable[[], object]) -> float:
        begun = time.process_time()
        act()
        return time.process_time() - begun

    plain = min(spent(lambda: yaml.safe_load(text)) for _ in range(3))
    assert min(spent(lambda: read(text)) for _ in range(3)) < 5 * plain
