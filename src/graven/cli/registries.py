"""Finds the registry of a reference, and the credentials that are for it and for no other.

A reference without a host, or with the host of GRAVEN_URL, is on that server, and GRAVEN_TOKEN goes there. For any
other host it is what ``docker login``, ``oras login`` or ``crane auth login`` wrote into docker's config.json.
"""

from __future__ import annotations

import argparse
import binascii
import json
import os
import re
from base64 import b64decode
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from graven.cli.client import server_url, token_of

if TYPE_CHECKING:
    from graven.engines.registry import Credentials, Registry

__all__ = ["add_registry", "registry_of"]

_LOOPBACK = re.compile(r"(?:localhost|127\.[0-9.]+|\[::1\])(?::\d+)?")


def add_registry(parser: argparse.ArgumentParser) -> None:
    """Add ``--plain-http``."""
    parser.add_argument(
        "--plain-http", action="store_true", help="speak plain HTTP to another registry that is not on this machine"
    )


def registry_of(args: argparse.Namespace, host: str | None) -> Registry:
    """Open a session with the registry of a reference's host."""
    from graven.engines.registry import Credentials, Registry

    url = server_url(args)
    ca_file = getattr(args, "ca_file", None) or os.environ.get("GRAVEN_CA_FILE")
    if host is None or host == urlsplit(url).netloc:
        token = token_of()
        return Registry(url, credentials=Credentials("graven", token) if token else None, ca_file=ca_file)
    plain = getattr(args, "plain_http", False) or (_LOOPBACK.fullmatch(host) and not ca_file)
    return Registry(f"{'http' if plain else 'https'}://{host}", credentials=_logged_in(host), ca_file=ca_file)


def _logged_in(host: str) -> Credentials | None:
    """Read what a client's login wrote; what cannot be read is no login."""
    from graven.engines.registry import Credentials

    folder = Path(os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker")
    try:
        found = json.loads((folder / "config.json").read_bytes())["auths"][host]["auth"]
        user, _, secret = b64decode(found, validate=True).decode().partition(":")
    except (OSError, ValueError, KeyError, TypeError, binascii.Error):
        return None
    return Credentials(user, secret)
