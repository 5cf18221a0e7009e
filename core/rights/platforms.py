"""Where a piece may be published: the names that licences, the gate and project documents share."""

from __future__ import annotations

from typing import Literal

Platform = Literal["private", "web", "youtube", "instagram", "tiktok", "podcast", "broadcast"]
