"""The part of the ElevenLabs stand-in that makes, shows, renames and deletes copies of voices, as the contract sheet says."""

from __future__ import annotations

import json
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from tests.clouds.elevenlabs import ElevenLabsServer

Answer = tuple[int, Any, dict[str, str]]


def form(content_type: str, body: bytes) -> dict[str, Any]:
    """A request's body: JSON, or a form whose files are (name, type, bytes)."""
    if content_type.startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(body.decode()))
    if not content_type.startswith("multipart/form-data"):
        return json.loads(body) if body else {}  # type: ignore[no-any-return]
    whole = BytesParser(policy=HTTP).parsebytes(b"content-type: " + content_type.encode() + b"\r\n\r\n" + body)
    found: dict[str, Any] = {}
    for part in whole.iter_parts():
        assert isinstance(part, EmailMessage)
        name = part.get_param("name", header="content-disposition")
        data = part.get_payload(decode=True)
        assert isinstance(name, str)
        assert isinstance(data, bytes)
        if part.get_filename() is None:
            found[name] = data.decode()
        else:
            found.setdefault(name, []).append((part.get_filename(), part.get_content_type(), data))
    return found


def _refused(status: int, code: str, message: str = "") -> Answer:
    return status, {"detail": {"type": "error", "code": code, "status": code, "message": message or code}}, {}


class Clones:
    def __init__(self, service: ElevenLabsServer) -> None:
        self._service = service
        self.slots = 30
        self.verify = False
        self.made = 0

    @property
    def there(self) -> list[dict[str, Any]]:
        return [voice for voice in self._service.voices if voice.get("category") == "cloned"]

    def answer(self, method: str, path: list[str], body: dict[str, Any]) -> Answer:
        if (method, path) == ("POST", ["add"]):
            return self.add(body)
        voice = next((each for each in self._service.voices if each["voice_id"] == path[0]), None)
        if voice is None:
            return _refused(404, "voice_not_found", f"A voice with id {path[0]} was not found.")
        if method == "GET" and len(path) == 1:
            return 200, voice, {}
        if method == "DELETE" and len(path) == 1:
            self._service.voices.remove(voice)
            return 200, {"status": "ok"}, {}
        if method == "POST" and path[1:] == ["edit"]:
            if not body.get("name"):
                return 422, {"detail": [{"loc": ["body", "name"], "msg": "field required", "type": "missing"}]}, {}
            voice |= {"name": body["name"], "description": body.get("description")}
            voice |= {"labels": json.loads(body["labels"])} if "labels" in body else {}
            return 200, {"status": "ok"}, {}
        return _refused(404, "not_found")

    def add(self, body: dict[str, Any]) -> Answer:
        for name in ("name", "files"):
            if not body.get(name):
                return 422, {"detail": [{"loc": ["body", name], "msg": "field required", "type": "missing"}]}, {}
        labels = json.loads(body.get("labels", "{}"))
        if not isinstance(labels, dict) or not all(isinstance(value, str) for value in labels.values()):
            return _refused(400, "invalid_parameters", "labels is no object of strings")
        with self._service.lock:
            if self._service.tier == "free":
                return _refused(403, "can_not_use_instant_voice_cloning", "Your subscription has no voice cloning.")
            if len(self.there) >= self.slots:
                return _refused(400, "voice_limit_reached", f"You have {self.slots} custom voices.")
            self.made += 1
            voice_id = f"clone{self.made:015d}"
            proof = {"requires_verification": self.verify, "is_verified": False}
            self._service.voices.append(
                {"voice_id": voice_id, "name": body["name"], "category": "cloned", "labels": labels, "is_owner": True,
                 "description": body.get("description"), "voice_verification": proof}
            )  # fmt: skip
        return 200, {"voice_id": voice_id, "requires_verification": self.verify}, {}
