"""Recordings to clone a voice from: is one good enough, what mends it, and what would another one gain?"""

from core.voice.references.advising import advice
from core.voice.references.checking import check
from core.voice.references.repairing import Repaired, repair
from core.voice.references.report import Check, ReferenceReport

__all__ = ["Check", "ReferenceReport", "Repaired", "advice", "check", "repair"]
