"""Owns the regular expressions: RE2's, hence of linear time on any text; patterns are compiled once an evaluation."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from graven.record import TYPE_CHECKING
from graven.rego.builtins.globsets import share_a_string
from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin
from graven.rego.numerals import as_integer
from graven.rego.values import Value, boolean

if TYPE_CHECKING:
    from typing import Any

__all__ = ["BUILTINS", "compiled", "tester"]


def compiled(context: Context, pattern: str) -> Any:
    """Compile a pattern, once.

    Raises:
        BuiltinError: it is none of RE2.
    """
    key = ("regex", pattern)
    found = context.cache.get(key)
    if found is None:
        found = context.cache[key] = _expression(pattern)
    return found


def _expression(pattern: str | bytes, *, captures: bool = True) -> Any:
    import re2

    options = re2.Options()
    options.log_errors, options.never_capture = False, not captures
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise BuiltinError(f"error parsing regexp: {_message(error)}") from None


_GO = {
    "missing ]": "missing closing ]",
    "missing )": "missing closing )",
    "no argument for repetition operator": "missing argument to repetition operator",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid repetition size": "invalid repeat count",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid named capture group": "invalid named capture",
    "trailing \\": "trailing backslash at end of expression: ``",
}
"""How Go words what RE2 says in other words."""


def _message(error: Exception) -> str:
    """Give the message as Go words it: the fault, then the part of the pattern in backticks."""
    text = error.args[0] if error.args else ""
    text = text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
    what, mark, part = text.partition(": ")
    what = _GO.get(what, what)
    return f"{what}: `{part}`" if mark else what


def _matches(context: Context, pattern: str, text: str) -> Iterator[Any]:
    """Give every match; an empty one next to the match before it does not count."""
    end = -1
    for match in compiled(context, pattern).finditer(text):
        if match.end() == match.start() == end:
            continue
        end = match.end()
        yield match


def _limited(found: Iterator[Value], limit: Value) -> Value:
    count = as_integer(limit)
    if count is None or abs(count) >= 2**63:
        raise BuiltinError("operand 3 must be integer number but got floating-point number", "eval_type_error")
    if count < 0:
        return tuple(found)
    return tuple(item for _, item in zip(range(count), found, strict=False))


def _match(context: Context, pattern: str, text: str) -> bool:
    search = context.patterns.get(pattern)
    if search is None:
        search = context.patterns[pattern] = tester(pattern)
    return search(text.encode()) is not None


def tester(pattern: str) -> Callable[[bytes], object]:
    """Give the search of a pattern in bytes, which spares to count characters where no place is asked.

    Raises:
        BuiltinError: it is none of RE2; says so in the words of Go.
    """
    search: Callable[[bytes], object] = _expression(pattern.encode(), captures=False).search
    return search


def _find(context: Context, pattern: str, text: str, limit: Value) -> Value:
    return _limited((match.group() for match in _matches(context, pattern, text)), limit)


def _submatches(context: Context, pattern: str, text: str, limit: Value) -> Value:
    rows = (
        tuple(part if part is not None else "" for part in (match.group(), *match.groups()))
        for match in _matches(context, pattern, text)
    )
    return _limited(rows, limit)


def _split(context: Context, pattern: str, text: str) -> Value:
    """Split as Go does: no empty part before an empty match at the start."""
    if not text:
        return ("",)
    parts, begin = [], 0
    for match in _matches(context, pattern, text):
        if match.end() == 0 or (match.start() == match.end() == len(text)):
            continue
        parts.append(text[begin : match.start()])
        begin = match.end()
    return (*parts, text[begin:])


def _replace(context: Context, text: str, pattern: str, replacement: str) -> Value:
    expression = compiled(context, pattern)
    out, begin = [], 0
    for match in _matches(context, pattern, text):
        out += [text[begin : match.start()], _expanded(replacement, match, expression)]
        begin = match.end()
    return "".join([*out, text[begin:]])


def _expanded(template: str, match: Any, expression: Any) -> str:
    """Put groups in place of ``$1``, ``${name}`` and ``$name``; ``$$`` is a dollar."""
    out, at = [], 0
    while (mark := template.find("$", at)) >= 0:
        out.append(template[at:mark])
        name, at = _name(template, mark + 1)
        if name is None or name == "$":
            out.append("$")
        else:
            out.append(_group(name, match, expression))
    return "".join([*out, template[at:]])


def _name(template: str, at: int) -> tuple[str | None, int]:
    """Read the name of a group behind a dollar; None if there is none."""
    if template[at : at + 1] == "$":
        return "$", at + 1
    if template[at : at + 1] == "{":
        end = template.find("}", at)
        inside = template[at + 1 : end] if end > 0 else ""
        good = bool(inside) and all(char == "_" or char.isalnum() for char in inside)
        return (inside, end + 1) if good else (None, at)
    end = at
    while end < len(template) and (template[end] == "_" or template[end].isalnum()):
        end += 1
    return (template[at:end], end) if end > at else (None, at)


def _group(name: str, match: Any, expression: Any) -> str:
    number = int(name) if name.isdigit() else expression.groupindex.get(name, -1)
    if not 0 <= number <= expression.groups:
        return ""
    return match.group(number) or ""


def _is_valid(context: Context, pattern: Value) -> Value:
    if pattern.__class__ is not str:
        return boolean(truth=False)
    try:
        compiled(context, pattern)
    except BuiltinError:
        return boolean(truth=False)
    return boolean(truth=True)


def _template(context: Context, template: str, text: str, start: str, end: str) -> Value:
    """Match a text with a template whose parts between delimiters are patterns."""
    if len(start) != 1:
        raise BuiltinError(f"start delimiter has to be exactly one character long but is {len(start)} long")
    if len(end) != 1:
        raise BuiltinError(f"end delimiter has to be exactly one character long but is {len(end)} long")
    import re2

    parts, depth, begin = [], 0, 0
    for at, char in enumerate(template):
        if char == start:
            if depth == 0:
                parts.append(re2.escape(template[begin:at]))
                begin = at + 1
            depth += 1
        elif char == end:
            depth -= 1
            if depth == 0:
                parts.append(f"({template[begin:at]})")
                begin = at + 1
            if depth < 0:
                raise BuiltinError(f"unbalanced braces in {template!r}")
    if depth:
        raise BuiltinError(f"unbalanced braces in {template!r}")
    pattern = "".join(["^", *parts, re2.escape(template[begin:]), "$"])
    return boolean(compiled(context, pattern).search(text) is not None)


BUILTINS: tuple[Builtin, ...] = (
    builtin("regex.match", _match, contextual=True),
    builtin("re_match", _match, contextual=True),
    builtin("regex.find_n", _find, contextual=True),
    builtin("regex.find_all_string_submatch_n", _submatches, contextual=True),
    builtin("regex.split", _split, contextual=True),
    builtin("regex.replace", _replace, contextual=True),
    builtin("regex.is_valid", _is_valid, contextual=True, unchecked=True),
    builtin("regex.globs_match", lambda left, right: boolean(share_a_string(left, right))),
    builtin("regex.template_match", _template, contextual=True),
)
