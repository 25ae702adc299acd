"""Owns what an option comes to: the command line beats the environment, that beats the file, and that the default."""

from __future__ import annotations

from collections.abc import Iterable

from graven.cli.conftest.flags import Flag, Parsed
from graven.engines.conftestconfig import Config

__all__ = ["Options"]


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
        return str(self._given[name]) if name in self._given else self._config.text(name, str(self._default(name)))

    def flag(self, name: str) -> bool:
        """Give a truth."""
        if name in self._given:
            return bool(self._given[name])
        return self._config.flag(name, default=bool(self._default(name)))

    def list(self, name: str) -> tuple[str, ...]:
        """Give a list."""
        given = self._given.get(name)
        if isinstance(given, tuple):
            return given
        default = self._default(name)
        return self._config.list(name, default if isinstance(default, tuple) else ())

    def _default(self, name: str) -> str | bool | tuple[str, ...]:
        return self._flags[name].default
