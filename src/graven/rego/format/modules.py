"""Owns the form of a module: package, imports in order, rules; and the check that it still means the same."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from graven.rego.faults import PolicyErrors, fault
from graven.rego.format.paper import Comment, Crowded, Paper
from graven.rego.format.rules import RuleWriter, Style
from graven.rego.format.spans import Spans
from graven.rego.format.terms import unlike
from graven.rego.lexer import tokenize
from graven.rego.parse.cursor import ALWAYS, FUTURE
from graven.rego.parse.modules import parse_module
from graven.rego.tree import Import, Module, SetTerm, Var
from graven.rego.values import Bool

__all__ = ["formatted", "same"]

_FUTURE = ["future", "keywords"]


def formatted(file: str, text: str, *, version: str = "v1", target: str = "", drop_imports: bool = False) -> str:
    """Write a module in the one form; ``target`` ``v0v1`` makes it mean the same in both versions.

    ``drop_imports`` leaves out the imports of keywords that v1 has anyway.

    What is written is the same when it is formatted again.

    Raises:
        PolicyErrors: it cannot be read, or (``rego_format_error``) cannot be written without changing what it means.
    """
    module = parse_module(file, text, version)
    both = target == "v0v1"
    v1 = both or (module.version if version == "auto" else int(version == "v1")) == 1
    kind = "v1" if v1 else "v0"
    written = text
    for attempt in range(_ATTEMPTS):
        before, now = written, parse_module(file, written, kind) if attempt else module
        if drop_imports and v1 and not both:
            now.imports = [entry for entry in now.imports if entry.path[0] in ("data", "input") or _experimental(entry)]
        written = _written(now, v1=v1, both=both)
        if before == written:
            return written
        if not _kept(module, file, written, kind):
            break
    message = "the module cannot be formatted without changing what it means"
    raise PolicyErrors([fault(module.source, 0, "rego_format_error", message, "format it by hand")])


_ATTEMPTS = 6
"""A comment in an odd place may move once or twice before it stays."""


def _kept(module: Module, file: str, written: str, kind: str) -> bool:
    try:
        again = parse_module(file, written, kind)
    except PolicyErrors:
        return False
    return same(module, again) and len(module.comments) == len(again.comments)


def _written(module: Module, *, v1: bool, both: bool) -> str:
    tokens, found = tokenize(module.source)
    spans = Spans(module.source, tokens)
    comments = [Comment(spans.row(at), text.rstrip(), at) for at, text in found]
    paper = Paper(comments)
    writer = RuleWriter(paper, spans, _style(module, v1=v1))
    paper.reach(spans.row(module.package_at))
    paper.begin()
    paper.write("package " + module.package[0])
    _path(writer, spans, module.package_at, module.package)
    paper.blank()
    imports = _imports(module, both=both)
    if any(rule.at < entry.at for rule in module.rules for entry in imports):
        raise PolicyErrors([fault(module.source, imports[-1].at, "rego_format_error", "an import follows a rule")])
    _write_imports(writer, spans, imports)
    try:
        writer.rules(module.rules)
    except Crowded:
        message = "a comment stands where it has no place"
        raise PolicyErrors([fault(module.source, 0, "rego_format_error", message, "move it to its own line")]) from None
    for comment in paper.comments:
        paper.line(comment.text)
    return paper.text()


def _style(module: Module, *, v1: bool) -> Style:
    paths = [entry.path for entry in module.imports]
    every = ["rego", "v1"] in paths or _FUTURE in paths
    named = {path[2] for path in paths if path[:2] == _FUTURE and len(path) == 3}
    heads = any(len(rule.ref) > 2 or (len(rule.ref) == 2 and rule.key is not None) for rule in module.rules)
    return Style(
        v1=v1,
        contains=v1 or every or "contains" in named,
        ifs=v1 or every or "if" in named,
        heads=heads,
        keywords=ALWAYS | (FUTURE if v1 else frozenset()) | named,
    )


def _imports(module: Module, *, both: bool) -> list[Import]:
    """Give the imports that are needed: those of ``rego.v1`` make those of keywords needless."""
    found = list(module.imports)
    if both and all(entry.path != ["rego", "v1"] for entry in found):
        found.append(Import(module.package_at, ["rego", "v1"], ""))
    if any(entry.path == ["rego", "v1"] for entry in found):
        found = [entry for entry in found if entry.path[:2] != _FUTURE or _experimental(entry)]
    return found


def _experimental(entry: Import) -> bool:
    return entry.path[:2] == _FUTURE and entry.path[2:] in (["not"], ["and"], ["or"])


def _write_imports(writer: RuleWriter, spans: Spans, imports: list[Import]) -> None:
    paper = writer.paper
    rows = {spans.row(entry.at) for entry in imports}
    beside = {comment.row: comment.text for comment in paper.comments if comment.row in rows}
    paper.comments = [comment for comment in paper.comments if comment.row not in rows]
    for group in _groups(spans, imports):
        paper.reach(spans.row(group[0].at))
        for entry in sorted(group, key=lambda entry: (entry.path, entry.alias if entry.explicit else "")):
            paper.begin()
            paper.write("import " + entry.path[0])
            _path(writer, spans, entry.at, entry.path)
            paper.write(f" as {entry.alias}" if entry.explicit else "")
            comment = beside.get(spans.row(entry.at))
            paper.write(f" {comment}" if comment else "")
            paper.end()
        paper.blank()


def _groups(spans: Spans, imports: list[Import]) -> list[list[Import]]:
    groups: list[list[Import]] = []
    for entry in imports:
        if not groups or spans.row(entry.at) - spans.row(groups[-1][-1].at) > 1:
            groups.append([])
        groups[-1].append(entry)
    return groups


def _path(writer: RuleWriter, spans: Spans, at: int, path: list[str]) -> None:
    """Write the steps of a path behind its head, with the quotes that its author wrote."""
    from graven.rego.tree import Scalar

    place = spans.token(at).end
    for step in path[1:]:
        token = spans.token(place)
        while token.kind not in ("name", "string", "end") or (
            (token.value if token.kind == "string" else token.text) != step
        ):
            if token.kind == "end":
                break
            token = spans.token(token.end)
        writer.step(Scalar(token.start, step))
        place = token.end


def same(one: Any, other: Any) -> bool:
    """Say whether two trees mean the same, wherever their parts stand."""
    if isinstance(one, Var) and isinstance(other, Var):
        return one.name == other.name or (one.wild and other.wild)
    if one.__class__ is not other.__class__:
        return False
    if isinstance(one, Module):
        return one.package == other.package and _imported(one) == _imported(other) and same(one.rules, other.rules)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, SetTerm):
        return same(unlike(one.items), unlike(other.items))
    if isinstance(one, Bool) or not hasattr(one, "__dataclass_fields__"):
        return bool(one == other)
    return all(
        same(getattr(one, each.name), getattr(other, each.name)) for each in fields(one) if each.name not in _IGNORED
    )


_IGNORED = frozenset(
    {
        "at", "end", "made", "closed", "captured", "infix", "explicit", "written", "annotations", "broken", "builtin",
        "assigned", "conditional",
    }
)  # fmt: skip
"""What says where or how something was written, and nothing else."""


def _imported(module: Module) -> list[tuple[list[str], str]]:
    return sorted((entry.path, entry.alias) for entry in module.imports if entry.alias)
