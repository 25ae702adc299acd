"""All settings of the server: from flags, or else the environment (``GRAVEN_…``), or else their defaults.

Owns their names, their defaults, how they are read and what must hold between them. Each setting is a field with its
documentation; the flags of ``graven serve`` are made from the same fields.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graven.errors import Malformed, Refused

__all__ = ["Settings", "documented", "read"]

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_TRUE, _FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off", ""})


def _duration(text: str) -> int:
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", text)
    if not match:
        raise Malformed(f"got {text[:40]!r}, expected a duration such as 90s, 15m, 24h or 7d")
    return int(match[1]) * _UNITS[match[2] or "s"]


def _switch(text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise Malformed(f"got {text[:40]!r}, expected 1 or 0")
    return text.lower() in _TRUE


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not port.isdecimal() or int(port) > 65_535:
        raise Malformed(f"got {text[:80]!r}, expected HOST:PORT such as 127.0.0.1:7331")
    return host or "0.0.0.0", int(port)  # noqa: S104  an empty host says every interface, as it does elsewhere


def _choice(*words: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in words:
            raise Malformed(f"got {text[:40]!r}, expected one of {', '.join(w or 'nothing' for w in words)}")
        return text

    return parse


def _about(default: str, words: str, parse: Callable[[str], Any] = str, metavar: str = "") -> dict[str, Any]:
    return {"default": default, "help": words, "parse": parse, "metavar": metavar}


def _names(text: str) -> tuple[str, ...]:
    found = tuple(name.strip() for name in text.split(",") if name.strip())
    for name in found:
        if not re.fullmatch(r"[A-Za-z0-9.-]{1,253}|[0-9a-fA-F:]{2,45}", name):
            raise Malformed(f"got {name[:80]!r}, expected a host name or an address, without a port")
    return found


def _path(text: str) -> Path | None:
    return Path(text) if text else None


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the server is told at its start; ``documented()`` lists it."""

    data: Path = field(metadata=_about("graven-data", "the folder that holds everything", Path, "DIR"))
    listen: tuple[str, int] = field(
        metadata=_about("127.0.0.1:7331", "where to listen; port 0 takes a free one", _address, metavar="HOST:PORT")
    )
    hosts: tuple[str, ...] = field(
        metadata=_about(
            "", "names under which clients know this server, by comma (default: those of the machine)", _names, "NAMES"
        )
    )
    tls_cert: Path | None = field(metadata=_about("", "certificate chain (PEM); with --tls-key", _path, metavar="FILE"))
    tls_key: Path | None = field(metadata=_about("", "private key of the certificate (PEM)", _path, metavar="FILE"))
    tls: str = field(
        metadata=_about(
            "",
            "'auto': make a CA and a certificate in the data folder, and use it",
            _choice("", "auto"),
            metavar="auto",
        )
    )
    plain_http: bool = field(
        metadata=_about("0", "allow plain HTTP beyond loopback: tokens can then be read on the way", _switch)
    )
    admin_token_file: Path | None = field(
        metadata=_about("", "where the first start writes the administrator's token (mode 0600)", _path, metavar="FILE")
    )
    anonymous_pull: bool = field(metadata=_about("0", "let anybody pull without a token", _switch))
    advisories: str = field(
        metadata=_about(
            "", "where to import OSV advisories from: a folder, a zip, a .jsonl(.zst) file or a URL", metavar="SOURCE"
        )
    )
    advisories_every: int = field(metadata=_about("24h", "how often to import them", _duration, metavar="TIME"))
    upload_expiry: int = field(
        metadata=_about("24h", "when an upload that nobody continues is removed", _duration, metavar="TIME")
    )
    log_format: str = field(
        metadata=_about(
            "",
            "'json' or 'text' (default: text on a terminal, else json)",
            _choice("", "json", "text"),
            metavar="FORMAT",
        )
    )
    log_level: str = field(
        metadata=_about(
            "info", "debug, info, warning or error", _choice("debug", "info", "warning", "error"), metavar="LEVEL"
        )
    )

    @property
    def secure(self) -> bool:
        """Tell whether it speaks TLS."""
        return bool(self.tls or self.tls_cert)


def documented() -> tuple[tuple[str, str, Mapping[str, Any]], ...]:
    """List the settings: flag, environment variable, and default, help, metavar and how to read it."""
    found = []
    for one in dataclasses.fields(Settings):
        found.append((f"--{one.name.replace('_', '-')}", f"GRAVEN_{one.name.upper()}", one.metadata))
    return tuple(found)


def read(flags: Mapping[str, object], environ: Mapping[str, str]) -> Settings:
    """Read the settings; a flag wins over its variable.

    Raises:
        Malformed: a value cannot be read; says of which flag or variable.
        Refused: plain HTTP beyond loopback that was not asked for.
    """
    found = {}
    for (flag, variable, about), one in zip(documented(), dataclasses.fields(Settings), strict=True):
        given = flags.get(one.name)
        source, value = (flag, given) if given is not None else (variable, environ.get(variable, about["default"]))
        try:
            found[one.name] = about["parse"](str(value))
        except Malformed as e:
            raise Malformed(e.message, where=source) from e
    settings = Settings(**found)
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    if bool(settings.tls_cert) != bool(settings.tls_key):
        raise Malformed("got one of --tls-cert and --tls-key, expected both or neither")
    if settings.tls and settings.tls_cert:
        raise Malformed("got --tls auto and --tls-cert, expected one of them")
    host = settings.listen[0]
    if not (settings.secure or settings.plain_http or _is_loopback(host)):
        raise Refused(
            f"plain HTTP on {host} would show tokens to the network",
            where="--listen",
            hint="give --tls auto, or --tls-cert and --tls-key; or --plain-http if something before graven speaks TLS",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
