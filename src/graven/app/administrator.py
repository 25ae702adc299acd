"""The first start makes one administrator and its token: into a file that only its owner reads, or printed once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from graven.errors import Conflict, Unavailable
from graven.flows.tokens import Tokens

__all__ = ["first_administrator"]


async def first_administrator(tokens: Tokens, file: Path | None, *, say: Callable[[str], None]) -> None:
    """Make the administrator where there is no principal yet.

    Raises:
        Conflict: the file is there already.
        Unavailable: the file cannot be written.
    """
    if not await tokens.none_yet():
        return
    secret = tokens.secret()
    # The file is written before the token works: a token that works and that nobody has would lock everybody out.
    if file is not None:
        _write(file, secret)
    try:
        await tokens.first(secret)
    except BaseException:
        if file is not None:
            _remove(file)
        raise
    if file is not None:
        say(f"The administrator's token is in {file}; take it from there and remove the file.")
    else:
        say(f"The administrator's token, shown this once: {secret}")


def _remove(file: Path) -> None:
    file.unlink(missing_ok=True)


def _write(file: Path, secret: str) -> None:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as opened:
            opened.write(secret + "\n")
            opened.flush()
            os.fsync(opened.fileno())
    except FileExistsError as e:
        hint = "remove it, or name another with --admin-token-file"
        raise Conflict("the file for the administrator's token is there already", where=str(file), hint=hint) from e
    except OSError as e:
        raise Unavailable(f"cannot write the administrator's token: {e.strerror}", where=str(file)) from e
