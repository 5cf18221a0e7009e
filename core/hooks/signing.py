"""Signatures in the Standard Webhooks shape (standardwebhooks.com), so that receivers can use an existing library.

Webhook-Id         the same for every try of one delivery: whoever keeps the ids of the last day notices a repeat
Webhook-Timestamp  seconds since 1970 at this try: refuse what is more than five minutes off (a replay)
Webhook-Signature  v1,<base64 of HMAC-SHA256 over "{id}.{timestamp}.{body}"> with the secret's bytes
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import time

PREFIX = "whsec_"
TOLERANCE_S = 300


def new_secret() -> str:
    return PREFIX + base64.b64encode(os.urandom(32)).decode("ascii")


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode("ascii")


def headers(secret: str, message_id: str, body: bytes) -> dict[str, str]:
    timestamp = int(time.time())
    return {
        "Webhook-Id": message_id,
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": signature(secret, message_id, timestamp, body),
        "Content-Type": "application/json",
        "User-Agent": "creator-workbench-webhooks/1",
    }


def verified(secret: str, given: dict[str, str], body: bytes, *, moment: float | None = None) -> bool:
    """What a receiver has to do; header names in lower case. Several signatures may stand side by side."""
    try:
        timestamp = int(given["webhook-timestamp"])
        wanted = signature(secret, given["webhook-id"], timestamp, body)
    except (KeyError, ValueError, binascii.Error):
        return False
    if abs((time.time() if moment is None else moment) - timestamp) > TOLERANCE_S:
        return False
    return any(hmac.compare_digest(wanted, each) for each in given.get("webhook-signature", "").split())
