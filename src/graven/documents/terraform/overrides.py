"""Owns the merging of override files into the files of a folder: Terraform's "Override Files".

The arguments of a block of an override file take the place of those of the block with the same header, and its nested
blocks that of all nested blocks of their kind; ``lifecycle`` and ``locals`` are merged argument by argument. What
stands in an override file has, in the merged text, no line of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from posixpath import basename
from typing import NamedTuple

from graven.documents.hcl.grammar import parse as parse_body
from graven.documents.hcl.source import Source
from graven.documents.hcl.tree import Block, Body
from graven.documents.position import Position

__all__ = ["File", "is_override", "merged"]

_Header = tuple[str, tuple[str, ...]]
_LOCALS: _Header = ("locals", ())
_APART = frozenset({"terraform", "provider"})
"""Blocks that say nothing about resources, or that may stand in an override file alone."""


class File(NamedTuple):
    """What a file of a folder says."""

    text: Source
    body: Body


class _Longer(Source):
    """The text of a file, and behind it those of the override files."""

    __slots__ = ("limit", "own")

    def __init__(self, own: Source, tail: str) -> None:
        super().__init__(own.text + tail, own.file)
        self.own = own
        self.limit = len(own.text) + 1

    def position(self, offset: int) -> Position:
        """Give a place of the file itself."""
        return self.own.position(min(offset, self.limit - 1))

    def owns(self, offset: int) -> bool:
        """Say whether a place is one of the file itself."""
        return offset < self.limit


def is_override(file: str) -> bool:
    """Tell whether a file overrides others.

    >>> is_override("infra/override.tf"), is_override("prod_override.tf.json"), is_override("overrides.tf")
    (True, True, False)
    """
    plain = basename(file).removesuffix(".json").removesuffix(".tf")
    return plain == "override" or plain.endswith("_override")


def merged(files: Sequence[File]) -> list[File]:
    """Merge the override files of a folder into the others, in the order of their names."""
    own = [one for one in files if not is_override(one.text.file)]
    over = sorted((one for one in files if is_override(one.text.file)), key=lambda one: basename(one.text.file))
    if not own or not over:
        return list(files)
    tail = "".join(f"\n{one.text.text}" for one in over)
    wanted = {_header(block) for one in over for block in one.body.blocks}
    known = {_header(block) for one in own for block in one.body.blocks}
    kept = [_longer(one, tail) if any(_header(block) in wanted for block in one.body.blocks) else one for one in own]
    return kept + [_orphans(one, known) for one in over]


def _header(block: Block) -> _Header:
    return block.kind, tuple(name for name, _ in block.labels)


def _orphans(file: File, known: set[_Header]) -> File:
    """Give the blocks of an override file that override nothing here."""
    body = Body()
    body.blocks = [block for block in file.body.blocks if _header(block) not in known and block.kind not in _APART]
    return File(file.text, body)


def _longer(file: File, tail: str) -> File:
    text = _Longer(file.text, tail)
    both = parse_body(text)
    over = [block for block in both.blocks if not text.owns(block.start)]
    body = Body()
    body.attributes = both.attributes
    body.blocks = [_merged(block, over) for block in both.blocks if text.owns(block.start)]
    return File(text, body)


def _merged(block: Block, over: Iterable[Block]) -> Block:
    for other in over:
        if _header(other) == _header(block) and block.kind not in _APART:
            known = block.body.attributes
            said = other.body.attributes
            if _header(block) == _LOCALS:
                said = {name: one for name, one in said.items() if name in known}
            body = Body()
            body.attributes = {**known, **said}
            body.blocks = _blocks(block.body.blocks, other.body.blocks)
            block = block._replace(body=body)
    return block


def _blocks(own: Sequence[Block], over: Sequence[Block]) -> list[Block]:
    replaced = {_kind(one) for one in over} - {"lifecycle"}
    kept = [one for one in own if _kind(one) not in replaced]
    return kept + list(over)


def _kind(block: Block) -> str:
    """Give the type of a nested block; a ``dynamic`` one makes blocks of the type that it names."""
    return block.labels[0][0] if block.kind == "dynamic" and block.labels else block.kind
