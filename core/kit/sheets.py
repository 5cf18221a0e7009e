"""CSV, read alike everywhere. How long a cell may be is one number for the whole process: it is set here, once, since whoever
set it for itself would change what the others take and refuse."""

from __future__ import annotations

import csv

LONGEST_CELL = 16 * 2**20
"""Bytes. No file of text that is taken is larger, so whoever reads says what is too long in words of its own."""
csv.field_size_limit(LONGEST_CELL)

reader = csv.reader
Broken = csv.Error
