"""The source documents' own paths answer in the documents' own shapes."""

from __future__ import annotations

from typing import Any

from fastapi.testclient import TestClient

from core.app import Studio
from core.kit.actor import LOCAL


def success(client: TestClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"{path}?wait=60", json=body)
    assert answer.status_code == 200, answer.text
    said = dict(answer.json())
    assert said["status"] == "success"
    sound = client.get(said["audio_url"])
    assert sound.headers["content-type"].startswith("audio/")
    assert len(sound.content) > 1000
    return said


def test_text_to_speech_as_the_page_of_the_document_asks_for_it(client: TestClient) -> None:
    settings = {"speed": 1.2, "pitch": 2, "stability": 0.5, "clarity": 0.75}
    body = {"text": "Hello world", "model": "kokoro-82m", "voice": "am_adam", "settings": settings}
    said = success(client, "/audio/generate", body)
    assert said["ignored"] == ["clarity", "stability"]
    assert said["provider"] == "espeak"
    kept = client.get(f"/api/audio-studio/library/{said['audio_id']}").json()
    assert kept["generation_config"]["voice"] == "espeak:en-us+m3"
    assert kept["generation_config"]["settings"]["speed"] == 1.2
    assert client.post("/audio/generate", json={**body, "voice": "nobody"}).status_code == 404
    assert client.post("/audio/generate", json={**body, "settings": {"speed": 5}}).status_code == 422


def test_without_waiting_an_alias_answers_in_camel_case(client: TestClient) -> None:
    for path, body in (
        ("/audio/generate", {"text": "a"}), ("/api/ai-voice/generate", {"text": "a"}),
        ("/api/audio-studio/ai-voice/generate", {"text": "a"}),
    ):  # fmt: skip
        answer = client.post(path, json=body)
        assert answer.status_code == 202
        said = answer.json()
        assert set(said) == {"jobId", "generationId", "status"}
        assert said["status"] == "processing"
        assert client.get(answer.headers["location"], params={"wait": 30}).json()["status"] == "done"


def test_ai_voices_are_listed_in_both_shapes_and_heard(client: TestClient) -> None:
    voice = client.get("/api/ai-voice/voices", params={"language": "hi"}).json()["voices"][0]
    assert {"voice_id", "name", "category", "labels", "preview_url"} == set(voice)
    said = success(
        client, "/api/ai-voice/generate",
        {"text": "नमस्ते", "voice_id": voice["voice_id"], "model": "eleven_multilingual_v2",
         "voice_settings": {"stability": 0.5, "similarity_boost": 0.75, "use_speaker_boost": True}},
    )  # fmt: skip
    assert said["ignored"] == ["similarity_boost", "stability", "use_speaker_boost"]
    gallery = client.get("/api/audio-studio/ai-voice/voices").json()["voices"]
    assert set(gallery) == {"standard", "premium", "custom"}
    assert {"id", "name", "gender", "accent", "preview"} <= set(gallery["standard"][0])
    url = client.post("/api/audio-studio/ai-voice/preview", json={"voice_id": "am_emma"}).json()["audio_url"]
    assert client.get(url).headers["content-type"] == "audio/wav"


def test_music_is_generated_and_served_as_documented(client: TestClient) -> None:
    body = {"prompt": "upbeat electronic music with drums", "duration": 4, "temperature": 1.0, "top_k": 250, "seed": 3}
    said = success(client, "/api/music/generate", body)
    assert said["audio_url"] == f"/api/music/serve/{said['audio_id']}.wav"
    assert said["duration"] == 4.0
    assert said["ignored"] == ["temperature", "top_k"]
    assert client.get(f"/api/music/serve/{said['audio_id']}.mp3").status_code == 404
    assert client.get("/api/music/serve/asset_none.wav").status_code == 404
    body = {"preset": "calm_ambient", "duration": 3, "provider": "mubert"}
    preview = success(client, "/api/audio-studio/music/preview", body)
    assert (preview["engine"], preview["provider"], preview["cost_usd"]) == ("composer", "composer", "0")
    own = client.post(
        "/api/music/preview", params={"wait": 100}, json={"prompt": "calm", "seconds": 3, "quality": "premium"}
    )
    assert (own.status_code, own.json()["engine"], own.json()["cost_usd"]) == (200, "composer", "0")
    for path in ("/api/music/preview", "/api/audio-studio/music/preview"):
        started = client.post(path, json={"prompt": "calm", "bpm": 90})
        assert (started.status_code, started.json()["engine"], started.json()["cost_usd"]) == (202, "composer", "0")
        assert client.post(path, json={"mood": "blue"}).status_code == 422
    assert client.get(f"/api/audio-studio/library/{preview['audio_id']}").json()["draft"] is True
    presets = client.get("/api/audio-studio/music/presets").json()["presets"]
    assert presets[0]["id"] == "upbeat_electronic"
    assert client.post("/api/audio-studio/music/generate", json={"preset": "none"}).status_code == 404


def test_a_batch_of_tracks_tells_how_far_it_is(client: TestClient, held: Studio) -> None:
    tracks = [{"mood": "calm", "duration": 3}, {"genre": "jazz", "bpm": 120, "duration": 3}]
    answer = client.post("/api/ai-music/batch/generate", json={"tracks": tracks})
    assert answer.status_code == 202
    batch = answer.json()
    assert (batch["total"], batch["started"]) == (2, 2)
    assert [row["generation"]["status"] for row in batch["generations"]] == ["pending", "pending"]
    held.jobs.resume(LOCAL)
    client.get(f"/api/jobs/{batch['jobId']}", params={"wait": 60})
    status = client.get("/api/ai-music/batch/status", params={"batchId": batch["jobId"]}).json()
    assert (status["status"], status["completed"], status["failed"]) == ("completed", 2, 0)
    some = {"batchId": batch["jobId"], "limit": 1, "offset": 1}
    window = client.get("/api/ai-music/batch/status", params=some).json()
    assert (window["total"], window["missing"], window["generations"]) == (2, 0, status["generations"][1:])
    for before, after in zip(batch["generations"], status["generations"], strict=True):
        assert before["generation"]["generationId"] == after["generation"]["generationId"]
        assert client.get(after["generation"]["audioUrl"]).status_code == 200
    assert client.get("/api/ai-music/batch/status", params={"batchId": "job_none"}).status_code == 404
    wrong = client.post("/api/ai-music/batch/generate", json={"tracks": [*tracks, {"mood": "blue"}]})
    assert wrong.status_code == 422
    assert wrong.json()["detail"].startswith("1 row cannot be made: row 3: There is no mood 'blue'")
