"""Owns waivers of findings: who lets what pass, why, and until when; from a file, and from comments; pure.

    # graven.waivers.toml
    [[waiver]]
    rule = "terraform.aws.deny"       # the rule's id, or the document that it adds to; * matches
    file = "infra/*.tf"               # optional, as address and message
    owner = "ann"
    reason = "the bucket holds build caches, which can be made anew"
    expires = 2027-01-31              # its last day

In a file that is tested, a comment in the line of a finding, or right above it or above a part around it:

    # graven:waive=terraform.aws.deny owner=ann until=2027-01-31 reason=build caches

A waiver that lacks an owner or a reason, or whose expiry cannot be read or has passed, waives nothing, and is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fnmatch import fnmatchcase
from typing import Any

from graven.checks.results import Place, Result, Waived
from graven.errors import Malformed

__all__ = ["Waiver", "Waivers", "inline", "parse"]

_KEYS = {"rule", "file", "address", "message", "owner", "reason", "expires"}
_COMMENT = re.compile(r"(?:#|//|/\*|<!--|--|;|!).*?graven:waive=(?P<rule>\S+)(?P<rest>.*)")
_WORD = re.compile(r"\b(owner|until)=(\S+)")
_REASON = re.compile(r"\breason=(.*?)\s*(?:\*/|-->)?\s*$")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One waiver, as it was written."""

    rule: str
    owner: str
    reason: str
    expires: str
    place: Place
    file: str = "*"
    address: str = "*"
    message: str = "*"
    inline: bool = False
    """It stands beside what it waives, and covers that alone."""

    def fault(self, today: date) -> str:
        """Say why it waives nothing; empty: it does."""
        missing = [name for name in ("rule", "owner", "reason") if not str(getattr(self, name)).strip()]
        if missing:
            return f"has no {' and no '.join(missing)}"
        if not set(self.rule) - set("*?"):
            return "names every rule, expected one"
        last = _date(self.expires)
        if last is None:
            return f"expires on {self.expires!r}, which is no date (YYYY-MM-DD)"
        return f"expired on {self.expires}" if today > last else ""

    def covers(self, result: Result, file: str) -> bool:
        """Say whether a finding is what it speaks of."""
        rule = result.rule
        names = (rule.id, rule.path, rule.path.removeprefix("data.")) if rule is not None else ()
        facts = ((file, self.file), (result.address, self.address), (result.message, self.message))
        return any(fnmatchcase(name, self.rule) for name in names) and all(
            fnmatchcase(fact, pattern) for fact, pattern in facts
        )


@dataclass(slots=True)
class Waivers:
    """The waivers of a run, and which of them were used."""

    today: date
    listed: tuple[Waiver, ...] = ()
    beside: Mapping[str, Mapping[int, tuple[Waiver, ...]]] = field(default_factory=dict)
    """Those of comments, by file and by the line that they are about."""
    used: set[Waiver] = field(default_factory=set)

    def waived(self, result: Result, file: str, lines: Iterable[int]) -> Waived | None:
        """Give who lets a finding pass; ``lines`` are those of the parts of the document around it."""
        place = result.place or Place(file)
        near = self.beside.get(place.file, {})
        found = [*self.listed, *(waiver for line in lines for waiver in near.get(line, ()))] if near else self.listed
        for waiver in found:
            if waiver.covers(result, file) and not waiver.fault(self.today):
                self.used.add(waiver)
                return Waived(waiver.owner, waiver.reason, waiver.expires, waiver.place)
        return None

    def notes(self) -> Iterator[str]:
        """Tell which waive nothing, and why, and which were not used."""
        beside = (waiver for lines in self.beside.values() for near in lines.values() for waiver in near)
        for waiver in dict.fromkeys((*self.listed, *beside)):
            at = f"{waiver.place.file}:{waiver.place.line}" if waiver.place.line else waiver.place.file
            fault = waiver.fault(self.today)
            if fault:
                yield f"{at}: the waiver of {waiver.rule or 'no rule'} {fault}: it waives nothing"
            elif waiver not in self.used:
                yield f"{at}: the waiver of {waiver.rule} was not used: take it away"


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def parse(text: str, file: str) -> tuple[Waiver, ...]:
    """Read a file of waivers.

    Raises:
        Malformed: it is no TOML, or says what a waiver does not have.
    """
    import tomllib

    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise Malformed(f"no TOML: {e}", where=file) from e
    listed = found.pop("waiver", [])
    if found or not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise Malformed("expected [[waiver]] tables and nothing else", where=file)
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith("[[waiver]]")]
    return tuple(
        _waiver(each, Place(file, lines[at] if len(lines) == len(listed) else 0)) for at, each in enumerate(listed)
    )


def _waiver(said: Mapping[str, Any], place: Place) -> Waiver:
    unknown = sorted(set(said) - _KEYS)
    if unknown:
        expected = ", ".join(sorted(_KEYS))
        raise Malformed(f"got {unknown[0]!r} in a waiver, expected {expected}", where=f"{place.file}:{place.line}")
    expires = said.get("expires", "")
    if isinstance(expires, datetime):
        expires = ""  # a moment has a zone to argue about; a waiver ends with a day
    texts = {key: str(value) for key, value in said.items() if key != "expires"}
    return Waiver(
        texts.get("rule", ""), texts.get("owner", ""), texts.get("reason", ""), str(expires), place,
        texts.get("file", "*"), texts.get("address", "*"), texts.get("message", "*"),
    )  # fmt: skip


def inline(text: str, file: str) -> dict[int, tuple[Waiver, ...]]:
    r"""Find the waivers in the comments of a file, by the line that each is about: its own, or the next one.

    >>> list(inline("# graven:waive=main.deny owner=ann until=2027-01-31 reason=old\\nimage: a", "a.yaml"))
    [2]
    """
    found: dict[int, tuple[Waiver, ...]] = {}
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        comment = _COMMENT.search(line)
        if comment is None:
            continue
        about = number if line[: comment.start()].strip() else _next(lines, number)
        found[about] = (*found.get(about, ()), _written(comment, Place(file, number, comment.start() + 1)))
    return found


def _next(lines: list[str], number: int) -> int:
    for following in range(number, len(lines)):
        stripped = lines[following].strip()
        if stripped and not stripped.startswith(("#", "//", "/*", "*", "<!--", "--", ";")):
            return following + 1
    return number


def _written(comment: re.Match[str], place: Place) -> Waiver:
    words = dict(_WORD.findall(comment["rest"]))
    reason = _REASON.search(comment["rest"])
    said = reason[1].strip(" \"'") if reason else ""
    return Waiver(comment["rule"], words.get("owner", ""), said, words.get("until", ""), place, inline=True)
