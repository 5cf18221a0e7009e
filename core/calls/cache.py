"""Answers that may be used again: keyed by provider, model and the whole request."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, is_dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel

from core.kit.clock import now
from core.providers.base import ProviderInfo
from core.store import answers
from core.store.answers import CachedAnswer
from core.store.db import Database


class AnswerCache:
    def __init__(self, db: Database) -> None:
        self._db = db

    def find(self, key: str) -> CachedAnswer | None:
        with self._db.read() as connection:
            return answers.find(connection, key)

    def put(self, key: str, info: ProviderInfo, value: Any) -> None:
        moment = now()
        expires = moment + timedelta(seconds=info.ttl_s)
        with self._db.write() as connection:
            answers.put(connection, CachedAnswer(key, info.name, info.kind, value, moment, expires))


def key_of(info: ProviderInfo, model: str, request: Any, account: str = "") -> str:
    """`account`: what tells one account at the provider from another."""
    if isinstance(request, BaseModel):
        request = request.model_dump(mode="json")
    elif is_dataclass(request) and not isinstance(request, type):
        request = asdict(request)
    whole = [info.kind, info.name, model, request, *([account] if account else [])]
    return hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()
