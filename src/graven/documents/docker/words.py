"""Owns the words of one instruction (moby/buildkit, ``frontend/dockerfile/parser``): flags, lists, pairs, heredocs.

White space is Go's. Flags and the type of a health check are cut byte by byte there, and so they are here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

__all__ = ["SPACES", "Arguments", "BadInstruction", "arguments", "heredocs", "split"]

SPACES = "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
_GAP = re.compile(r"[\t\v\f\r ]+")
_SHELL_WORD = re.compile(r"(?:\\.|'[^']*'|\"(?:\\.|[^\"\\])*\"|\$\{[^}]{0,1000}\}|[^\s'\"\\])+|['\"\\]", re.DOTALL)
_HEREDOC = re.compile(r"(\d*)<<(-?)[\t\n\f\r ]*([^<]+)")


class BadInstruction(Exception):
    """An instruction that BuildKit refuses, and why."""


class Arguments(NamedTuple):
    """The arguments of an instruction; None where there are none at all."""

    words: list[str] | None
    json: bool = False


def split(line: str, escape: str) -> tuple[str, list[str] | None, str]:
    """Split an instruction into its command, its flags and the rest; no flags at all if nothing follows the command."""
    parts = _GAP.split(line.strip(SPACES), maxsplit=1)
    if len(parts) == 1:
        return parts[0], None, ""
    flags, rest = _flags(_bytes(parts[1]), escape)
    return parts[0], flags, _text(rest).strip(SPACES)


def _bytes(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("latin-1")


def _text(data: str) -> str:
    return data.encode("latin-1").decode("utf-8", "surrogateescape")


def _flags(line: str, escape: str) -> tuple[list[str], str]:
    found: list[str] = []
    at = 0
    while True:
        while at < len(line) and line[at] in SPACES:
            at += 1
        if not line.startswith("--", at):
            return found, line[at:]
        word, quoted, at = _flag(line, at, escape)
        if word == "--":
            return found, line[at:]
        if word or quoted:
            found.append(word)


def _flag(line: str, at: int, escape: str) -> tuple[str, bool, int]:
    """Read one flag; quotes are taken away, and the escape character before any other."""
    word: list[str] = []
    quote, quoted = "", False
    while at < len(line) and (quote or line[at] not in SPACES):
        one = line[at]
        at += 1
        if quote and one == quote:
            quote = ""
        elif not quote and one in "'\"":
            quote, quoted = one, True
        elif one == escape:
            word.append(line[at : at + 1])
            at += 1
        else:
            word.append(one)
    return "".join(word), quoted, min(at, len(line))


def words(rest: str, escape: str) -> list[str]:
    """Cut at spaces outside quotes; quotes and escapes stay."""
    found: list[str] = []
    at = 0
    while at < len(rest):
        if rest[at] in SPACES:
            at += 1
            continue
        word, at = _word(rest, at, escape)
        if word:
            found.append(word)
    return found


def _word(rest: str, at: int, escape: str) -> tuple[str, int]:
    word: list[str] = []
    quote = ""
    while at < len(rest) and (quote or rest[at] not in SPACES):
        one = rest[at]
        if one == quote:
            quote = ""
        elif not quote and one in "'\"":
            quote = one
        elif one == escape and quote != "'":
            if at + 1 == len(rest):
                return "".join(word), at + 1  # an escape character at the end is nothing
            one = rest[at : at + 2]
        word.append(one)
        at += len(one)
    return "".join(word), at


def _exec(rest: str) -> list[str] | None:
    """Read a JSON list of strings; None if it is no list."""
    if not rest.lstrip(SPACES).startswith("["):
        return None
    try:
        found = json.loads(rest, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(one, str) for one in found):
        raise BadInstruction("got a list of more than strings, expected strings only")
    return list(found)


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _shell(rest: str, escape: str) -> Arguments:  # noqa: ARG001 - one shape for all rows of the table
    if not rest:
        return Arguments(None)
    found = _exec(rest)
    return Arguments([rest]) if found is None else Arguments(found or None, json=True)


def _list(rest: str, escape: str) -> Arguments:
    found = _exec(rest)
    return _spaced(rest, escape) if found is None else Arguments(found or None, json=True)


def _spaced(rest: str, escape: str) -> Arguments:  # noqa: ARG001 - as above
    return Arguments(_GAP.split(rest) if rest else None)


def _whole(rest: str, escape: str) -> Arguments:  # noqa: ARG001 - as above
    return Arguments([rest] if rest else None)


def _names(rest: str, escape: str) -> Arguments:
    return Arguments(words(rest, escape) or None)


def _pairs(rest: str, escape: str) -> Arguments:
    """Read ``name=value`` pairs, or the old form of one name and its value; each as name, value and what is between."""
    cut = words(rest, escape)
    if not cut:
        return Arguments(None)
    if "=" not in cut[0]:
        parts = _GAP.split(rest, maxsplit=1)
        if len(parts) < 2:
            raise BadInstruction(f"got {rest[:40]!r}, expected a name and a value")
        return Arguments([*parts, ""])
    found: list[str] = []
    for word in cut:
        name, equals, value = word.partition("=")
        if not equals:
            raise BadInstruction(f"got {word[:40]!r}, expected name=value")
        found += (name, value, equals)
    return Arguments(found)


def _health(rest: str, escape: str) -> Arguments:
    data = _bytes(rest)
    end = next((at for at, one in enumerate(data) if one in SPACES), len(data))
    if not end:
        return Arguments(None)
    command = _shell(_text(data[end:].lstrip(SPACES)), escape)
    return Arguments([_text(data[:end]), *(command.words or ())], json=command.json)


_FORMS: Mapping[str, Callable[[str, str], Arguments]] = {
    "add": _list,
    "arg": _names,
    "cmd": _shell,
    "copy": _list,
    "entrypoint": _shell,
    "env": _pairs,
    "expose": _spaced,
    "from": _spaced,
    "healthcheck": _health,
    "label": _pairs,
    "maintainer": _whole,
    "run": _shell,
    "shell": _shell,
    "stopsignal": _whole,
    "user": _whole,
    "volume": _list,
    "workdir": _whole,
}


def arguments(command: str, rest: str, escape: str) -> Arguments:
    """Cut the arguments of a command as it wants them; those of an unknown one are left out.

    Raises:
        BadInstruction: they have not its form.
    """
    form = _FORMS.get(command.lower())
    return form(rest, escape) if form else Arguments([""])


def heredocs(line: str) -> list[tuple[str, bool]]:
    """Give the name of each heredoc that a line opens, and whether tabs before its end are taken away."""
    found: list[tuple[str, bool]] = []
    for word in _shell_words(line):
        name = heredoc(word)
        if name is not None:
            found.append((name, "<<-" in word))
    return found


def heredoc(word: str) -> str | None:
    """Give the name if a word opens a heredoc, without its quotes."""
    match = _HEREDOC.fullmatch(word)
    if match is None:
        return None
    inner = _shell_words(match[3])
    return re.sub(r"\\(.)|['\"]", r"\1", inner[0]) if len(inner) == 1 else None


def _shell_words(line: str) -> list[str]:
    """Cut as a shell does; nothing if a quote stays open, as then BuildKit sees no heredoc."""
    found: list[str] = []
    for match in _SHELL_WORD.finditer(line):
        if match[0] in {"'", '"'}:
            return []
        found.append(match[0])
    return found
