"""Owns what BuildKit wants of an instruction (``frontend/dockerfile/instructions``): its flags and how many arguments.

The options inside ``--mount`` and ``--device`` are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from graven.documents.docker.words import SPACES, Arguments, BadInstruction, heredoc

__all__ = ["check"]

_STAGE = re.compile(r"[a-z][a-z0-9\-_.]*")
_DURATION = re.compile(r"[+-]?(?:0|(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)")

_TEXT, _TRUTH, _MANY = range(3)
_HEALTH = dict.fromkeys(("interval", "timeout", "start-period", "start-interval", "retries"), _TEXT)
_FLAGS: Mapping[str, Mapping[str, int]] = {
    "add": {
        **dict.fromkeys(("chown", "chmod", "checksum"), _TEXT),
        **dict.fromkeys(("link", "keep-git-dir", "unpack"), _TRUTH),
        "exclude": _MANY,
    },
    "copy": {
        **dict.fromkeys(("chown", "chmod", "from"), _TEXT),
        **dict.fromkeys(("link", "parents"), _TRUTH),
        "exclude": _MANY,
    },
    "from": {"platform": _TEXT},
    "healthcheck": _HEALTH,
    "run": {"mount": _MANY, "device": _MANY, "network": _TEXT, "security": _TEXT},
}
_CHOICES = {
    "network": frozenset({"default", "none", "host"}),
    "security": frozenset({"insecure", "sandbox"}),
}
_UNCHECKED = frozenset({"arg", "stopsignal"})


def check(command: str, flags: list[str] | None, given: Arguments) -> None:
    """Hold an instruction against what its command wants.

    Raises:
        BadInstruction: it has another number of arguments, an unknown flag, or a value that means nothing.
    """
    rule = _RULES.get(command)
    if rule is None:
        raise BadInstruction(f"got the instruction {command.upper()[:40]}, which there is not")
    words = given.words or []
    rule(words, given.json)
    if command not in _UNCHECKED and not (command == "healthcheck" and words[0].upper() == "NONE"):
        _check_flags(flags or [], _FLAGS.get(command, {}))


def _check_flags(flags: list[str], known: Mapping[str, int]) -> None:
    seen: set[str] = set()
    for flag in flags:
        name, equals, value = flag.removeprefix("--").partition("=")
        if name not in known:
            raise BadInstruction(f"got the flag --{name[:40]}, which this instruction has not")
        if name in seen and known[name] != _MANY:
            raise BadInstruction(f"got the flag --{name} twice")
        seen.add(name)
        if (known[name] != _TRUTH and not equals) or (equals and known[name] == _TRUTH and not value):
            raise BadInstruction(f"got the flag --{name} without a value")
        _check_value(name, value, known[name])


def _check_value(name: str, value: str, kind: int) -> None:
    if kind == _TRUTH and value.lower() not in {"", "true", "false"}:
        raise BadInstruction(f"got {value[:40]!r} for --{name}, expected true or false")
    if name in _CHOICES and value not in _CHOICES[name]:
        raise BadInstruction(f"got {value[:40]!r} for --{name}, expected one of {', '.join(sorted(_CHOICES[name]))}")
    if name == "retries" and value and not re.fullmatch(r"\+?[0-9]{1,10}", value):
        raise BadInstruction(f"got {value[:40]!r} for --retries, expected a number")
    if name in _HEALTH and name != "retries" and value and not _DURATION.fullmatch(value):
        raise BadInstruction(f"got {value[:40]!r} for --{name}, expected a duration such as 30s")


def _least(count: int) -> Callable[[list[str], bool], None]:
    def rule(words: list[str], _json: bool) -> None:  # noqa: FBT001 - one shape for all rows of the table
        if len(words) < count:
            raise BadInstruction(f"got {len(words)} arguments, expected at least {count}")

    return rule


def _exactly_one(words: list[str], _json: bool) -> None:  # noqa: FBT001 - as above
    if len(words) != 1:
        raise BadInstruction(f"got {len(words)} arguments, expected exactly one")


def _pairs(words: list[str], json: bool) -> None:  # noqa: FBT001 - as above
    _least(1)(words, json)
    if not all(words[::3]):
        raise BadInstruction("got a pair without a name")


def _files(words: list[str], json: bool) -> None:  # noqa: FBT001 - as above
    _least(2)(words, json)
    if heredoc(words[-1]) is not None:
        raise BadInstruction("got a heredoc as the destination, expected a path")


def _from(words: list[str], _json: bool) -> None:  # noqa: FBT001 - as above
    if len(words) != 1 and not (len(words) == 3 and words[1].lower() == "as"):
        raise BadInstruction("expected FROM image, or FROM image AS name")
    if len(words) == 3 and not _STAGE.fullmatch(words[2].lower()):
        raise BadInstruction(f"got the stage {words[2][:40]!r}, expected a letter, then letters, digits, - _ and .")


def _health(words: list[str], json: bool) -> None:  # noqa: FBT001 - as above
    _least(1)(words, json)
    kind = words[0].upper()
    if kind not in {"CMD", "NONE"} or (kind == "NONE") is (len(words) > 1):
        raise BadInstruction("expected HEALTHCHECK NONE, or HEALTHCHECK CMD with a command")


def _shell(words: list[str], json: bool) -> None:  # noqa: FBT001 - as above
    if not words or not json:
        raise BadInstruction("expected a JSON list of strings")


def _volume(words: list[str], json: bool) -> None:  # noqa: FBT001 - as above
    _least(1)(words, json)
    if not all(one.strip(SPACES) for one in words):
        raise BadInstruction("got an empty path")


def _arg(words: list[str], json: bool) -> None:  # noqa: FBT001 - as above
    _least(1)(words, json)
    if any(one.startswith("=") for one in words):
        raise BadInstruction("got an argument without a name")


_RULES: Mapping[str, Callable[[list[str], bool], None]] = {
    "add": _files,
    "arg": _arg,
    "cmd": _least(0),
    "copy": _files,
    "entrypoint": _least(0),
    "env": _pairs,
    "expose": _least(1),
    "from": _from,
    "healthcheck": _health,
    "label": _pairs,
    "maintainer": _exactly_one,
    "onbuild": _least(1),
    "run": _least(0),
    "shell": _shell,
    "stopsignal": _exactly_one,
    "user": _exactly_one,
    "volume": _volume,
    "workdir": _exactly_one,
}
