"""Owns the text of ``yaml.marshal``: as Go writes YAML, which quotes what a reader might take for no string."""

from __future__ import annotations

import re
from functools import cmp_to_key

from graven.record import TYPE_CHECKING
from graven.rego.builtins.formatting import general
from graven.rego.numerals import as_integer
from graven.rego.values import TRUE, Bool, RegoObject, Value

if TYPE_CHECKING:
    from typing import Any

__all__ = ["yaml_text"]

_WORDS = frozenset(
    {
        *("", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE"),
        *("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "n", "N", "no", "No", "NO", "off", "Off", "OFF"),
        *(".nan", ".NaN", ".NAN", *(f"{sign}.{name}" for sign in ("", "+", "-") for name in ("inf", "Inf", "INF"))),
    }
)
_BASE_60 = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_NUMBER = re.compile(r"[-+]?(0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)")
_TIME = re.compile(
    r"\d{4}-\d\d?-\d\d?([Tt]\d\d?:\d\d?:\d\d?(\.\d+)?(Z|[+-]\d\d:\d\d)| \d\d?:\d\d?:\d\d?(\.\d+)?)?", re.ASCII
)
_INTEGERS = range(-(2**63), 2**64)


def yaml_text(value: Value) -> str:
    """Write a value as YAML.

    >>> print(yaml_text(RegoObject({"a": (1, "yes")})), end="")
    a:
      - 1
      - "yes"
    """
    import yaml

    class Writer(yaml.Dumper):
        """Takes every scalar for text: what it looks like is decided here."""

        yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012 - so its base has it

        def expect_block_sequence(self) -> None:
            self.mapping_context = False  # so that the items of a key stand further in than the key
            super().expect_block_sequence()

        def check_simple_key(self) -> bool:
            named = isinstance(self.event, yaml.ScalarEvent) and self.event.value == ""
            return named or bool(super().check_simple_key())

    text: str = yaml.serialize(
        _node(value), Dumper=Writer, allow_unicode=True, width=2**31, explicit_start=False, explicit_end=False
    )
    return text.removesuffix("...\n")


def _node(value: Value) -> Any:
    import yaml

    if value.__class__ is RegoObject:
        named = {key if key.__class__ is str else _keyed(key): item for key, item in value.items()}
        pairs = [(_text(key), _node(named[key])) for key in sorted(named, key=cmp_to_key(_natural))]
        return yaml.MappingNode("tag:yaml.org,2002:map", pairs, flow_style=not pairs)
    if value.__class__ is str:
        return _text(value)
    if value is None or value.__class__ is Bool:
        return _plain("null" if value is None else "true" if value is TRUE else "false")
    if hasattr(value, "ordered") or value.__class__ is tuple:
        items = value if value.__class__ is tuple else value.ordered()
        return yaml.SequenceNode("tag:yaml.org,2002:seq", list(map(_node, items)), flow_style=not items)
    whole = as_integer(value)
    fits = whole is not None and whole in _INTEGERS
    return _plain(str(whole) if fits and _short(value) else general(float(value), None, "g"))


def _short(value: Value) -> bool:
    """Say whether a number is written without an exponent, which makes it no integer to a reader of YAML."""
    from graven.rego.notation import json_text

    return "e" not in json_text(value).lower()


def _keyed(key: Value) -> str:
    from graven.rego.notation import json_text

    return json_text(key)


def _plain(text: str) -> Any:
    import yaml

    return yaml.ScalarNode("tag:yaml.org,2002:str", text)


def _text(text: str) -> Any:
    import yaml

    if any(char > "\uffff" for char in text) or ("\n" not in text and _taken(text)):
        style: str | None = '"'
    else:
        style = "|" if "\n" in text else None
    return yaml.ScalarNode("tag:yaml.org,2002:str", text, style=style)


def _taken(text: str) -> bool:
    """Say whether some reader takes a text for something else."""
    if text in _WORDS or _BASE_60.fullmatch(text):
        return True
    if not text[:1].isascii() or text[0] not in "+-.0123456789":
        return False
    return bool(_NUMBER.fullmatch(text.replace("_", "")) or _TIME.fullmatch(text))


def _natural(one: str, other: str) -> int:
    """Order keys as Go's writer does: numbers within them by their size.

    >>> sorted(["a10", "a2", "b"], key=cmp_to_key(_natural))
    ['a2', 'a10', 'b']
    """
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if at is None:
        return len(one) - len(other)
    a, b = one[at], other[at]
    if a.isalpha() or b.isalpha():
        if a.isalpha() and b.isalpha():
            return -1 if a < b else 1
        after_digit = at > 0 and one[at - 1].isdigit()
        return -1 if (a.isalpha() if after_digit else b.isalpha()) else 1
    lead = "1" if "0" in (a, b) and re.search(r"[1-9]\d*$", one[:at]) else ""
    mine, theirs = (lead + re.match(r"\d*", text[at:])[0] for text in (one, other))  # type: ignore[index] # matches
    if int(mine or 0) != int(theirs or 0):
        return -1 if int(mine or 0) < int(theirs or 0) else 1
    return (len(mine) - len(theirs)) or (-1 if a < b else 1)
