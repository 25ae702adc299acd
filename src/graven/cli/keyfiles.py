"""Reads and writes key files, and asks for their password: COSIGN_PASSWORD, GRAVEN_KEY_PASSWORD, or a prompt."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from graven.errors import Conflict, Malformed, NotFound, TooLarge, Unavailable

if TYPE_CHECKING:
    from graven.evidence.keys import PrivateKey, PublicKey

__all__ = ["open_private", "password", "read", "read_public", "write"]

_VARIABLES = ("COSIGN_PASSWORD", "GRAVEN_KEY_PASSWORD")


def open_private(path: Path) -> PrivateKey:
    """Open a private key file of cosign, asking for its password.

    Raises:
        Forbidden: the password is another one.
    """
    from graven.evidence import keys

    return keys.unseal(read(path), password(f"password of {path}: "))


def read_public(path: Path) -> PublicKey:
    """Read a public key in PEM."""
    from graven.evidence.keys import PublicKey

    return PublicKey.parse(read(path))


def password(prompt: str, *, twice: bool = False) -> bytes:
    """Give the password of the environment, or ask for it.

    Raises:
        Unavailable: there is none and nobody to ask.
        Malformed: the two that were typed differ.
    """
    for variable in _VARIABLES:
        if variable in os.environ:
            return os.environ[variable].encode()
    if not sys.stdin.isatty():
        raise Unavailable("there is no password, and no terminal to ask at", hint=f"set {' or '.join(_VARIABLES)}")
    from getpass import getpass

    found = getpass(prompt)
    if twice and getpass("once more: ") != found:
        raise Malformed("the two passwords differ", hint="start again")
    return found.encode()


def read(path: Path, *, most: int = 1 << 20) -> bytes:
    """Read a small file.

    Raises:
        NotFound: it cannot be read.
        TooLarge: it is no small file.
    """
    try:
        with path.open("rb") as file:
            found = file.read(most + 1)
    except OSError as e:
        raise NotFound(f"cannot read the file: {e.strerror}", where=str(path)) from e
    if len(found) > most:
        raise TooLarge(f"got a file of more than {most} bytes", where=str(path))
    return found


def write(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a new file.

    Raises:
        Conflict: there is one already.
        Unavailable: it cannot be written.
    """
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
    except FileExistsError as e:
        raise Conflict("there is such a file already", where=str(path), hint="name another, or move it away") from e
    except OSError as e:
        raise Unavailable(f"cannot write the file: {e.strerror}", where=str(path)) from e
