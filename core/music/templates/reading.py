"""A YAML file from anywhere, read without trusting it: bounded, without aliases, tags or repeated keys.

An alias makes ten lines into ten gigabytes ("billion laughs") or a value that holds itself; nothing a template says needs
one, so both are refused where they stand, before anything is built."""

from __future__ import annotations

from typing import Any

import yaml

from core.kit.errors import UserError

MOST_BYTES = 256 * 1024
MOST_DEPTH = 6
MOST_NODES = 20_000
_PLAIN = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("map", "seq", "str", "int", "float", "bool", "null"))


class _Wary(yaml.SafeLoader):
    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._depth = 0
        self._nodes = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _bad(f"Line {line} uses an anchor or an alias (& or *).", "Write the values out where they belong.")
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise _bad(f"The file holds more than {MOST_NODES:,} values.", "Split it into several files.")
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise _bad(f"Line {line} is nested more than {MOST_DEPTH} deep.", "A template is a list of plain fields.")
        node = super().compose_node(parent, index)
        self._depth -= 1
        if node is not None and node.tag not in _PLAIN:
            raise _bad(f"Line {line} holds a value of the type {node.tag[-40:]!r}.", "Put texts and dates in quotes.")
        return node

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(getattr(key, "value", ""))[:60]
            if not isinstance(key, yaml.ScalarNode):
                raise _bad(f"Line {key.start_mark.line + 1} has a name that is no word.", "Use plain names.")
            if name in seen:
                raise _bad(f"Line {key.start_mark.line + 1} says {name!r} a second time.", "Say it once.")
            seen.add(name)
        return super().construct_mapping(node, deep)


def read(text: str) -> Any:
    """Plain lists, mappings, words and numbers; one UserError, with the line, for anything else."""
    size = len(text.encode("utf-8", "replace"))
    if size > MOST_BYTES:
        raise _bad(f"The file has {size:,} bytes.", f"At most {MOST_BYTES:,} are read; split it.", "too_large")
    try:
        loader = _Wary(text)
        try:
            return loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"Line {mark.line + 1}: " if mark is not None else ""
        raise _bad(f"This is no YAML. {where}{error.problem or error.context}.", "Correct that line.") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _bad(f"This is no YAML: {str(error).splitlines()[0][:120]}.", "Save it as plain UTF-8 text.") from None


def _bad(message: str, hint: str, code: str = "bad_yaml") -> UserError:
    return UserError(message, hint, code)
