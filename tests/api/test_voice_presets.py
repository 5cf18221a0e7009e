"""Voice presets and favourites over REST."""

from __future__ import annotations

from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.actor import LOCAL

GRACE = "espeak:en-us+f5"
EMMA = "espeak:en-us+f3"
HELD = {"name": "Audiobook", "settings": {"voice": "Grace", "speed": 0.8, "sentence_pause_ms": 400}}


def test_a_preset_from_its_first_day_to_its_last(client: TestClient) -> None:
    made = client.post("/api/voice/presets", json=HELD)
    assert made.status_code == 201
    preset = made.json()
    assert preset["settings"] == {"voice": GRACE, "speed": 0.8, "sentence_pause_ms": 400}
    assert preset["mine"] is True
    again = client.post("/api/voice/presets", json=HELD | {"name": "AUDIOBOOK"})
    assert (again.status_code, again.json()["code"]) == (422, "name_taken")
    path = f"/api/voice/presets/{preset['id']}"
    told = client.put("/api/voice/presets/default", json={"preset_id": preset["id"]}).json()
    assert told["default_id"] == preset["id"]
    assert client.patch(path, json={"settings": {"voice": EMMA}}).json()["settings"] == {"voice": EMMA}
    assert client.patch(path, json={"name": "Podcast"}).json()["name"] == "Podcast"
    assert client.get(path).json()["settings"] == {"voice": EMMA}
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.get("/api/voice/presets").json() == {"presets": [], "default_id": None}


def test_every_door_that_speaks_takes_a_preset(client: TestClient, held: Studio) -> None:
    preset = held.voice.presets.create(LOCAL, HELD["name"], HELD["settings"])
    held.voice.presets.set_default(LOCAL, preset.id)

    def asked(path: str, body: dict[str, object]) -> dict[str, object]:
        answer = client.post(path, json=body)
        assert answer.status_code == 202, answer.text
        told = answer.json()
        request = held.jobs.show(LOCAL, told.get("job_id") or told["jobId"]).request
        request = request["items"][0]["request"] if "items" in request else request
        return {name: request.get(name) for name in ("voice", "speed", "sentence_pause_ms", "preset")}

    whole = {"voice": GRACE, "speed": 0.8, "sentence_pause_ms": 400, "preset": "Audiobook"}
    settings = {"preset": preset.id}
    for path, body in (
        ("/api/voice/speak", {"text": "Hello.", "preset": "audiobook"}),
        ("/api/voice/speak", {"text": "Hello.", "preset": "default"}),
        ("/audio/generate", {"text": "Hello.", "settings": settings}),
        ("/api/audio-studio/ai-voice/generate", {"text": "Hello.", "voice_settings": settings}),
        ("/api/batches", {"items": [{"kind": "speech", "text": "Hello.", "preset": "audiobook"}]}),
    ):
        assert asked(path, body) == whole, path
    assert asked("/audio/generate", {"text": "Hello.", "voice": EMMA, "settings": settings | {"speed": 1.0}}) == (
        whole | {"voice": EMMA, "speed": 1.0}
    )
    unasked = asked("/api/voice/speak", {"text": "Hello."})
    assert (unasked["speed"], unasked["preset"]) == (1.0, None), "a default counts where it is asked for"
    assert client.post("/api/voice/estimate", json={"text": "Hello.", "preset": "audiobook"}).status_code == 200
    nothing = client.post("/api/voice/speak", json={"text": "Hello.", "preset": "Podcast"})
    assert (nothing.status_code, nothing.json()["code"]) == (404, "no_preset")
    held.voice.presets.delete(LOCAL, preset.id)


def test_favourites_are_marked_and_unmarked(client: TestClient) -> None:
    assert client.get("/api/voice/favourites").json() == {"voice_ids": []}
    assert client.put(f"/api/voice/favourites/{GRACE}").json() == {"voice_ids": [GRACE]}
    assert client.put("/api/voice/favourites/Emma").json() == {"voice_ids": [GRACE, EMMA]}
    assert client.delete(f"/api/voice/favourites/{GRACE}").json() == {"voice_ids": [EMMA]}
    assert client.put("/api/voice/favourites/Nobody At All").status_code == 404
    client.delete(f"/api/voice/favourites/{EMMA}")
