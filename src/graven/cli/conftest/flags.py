"""Owns how options are read and told in the manner of conftest's command line (that of Go's pflag)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from graven.checks.lax import LaxFault
from graven.engines.conftestconfig import parse_bool

__all__ = ["Flag", "Parsed", "positional", "read_flags", "usages"]

Kind = Literal["bool", "string", "strings"]


class Flag(NamedTuple):
    """An option."""

    name: str
    kind: Kind
    usage: str
    short: str = ""
    default: str | bool | tuple[str, ...] = ""

    @property
    def named(self) -> str:
        """Give its names, as errors give them."""
        return f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"


class Parsed:
    """What a command line says."""

    __slots__ = ("values", "words")

    def __init__(self) -> None:
        self.values: dict[str, str | bool | tuple[str, ...]] = {}
        """Of the options that were given."""
        self.words: list[str] = []


def read_flags(words: Sequence[str], flags: Iterable[Flag]) -> Parsed:
    """Read the words of a command; options may stand anywhere.

    Raises:
        LaxFault: an option that there is not, or a value that it cannot take.
    """
    known = {flag.name: flag for flag in flags}
    shorts = {flag.short: flag for flag in known.values() if flag.short}
    parsed = Parsed()
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            parsed.words += rest
            break
        if word.startswith("--"):
            _long(word, known, rest, parsed)
        elif word.startswith("-") and word != "-":
            _cluster(word, shorts, rest, parsed)
        else:
            parsed.words.append(word)
    return parsed


def _long(word: str, known: dict[str, Flag], rest: list[str], parsed: Parsed) -> None:
    name, equals, value = word[2:].partition("=")
    if not name or name.startswith("-"):
        raise LaxFault(f"bad flag syntax: {word}")
    flag = known.get(name)
    if flag is None:
        raise LaxFault(f"unknown flag: --{name}")
    if not equals:
        if flag.kind == "bool":
            value = "true"
        elif not rest:
            raise LaxFault(f"flag needs an argument: --{name}")
        else:
            value = rest.pop(0)
    _put(parsed, flag, value)


def _cluster(word: str, shorts: dict[str, Flag], rest: list[str], parsed: Parsed) -> None:
    letters = word[1:]
    while letters:
        letter, after = letters[0], letters[1:]
        flag = shorts.get(letter)
        if flag is None:
            raise LaxFault(f"unknown shorthand flag: {letter!r} in -{letters}")
        letters = ""
        if len(after) > 0 and after[0] == "=":
            value = after[1:]
        elif flag.kind == "bool":
            value, letters = "true", after
        elif after:
            value = after
        elif rest:
            value = rest.pop(0)
        else:
            raise LaxFault(f"flag needs an argument: {letter!r} in {word}")
        _put(parsed, flag, value)


def _put(parsed: Parsed, flag: Flag, value: str) -> None:
    if flag.kind == "bool":
        truth = parse_bool(value)
        if truth is None:
            reason = f'strconv.ParseBool: parsing "{value}": invalid syntax'
            raise LaxFault(f'invalid argument "{value}" for "{flag.named}" flag: {reason}')
        parsed.values[flag.name] = truth
    elif flag.kind == "strings":
        before = parsed.values.get(flag.name, ())
        import csv

        cells = next(csv.reader([value]), []) if '"' in value else value.split(",") if value else []
        parsed.values[flag.name] = (*(before if isinstance(before, tuple) else ()), *cells)
    else:
        parsed.values[flag.name] = value


def positional(words: Sequence[str], flags: Iterable[Flag]) -> list[int]:
    """Give the places of the words that are neither options nor their values, before any is known to belong to whom.

    An option that is not known is taken to have a value, as Go's cobra does when it looks for the command.
    """
    truths = {name for flag in flags if flag.kind == "bool" for name in (f"--{flag.name}", f"-{flag.short}")}
    found: list[int] = []
    at = 0
    while at < len(words):
        word = words[at]
        if word == "--":
            break
        lone = "=" not in word and (word.startswith("--") or (word.startswith("-") and len(word) == 2))
        if lone and word not in truths:
            at += 1
        elif word and not word.startswith("-"):
            found.append(at)
        at += 1
    return found


def usages(flags: Iterable[Flag]) -> list[str]:
    """Tell options, a line for each, in the order of names."""
    ordered = sorted(flags, key=lambda flag: flag.name)
    heads = [_head(flag) for flag in ordered]
    width = max(map(len, heads), default=0)
    return [f"{head:<{width}}   {flag.usage}{_default(flag)}" for head, flag in zip(heads, ordered, strict=True)]


def _head(flag: Flag) -> str:
    lead = f"  -{flag.short}, " if flag.short else "      "
    return f"{lead}--{flag.name}" + ("" if flag.kind == "bool" else f" {flag.kind}")


def _default(flag: Flag) -> str:
    if not flag.default:
        return ""
    if isinstance(flag.default, tuple):
        return f" (default [{','.join(flag.default)}])"
    return " (default true)" if flag.default is True else f' (default "{flag.default}")'
