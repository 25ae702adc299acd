"""Owns the forms that a configuration is read into: bodies of arguments and blocks, and expressions.

Each has the offsets at which its text starts and ends.
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = [
    "Anonymous",
    "Attribute",
    "Binary",
    "Block",
    "Body",
    "Call",
    "Conditional",
    "Expression",
    "For",
    "Index",
    "Join",
    "Literal",
    "Object",
    "Parentheses",
    "Splat",
    "Template",
    "Traversal",
    "Tuple",
    "Unary",
    "Wrapped",
]


class Expression:
    """What has a value."""

    __slots__ = ("end", "start")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


class Literal(Expression):
    """A number, a boolean, null, or a text inside a template."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: Any) -> None:
        super().__init__(start, end)
        self.value = value


class Template(Expression):
    """A quoted string or a heredoc; its parts are texts, expressions, and directives as conditionals and joins."""

    __slots__ = ("parts",)

    def __init__(self, start: int, end: int, parts: list[Expression]) -> None:
        super().__init__(start, end)
        self.parts = parts

    def literal(self) -> bool:
        """Tell whether it is one literal and nothing else."""
        return len(self.parts) == 1 and isinstance(self.parts[0], Literal)


class Wrapped(Expression):
    """A template that is one interpolation and nothing else: the value itself, not its text."""

    __slots__ = ("inner",)

    def __init__(self, start: int, end: int, inner: Expression) -> None:
        super().__init__(start, end)
        self.inner = inner


class Parentheses(Wrapped):
    """An expression in parentheses."""

    __slots__ = ()


class Unary(Expression):
    """A minus or a not before an operand."""

    __slots__ = ("operand", "operator")

    def __init__(self, start: int, operator: str, operand: Expression) -> None:
        super().__init__(start, operand.end)
        self.operator = operator
        self.operand = operand


class Binary(Expression):
    """An operator between two operands."""

    __slots__ = ("left", "operator", "right")

    def __init__(self, left: Expression, operator: str, right: Expression) -> None:
        super().__init__(left.start, right.end)
        self.left = left
        self.operator = operator
        self.right = right


class Conditional(Expression):
    """One of two expressions, by a condition; also the directive ``%{if}``."""

    __slots__ = ("condition", "no", "yes")

    def __init__(self, condition: Expression, yes: Expression, no: Expression, *, start: int, end: int) -> None:
        super().__init__(start, end)
        self.condition = condition
        self.yes = yes
        self.no = no


class Call(Expression):
    """A function and its arguments, the last of them spread out if it ends in ``...``."""

    __slots__ = ("arguments", "name", "spread")

    def __init__(self, start: int, end: int, name: str, arguments: list[Expression], *, spread: bool) -> None:
        super().__init__(start, end)
        self.name = name
        self.arguments = arguments
        self.spread = spread


class Tuple(Expression):
    """A list in brackets."""

    __slots__ = ("items",)

    def __init__(self, start: int, end: int, items: list[Expression]) -> None:
        super().__init__(start, end)
        self.items = items


class Object(Expression):
    """Keys and values in braces."""

    __slots__ = ("items",)

    def __init__(self, start: int, end: int, items: list[tuple[Expression, Expression]]) -> None:
        super().__init__(start, end)
        self.items = items


class For(Expression):
    """A list or an object made from each element of a collection; also the directive ``%{for}``."""

    __slots__ = ("collection", "condition", "group", "key", "key_name", "makes_object", "value", "value_name")

    def __init__(self, start: int, end: int, names: tuple[str, str], collection: Expression, value: Expression) -> None:
        super().__init__(start, end)
        self.key_name, self.value_name = names
        self.collection = collection
        self.value = value
        self.key: Expression | None = None
        self.condition: Expression | None = None
        self.group = False
        self.makes_object = False


class Join(Expression):
    """The text of a directive ``%{for}``."""

    __slots__ = ("loop",)

    def __init__(self, loop: For) -> None:
        super().__init__(loop.start, loop.end)
        self.loop = loop


class Anonymous(Expression):
    """The element that a splat looks at."""

    __slots__ = ()


class Traversal(Expression):
    """Names and indexes that lead from a variable, or from the value of an expression, down to a part of it."""

    __slots__ = ("root", "steps")

    def __init__(self, start: int, end: int, root: str | Expression, steps: list[Any]) -> None:
        super().__init__(start, end)
        self.root = root
        self.steps = steps


class Index(Expression):
    """A part of a collection, named by an expression."""

    __slots__ = ("collection", "key")

    def __init__(self, end: int, collection: Expression, key: Expression) -> None:
        super().__init__(collection.start, end)
        self.collection = collection
        self.key = key


class Splat(Expression):
    """The same part of each element; ``anonymous`` stands in ``each`` for the element."""

    __slots__ = ("anonymous", "collection", "each")

    def __init__(self, collection: Expression, each: Expression, anonymous: Anonymous, end: int) -> None:
        super().__init__(collection.start, end)
        self.collection = collection
        self.each = each
        self.anonymous = anonymous


class Attribute(NamedTuple):
    """An argument: a name and its value."""

    name: str
    start: int
    value: Expression


class Body:
    """What stands between the braces of a block, or in a file."""

    __slots__ = ("attributes", "blocks")

    def __init__(self) -> None:
        self.attributes: dict[str, Attribute] = {}
        self.blocks: list[Block] = []


class Block(NamedTuple):
    """A block: its type, its labels with their offsets, and its body."""

    kind: str
    labels: list[tuple[str, int]]
    body: Body
    start: int
    end: int
