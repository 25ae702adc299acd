"""The cases of ``tests/vectors/documents``, what conftest makes of them, and where we differ on purpose."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

VECTORS = Path(__file__).parent / "vectors" / "documents"
PROTOS = {path.name: path.read_bytes() for path in sorted((VECTORS / "protos").glob("*.proto"))}
SEPARATOR = b"=====\n"

INCLUDED = {
    "plain.conf": "q = 1\nr { s = ${q} }\n",
    "braced.conf": "{ b { z = 5 } }\n",
    "more/two.conf": 'include "plain.conf"\nm = ${q}\nn = ${r.s}\n',
    "optional.conf": "s = ${?y}\n",
    "needs.conf": "s = ${y}\n",
    "itself.conf": 'include "itself.conf"\n',
    "broken.conf": 'a = "\\q"',
}
"""Files that others of HOCON include, by their paths from the working folder."""
INCLUDING: dict[str, Any] = {
    'include "braced.conf"': {"b": {"z": 5}},
    'a { q = 7\n include "plain.conf"\n y = 1 }': {"a": {"q": 7, "r": {"s": 7}, "y": 1}},
    'a { include\n"braced.conf" y = 1, "b" = 2 }': {"a": {"b": 2, "y": 1}},
    'a.include "braced.conf"': {"a": {"b": {"z": 5}}},
    'b { z = 6, w = 1 }\ninclude "braced.conf"': {"b": {"w": 1, "z": 6}},
    'b { y { z = 6 } }\ninclude "braced.conf"': {"b": {"y": {"z": 6}, "z": 5}},
    'a { b { include "more/two.conf" } }': {"a": {"b": {"m": 1, "n": 1, "q": 1, "r": {"s": 1}}}},
    'a { y = 1\n include "optional.conf" }': {"a": {"s": 1, "y": 1}},
    'a { b = [{include "braced.conf"}] }': {"a": {"b": "[{\r\n    b : {\r\n      z : 5\r\n    }\r\n  }]"}},
    'a { y = 1\n include "needs.conf" }': None,
    'a { include "gone.conf" }': None,
    'a { include "broken.conf" }': None,
    'a { include "itself.conf" }': None,
}
"""What conftest makes of texts that include those; None where it refuses them."""

DIFFERENCES = {
    "yaml:1: a\n1.5: b": "conftest takes one of the keys 1 and 1.0 by chance",
    "yaml:a: 12345678901234567890": "integers stay exact",
    'json:{"a": 9007199254740993': "integers stay exact",
    'jsonc:{"a": 4 / 2}': "conftest drops a lone slash and reads 42",
    "nginx:geo ": "names of directives are not limited to those that conftest knows",
    "groovy:x = 'unterminated": "conftest takes a text that is never closed",
    "hocon:a {\n": "conftest takes a brace that is never closed",
    "hocon:a { b }": "conftest writes '<<unknown value>>' for a key without a value",
    "hocon:a { b = }": "as above",
    "cyclonedx:<bom": "conftest gives specVersion 'SpecVersion(0)' and no bomFormat to what was XML",
    "cyclonedx:<?xml": "as above",
}
"""``PARSER:`` and how the case begins. What we do with them is said in the tests of each format."""


class Case(NamedTuple):
    parser: str
    name: str
    data: bytes
    wanted: dict[str, Any] | None
    """What conftest gives under ``value``; None where it refuses the text."""

    @property
    def differs(self) -> bool:
        start = f"{self.parser}:{self.data.decode(errors='replace')}"
        return any(start.startswith(each) for each in DIFFERENCES)


def cases() -> Iterator[Case]:
    for source in sorted(VECTORS.glob("*.txt")):
        wanted = json.loads(source.with_suffix(".json").read_text(encoding="utf-8"))
        for index, data in enumerate(source.read_bytes().split(SEPARATOR)):
            yield Case(source.stem.partition("-")[0], f"{source.stem}-{index}", data, wanted[index])


def same(left: Any, right: Any) -> bool:
    """Say whether two values are one in JSON: true is not 1, and 1.0 is."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict):
        return isinstance(right, dict) and left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if isinstance(left, list):
        return isinstance(right, list) and len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)
