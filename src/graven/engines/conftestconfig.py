"""Owns what ``conftest.toml`` and ``CONFTEST_*`` say: an option beats a variable of the environment beats the file.

The file is conftest's: ``conftest.json``, ``.toml``, ``.yaml``, ``.yml``, ``.dotenv`` or ``.env`` of the folder, or
one that is named; keys regardless of case. The variable of ``--fail-on-warn`` is ``CONFTEST_FAIL_ON_WARN``. Values are
turned into what an option needs as leniently as conftest does. Which options there are is left to the commands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graven.engines import paths
from graven.errors import Malformed
from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

__all__ = ["Config", "parse_bool", "read_config"]

_DECODED = ("json", "toml", "yaml", "yml", "dotenv", "env")
_EXTENSIONS = ("json", "toml", "yaml", "yml", "properties", "props", "prop", "hcl", "tfvars", "dotenv", "env", "ini")
_TRUE = ("1", "t", "T", "TRUE", "true", "True")
_FALSE = ("0", "f", "F", "FALSE", "false", "False")


class Config:
    """What is set beside the command line."""

    __slots__ = ("_env", "_file", "path")

    def __init__(self, env: Mapping[str, str], file: Mapping[str, Any], path: str = "") -> None:
        self._env = env
        self._file = file
        self.path = path
        """The file that was read; empty: none."""

    def raw(self, name: str) -> Any:
        """Give what is set for an option, as it is set; None: nothing."""
        return self._env.get("CONFTEST_" + name.upper().replace("-", "_")) or self._file.get(name)

    def text(self, name: str, default: str = "", *, field: str = "") -> str:
        """Give the text of an option; ``field`` is what an error calls it.

        Raises:
            Malformed: it is set to a list or an object.
        """
        value = self.raw(name)
        return default if value is None else _text(field or name, value)

    def flag(self, name: str, *, default: bool = False, field: str = "") -> bool:
        """Give the truth of an option.

        Raises:
            Malformed: it is set to what is neither true nor false.
        """
        value = self.raw(name)
        return default if value is None else _flag(field or name, value)

    def list(self, name: str, default: tuple[str, ...] = (), *, field: str = "") -> tuple[str, ...]:
        """Give the list of an option; a text is one that commas divide.

        Raises:
            Malformed: it is set to what is no list of texts.
        """
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, str):
            return tuple(value.split(",")) if value else ()
        members = value if isinstance(value, list) else [] if value == {} else [value]
        return tuple(_text(f"{field or name}[{at}]", member) for at, member in enumerate(members))


def read_config(
    env: Mapping[str, str], *, path: str = "", folder: str = "", read: Callable[[str], bytes] = paths.read
) -> Config:
    """Read the file of settings that is named, or that lies in a folder; there need not be any.

    Raises:
        Malformed: it is not there though it is named, or cannot be read.
    """
    named = path or env.get("CONFTEST_CONFIG_FILE", "")
    found = named or _lying(folder)
    if not found:
        return Config(env, {})
    kind = found.rpartition("/")[2].rpartition(".")[2].lower()
    if kind not in _EXTENSIONS:
        raise Malformed(f'Unsupported Config Type "{kind}"')
    try:
        content = read(found)
    except OSError as e:
        raise Malformed(f"open {found}: {(e.strerror or str(e)).lower()}") from None
    if kind not in _DECODED:
        raise Malformed("While parsing config: decoder not found for this format")
    try:
        values = _decoded(content, kind, found)
    except (ValueError, Malformed) as e:
        raise Malformed(f"While parsing config: {kind}: {e}") from None
    return Config(env, {str(key).lower(): value for key, value in values.items()}, found)


def _lying(folder: str) -> str:
    lead = f"{folder}/" if folder else ""
    return next((path for kind in _EXTENSIONS if paths.is_file(path := f"{lead}conftest.{kind}")), "")


def _decoded(content: bytes, kind: str, file: str) -> Mapping[str, Any]:
    text = content.decode()
    if kind == "toml":
        import tomllib

        return tomllib.loads(text)
    from graven.documents.detection import parse

    parser = {"yml": "yaml", "env": "dotenv"}.get(kind, kind)
    value = parse(content, file=file, parser=parser)[0].value
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Malformed(f"got a {type(value).__name__}, expected an object")
    return value


def parse_bool(text: str) -> bool | None:
    """Read a truth as conftest does; None if it is none.

    >>> parse_bool("T"), parse_bool("0"), parse_bool("yes")
    (True, False, None)
    """
    return True if text in _TRUE else False if text in _FALSE else None


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (list, dict)):
        raise _wrong(name, "string", value)
    return str(value)


def _flag(name: str, value: Any) -> bool:
    if isinstance(value, str):
        truth = parse_bool(value) if value else False
        if truth is None:
            raise Malformed(f"'{name}' cannot parse value as 'bool': strconv.ParseBool: invalid syntax")
        return truth
    if isinstance(value, (list, dict)):
        raise _wrong(name, "bool", value)
    return bool(value)


def _wrong(name: str, kind: str, value: Any) -> Malformed:
    got = "[]interface {}" if isinstance(value, list) else "map[string]interface {}"
    return Malformed(f"'{name}' expected type '{kind}', got unconvertible type '{got}'")
