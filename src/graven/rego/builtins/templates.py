"""Owns ``strings.render_template``: the actions of Go's ``text/template`` over a document: fields, if, range, with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin
from graven.rego.notation import term_text
from graven.rego.numerals import parse_number
from graven.rego.values import FALSE, TRUE, UNDEFINED, RegoObject, RegoSet, Value, index

__all__ = ["BUILTINS"]

_ACTION = re.compile(r"\{\{(-(?=\s))?\s*(.*?)\s*((?<=\s)-)?\}\}", re.DOTALL)
_WORD = re.compile(r"[A-Za-z]+")
_TERM = re.compile(
    r'(\$?[A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)+|\.|\$[A-Za-z0-9_]*|"(?:[^"\\]|\\.)*"|`[^`]*`|-?[0-9.]+|true|false|nil)\Z'
)
_DECLARED = re.compile(r"((?:\$\w+\s*,\s*)?\$\w+)\s*:?=\s*(.*)\Z", re.DOTALL)
_MAX_DEPTH = 50


@dataclass(slots=True)
class _Node:
    """Text, a value, or a block with its two branches."""

    kind: str
    text: str
    body: list[_Node] = field(default_factory=list)
    other: list[_Node] = field(default_factory=list)


def _parsed(text: str) -> list[_Node]:
    """Read a template."""
    root: list[_Node] = []
    stack: list[tuple[_Node, list[_Node]]] = []
    current, at, trim = root, 0, False
    for match in _ACTION.finditer(text):
        plain = text[at : match.start()]
        plain = plain.lstrip() if trim else plain
        plain = plain.rstrip() if match.group(1) else plain
        current.append(_Node("text", plain))
        at, trim = match.end(), bool(match.group(3))
        current = _action(match.group(2), current, stack)
    if stack:
        raise BuiltinError("template: unexpected EOF")
    root.append(_Node("text", text[at:].lstrip() if trim else text[at:]))
    return root


def _action(text: str, current: list[_Node], stack: list[tuple[_Node, list[_Node]]]) -> list[_Node]:
    """Add an action and give the list that the next one goes to."""
    word = _WORD.match(text)
    name = word.group() if word else ""
    if name in ("if", "range", "with"):
        if len(stack) >= _MAX_DEPTH:
            raise BuiltinError("template: nested too deeply")
        node = _Node(name, text[len(name) :].strip())
        current.append(node)
        stack.append((node, current))
        return node.body
    if name == "else" and stack and text == "else":
        return stack[-1][0].other
    if name == "end" and stack:
        return stack.pop()[1]
    if name in ("else", "end", "define", "template", "block", "break", "continue"):
        raise BuiltinError(f"template: unsupported or unexpected {{{{{text}}}}}")
    if not text.startswith("/*"):
        current.append(_Node("value", text))
    return current


class _Rendering:
    """One rendering; the dot and the variables change as blocks are entered."""

    def __init__(self, context: Context, document: Value) -> None:
        self.context = context
        self.names: dict[str, Value] = {"$": document}

    def nodes(self, nodes: list[_Node], dot: Value) -> Iterator[str]:
        """Give the texts of nodes."""
        for node in nodes:
            self.context.charge(1)
            if node.kind == "text":
                yield node.text
            elif node.kind == "value":
                yield from self._value(node.text, dot)
            else:
                yield from self._block(node, dot)

    def _value(self, text: str, dot: Value) -> Iterator[str]:
        declared = _DECLARED.match(text)
        if declared:
            self.names[declared.group(1)] = self.evaluate(declared.group(2), dot)
            return
        value = self.evaluate(text, dot)
        yield "<undefined>" if value is UNDEFINED else value if value.__class__ is str else _go_text(value)

    def _block(self, node: _Node, dot: Value) -> Iterator[str]:
        declared = _DECLARED.match(node.text)
        names = [part.strip() for part in declared.group(1).split(",")] if declared else []
        value = self.evaluate(declared.group(2) if declared else node.text, dot)
        if node.kind == "range":
            yield from self._range(node, names, value, dot)
        elif _true(value):
            for name in names:
                self.names[name] = value
            yield from self.nodes(node.body, value if node.kind == "with" else dot)
        else:
            yield from self.nodes(node.other, dot)

    def _range(self, node: _Node, names: list[str], value: Value, dot: Value) -> Iterator[str]:
        if value.__class__ is RegoObject:
            pairs = value.ordered_items()
        else:
            items = value.ordered() if value.__class__ is RegoSet else value if value.__class__ is tuple else ()
            pairs = list(enumerate(items))
        for key, item in pairs:
            if names:
                self.names[names[-1]] = item
                if len(names) == 2:
                    self.names[names[0]] = key
            yield from self.nodes(node.body, item)
        if not pairs:
            yield from self.nodes(node.other, dot)

    def evaluate(self, text: str, dot: Value) -> Value:
        """Give the value of a term: a field, a variable, a constant."""
        text = text.strip()
        if not _TERM.match(text):
            raise BuiltinError(f"template: unsupported action {{{{{text}}}}}")
        if text[0] in "$.":
            head, *steps = text.split(".")
            value = self.names.get(head, UNDEFINED) if head else dot
            for step in steps:
                value = index(value, step) if step else value
            return value
        if text in ("true", "false", "nil"):
            return {"true": TRUE, "false": FALSE, "nil": None}[text]
        return text[1:-1] if text[0] in '"`' else parse_number(text)


def _true(value: Value) -> bool:
    return (
        value is not UNDEFINED and value is not None and value is not FALSE and value not in (0, "", (), RegoObject())
    )


def _go_text(value: Value) -> str:
    """Write a value as Go's ``%v`` does."""
    if value is None:
        return "<nil>"
    if value.__class__ is tuple or value.__class__ is RegoSet:
        items = value.ordered() if value.__class__ is RegoSet else value
        return "[" + " ".join(item if item.__class__ is str else _go_text(item) for item in items) + "]"
    if value.__class__ is RegoObject:
        pairs = (f"{_plain(key)}:{_plain(item)}" for key, item in value.ordered_items())
        return "map[" + " ".join(pairs) + "]"
    return term_text(value)


def _plain(value: Value) -> str:
    return value if value.__class__ is str else _go_text(value)


def _render(context: Context, template: str, document: Value) -> Value:
    nodes = _parsed(template)
    out, size = [], 0
    for text in _Rendering(context, document).nodes(nodes, document):
        size += len(text)
        if size > context.max_size:
            raise BuiltinError("the rendered text is too large", halts=True)
        out.append(text)
    return "".join(out)


BUILTINS: tuple[Builtin, ...] = (builtin("strings.render_template", _render, contextual=True),)
