"""Owns what an option comes to: the command line beats the environment, that beats the file, and that the default."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from graven.checks.lax import LaxFault
from graven.cli.conftest.flags import Flag, Parsed
from graven.engines.conftestconfig import Config
from graven.errors import Malformed

__all__ = ["Options"]

_T = TypeVar("_T")


class Options:
    """The options of one run."""

    __slots__ = ("_config", "_flags", "_given", "words")

    def __init__(self, flags: Iterable[Flag], parsed: Parsed, config: Config) -> None:
        self._flags = {flag.name: flag for flag in flags}
        self._given = parsed.values
        self._config = config
        self.words = parsed.words

    def text(self, name: str) -> str:
        """Give a text."""
        if name in self._given:
            return str(self._given[name])
        return _told(lambda field: self._config.text(name, str(self._default(name)), field=field), name)

    def flag(self, name: str) -> bool:
        """Give a truth."""
        if name in self._given:
            return bool(self._given[name])
        return _told(lambda field: self._config.flag(name, default=bool(self._default(name)), field=field), name)

    def list(self, name: str) -> tuple[str, ...]:
        """Give a list."""
        given = self._given.get(name)
        if isinstance(given, tuple):
            return given
        default = self._default(name)
        listed = default if isinstance(default, tuple) else ()
        return _told(lambda field: self._config.list(name, listed, field=field), name)

    def check(self) -> None:
        """Look at every option once.

        Raises:
            LaxFault: one is set to what it cannot take.
        """
        readers = {"bool": self.flag, "string": self.text, "strings": self.list}
        for name, flag in self._flags.items():
            readers[flag.kind](name)

    def _default(self, name: str) -> str | bool | tuple[str, ...]:
        flag = self._flags.get(name)
        return flag.default if flag else ()  # a setting for which the command has no flag, as conftest's parse has


def _told(read: Callable[[str], _T], name: str) -> _T:
    """Read a setting; an error names the field that it is for, as conftest does."""
    field = name if "-" in name else name.capitalize()
    try:
        return read(field)
    except Malformed as e:
        lead = "unmarshal parameters: decoding failed due to the following error(s):"
        raise LaxFault(f"{lead}\n\n{e.message}") from None
