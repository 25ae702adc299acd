"""Owns the reading of ``CODEOWNERS``: which owners a pattern of files has, rule by rule."""

from __future__ import annotations

import re

from graven.documents.faults import Text, decoded
from graven.documents.position import Document, Path, Position

__all__ = ["parse"]

_PATTERN = re.compile(r"(?:\\.|[^\s#\\])+")
_OWNER = re.compile(r"[^\s#]+")
_KINDS = (
    ("email", re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,6}")),
    ("team", re.compile(r"@([A-Za-z0-9-]+/[A-Za-z0-9_-]+)")),
    ("username", re.compile(r"@([A-Za-z0-9_-]+)")),
)


def parse(data: bytes, *, file: str = "") -> tuple[Document, ...]:
    r"""Read the rules.

    >>> [found] = parse(b"*.py @org/py a@b.co # ours\n")
    >>> [(rule["pattern"], [owner["value"] for owner in rule["owners"]]) for rule in found.value["rules"]]
    [('*.py', ['org/py', 'a@b.co'])]

    Raises:
        Malformed: a line is no rule; says line and column.
    """
    text = Text(decoded(data, file), file)
    rules: list[dict[str, object]] = []
    offset = 0
    for number, line in enumerate(text.text.split("\n"), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            rules.append(_rule(text, line.removesuffix("\r"), offset, number))
        offset += len(line) + 1

    def places() -> dict[Path, Position]:
        found: dict[Path, Position] = {(): Position(1, 1), ("rules",): Position(1, 1)}
        for index, rule in enumerate(rules):
            line = rule["lineNumber"]
            found[("rules", index)] = Position(line if isinstance(line, int) else 1, 1)
        return found

    return (Document({"rules": rules or None}, places, file),)


def _rule(text: Text, line: str, offset: int, number: int) -> dict[str, object]:
    at = len(line) - len(line.lstrip())
    pattern = _PATTERN.match(line, at)
    if pattern is None:
        raise text.fault(f"got {line[at]!r}, expected a pattern", offset + at)
    at = pattern.end()
    owners: list[dict[str, str]] = []
    comment = ""
    while at < len(line):
        if line[at].isspace():
            at += 1
        elif line[at] == "#":
            comment, at = line[at + 1 :].strip(), len(line)
        else:
            word = _OWNER.match(line, at)
            owners.append(_owner(text, word.group() if word else line[at], offset + at))
            at = word.end() if word else at + 1
    return {"pattern": pattern.group(), "owners": owners, "comment": comment, "lineNumber": number}


def _owner(text: Text, word: str, offset: int) -> dict[str, str]:
    for kind, form in _KINDS:
        found = form.fullmatch(word)
        if found is not None:
            return {"type": kind, "value": found.group(form.groups)}
    raise text.fault(f"got {word!r}, expected @user, @org/team or an email address", offset)
