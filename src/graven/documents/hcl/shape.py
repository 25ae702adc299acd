"""Owns the JSON form of HCL that conftest gives to its rules (that of tmccombs/hcl2json), and the place of each part.

Blocks become objects by their labels, and the last level a list of bodies. What is no literal stays as the text
``${...}``; a template stays a template, with what is literally ``${`` written ``$${``.
"""

from __future__ import annotations

from typing import Any

from graven.documents.hcl.source import Source
from graven.documents.hcl.tree import (
    Block,
    Body,
    Conditional,
    Expression,
    Join,
    Literal,
    Object,
    Parentheses,
    Template,
    Traversal,
    Tuple,
    Unary,
    Wrapped,
)
from graven.documents.position import Path, Position

__all__ = ["Shape", "numeral"]


class Shape:
    """Gives the values of one file, and keeps the offsets of their texts."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.offsets: dict[Path, int] = {}

    def places(self) -> dict[Path, Position]:
        """Give the place of each value that was given so far."""
        source = self.source
        return {path: source.position(offset) for path, offset in self.offsets.items() if source.owns(offset)}

    def body(self, body: Body, path: Path = ()) -> dict[str, Any]:
        """Give a body: blocks first, so that an argument of the same name takes their place.

        Raises:
            Malformed: blocks of one type stand with and without labels, or a sign stands before what has none.
        """
        self.offsets.setdefault(path, 0)
        found: dict[str, Any] = {}
        for block in body.blocks:
            self._block(block, found, path)
        for name, attribute in body.attributes.items():
            found[name] = self.value(attribute.value, (*path, name))
        return found

    def _block(self, block: Block, into: dict[str, Any], path: Path) -> None:
        key, start = block.kind, block.start
        for label, offset in block.labels:
            path = (*path, key)
            self.offsets.setdefault(path, start)
            into = into.setdefault(key, {})
            if not isinstance(into, dict):
                raise self._mixed(block)
            key, start = label, offset
        bodies = into.setdefault(key, [])
        if not isinstance(bodies, list):
            raise self._mixed(block)
        self.offsets.setdefault((*path, key), start)
        self.offsets[*path, key, len(bodies)] = block.start
        bodies.append(self.body(block.body, (*path, key, len(bodies))))

    def _mixed(self, block: Block) -> Exception:
        message = f"the blocks {block.kind} stand with more and with fewer labels, expected as many on each"
        return self.source.malformed(block.start, message)

    def value(self, expression: Expression, path: Path) -> Any:
        """Give the value of an argument, or of a part of it."""
        self.offsets[path] = expression.start
        if type(expression) is Wrapped:
            return self.value(expression.inner, path)
        if isinstance(expression, Literal):
            return expression.value
        if isinstance(expression, Template):
            return self.template(expression)
        if isinstance(expression, Unary):
            return self._signed(expression)
        if isinstance(expression, Tuple):
            return [self.value(item, (*path, index)) for index, item in enumerate(expression.items)]
        if isinstance(expression, Object):
            return self._object(expression, path)
        return self.wrapped(expression)

    def _object(self, expression: Object, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in expression.items:
            name = self.key(key)
            found[name] = self.value(value, (*path, name))
        return found

    def key(self, key: Expression) -> str:
        """Give the key of an item: a name as it is written, anything else as a part of a template."""
        if isinstance(key, Traversal) and isinstance(key.root, str):
            return self.text(key)
        return self._part(key)

    def _signed(self, expression: Unary) -> Any:
        if not isinstance(expression.operand, Literal):
            return self.wrapped(expression)
        value = expression.operand.value
        if expression.operator == "!" and isinstance(value, bool):
            return not value
        if expression.operator == "-" and isinstance(value, int | float) and not isinstance(value, bool):
            return -value
        wanted = "a boolean after !" if expression.operator == "!" else "a number after -"
        raise self.source.malformed(expression.operand.start, f"got {self.text(expression.operand)}, expected {wanted}")

    def text(self, expression: Expression) -> str:
        """Give the source of an expression, with a closing parenthesis that follows, as hcl2json does."""
        end = expression.end
        if self.source.text.startswith(")", end):
            end += 1
        return self.source.text[expression.start : end]

    def wrapped(self, expression: Expression) -> str:
        """Give an expression as the text of an interpolation."""
        return f"${{{self.text(expression)}}}"

    def template(self, template: Template) -> str:
        """Give a template as its text."""
        return "".join([self._part(part) for part in template.parts])

    def _part(self, part: Expression) -> str:
        if isinstance(part, Literal):
            return self._literal(part)
        if isinstance(part, Template):
            return self.template(part)
        if isinstance(part, Wrapped) and not isinstance(part, Parentheses):
            return self._part(part.inner)
        if isinstance(part, Conditional):
            return self._branches(part)
        if isinstance(part, Join):
            loop = part.loop
            names = f"{loop.key_name}, {loop.value_name}" if loop.key_name else loop.value_name
            return f"%{{for {names} in {self.text(loop.collection)}}}{self._part(loop.value)}%{{endfor}}"
        return self.wrapped(part)

    def _literal(self, part: Literal) -> str:
        value = part.value
        if value is None or isinstance(value, bool):
            return {None: "null", True: "true", False: "false"}[value]
        if isinstance(value, str):
            return value.replace("${", "$${").replace("%{", "%%{")
        return numeral(self.source.text[part.start : part.end])

    def _branches(self, part: Conditional) -> str:
        if _nothing(part.yes):
            return ""
        no = "" if _nothing(part.no) else self._part(part.no)
        branch = f"%{{else}}{no}" if no else ""
        return f"%{{if {self.text(part.condition)}}}{self._part(part.yes)}{branch}%{{endif}}"


def _nothing(part: Expression) -> bool:
    """Tell whether a branch is a lone null, at which hcl2json gives up on the branch."""
    return isinstance(part, Template) and part.literal() and getattr(part.parts[0], "value", "") is None


def numeral(text: str) -> str:
    """Write a number as text: no exponent, no zeros at the end.

    >>> numeral("1.50"), numeral("1e3")
    ('1.5', '1000')
    """
    if text.isdecimal():
        return text.lstrip("0") or "0"
    from decimal import Context, Decimal

    plain = format(Context(prec=5000).create_decimal(Decimal(text)), "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain
