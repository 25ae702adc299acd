"""Where a server is: the address it listens on, the names it is known under, its certificate."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from graven.app.http import Tls
from graven.engines.certificates import ensure_certificate
from graven.settings import Settings

__all__ = ["Place"]

_USUAL_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The address of a server once it listens."""

    url: str
    hosts: frozenset[str]
    """``NAME:PORT`` and, for the usual port, ``NAME``: how references to artifacts of this server begin."""
    tls: Tls | None = None
    ca: Path | None = None

    @classmethod
    def of(cls, settings: Settings, port: int, *, now: datetime) -> Place:
        """Tell from the settings and the port that was taken; make a certificate where it is asked for."""
        host = settings.listen[0]
        scheme = "https" if settings.secure else "http"
        names = settings.hosts or _usual_names(host)
        tls, ca = _certificate(settings, names, now)
        shown = f"[{host}]" if ":" in host else host
        bare = names if port == _USUAL_PORTS[scheme] else ()
        hosts = frozenset({*(f"[{n}]:{port}" if ":" in n else f"{n}:{port}" for n in names), *bare})
        return cls(url=f"{scheme}://{shown}:{port}", hosts=hosts, tls=tls, ca=ca)

    def authority(self) -> str | None:
        """Give the certificate (PEM) of the CA of ``--tls auto``."""
        return self.ca.read_text() if self.ca is not None else None


def _usual_names(host: str) -> tuple[str, ...]:
    names = ["localhost", "127.0.0.1", socket.gethostname()]
    return tuple(dict.fromkeys(names if _everywhere(host) else [host, *names]))


def _everywhere(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _certificate(settings: Settings, names: tuple[str, ...], now: datetime) -> tuple[Tls | None, Path | None]:
    if settings.tls:
        made = ensure_certificate(settings.data / "keys", names, now=now)
        return Tls(str(made.certificate), str(made.key)), made.ca
    if settings.tls_cert is not None and settings.tls_key is not None:
        return Tls(str(settings.tls_cert), str(settings.tls_key)), None
    return None, None
