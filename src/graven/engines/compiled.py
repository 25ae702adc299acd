"""Owns compiled policies: the way from the texts of modules to a Policy, by way of a folder of those made before.

    $GRAVEN_CACHE, or $XDG_CACHE_HOME/graven, or ~/.cache/graven
    └── policies/            0700; by the digest of all that goes in, and of the engine
        └── <digest>.policy  0600; the image that ``Policy.dump`` gives

What lies there becomes code. So neither folder nor file is believed unless the user alone owns it, reads it and writes
it; this is asked of what was opened, never of a name. Whatever is wrong with a file, the policy is compiled anew.
"""

from __future__ import annotations

import marshal
import os
import sys
from _blake2 import blake2b  # hashlib's own, without loading OpenSSL, which takes 3 ms
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from graven.engines import paths
from graven.engines.privatefolder import PrivateFolder
from graven.errors import Forbidden, GravenError
from graven.record import TYPE_CHECKING
from graven.rego import Builtin, Policy, compile_modules, from_json, load
from graven.rego.image import encode

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    from graven.rego.policy import Version

    class How(TypedDict, total=False):
        """What else ``compile_modules`` takes."""

        strict: bool
        prints: bool
        capabilities: Mapping[str, object] | None


__all__ = ["MOST_BYTES", "MOST_FILES", "compiled", "place"]

MOST_FILES = 200
MOST_BYTES = 64 * 1024 * 1024
"""When there are more, those that were not used for longest go."""


def _warn(text: str) -> None:
    sys.stderr.write(f"warning: {text}\n")


def place(environment: Mapping[str, str]) -> str:
    """Give the folder in which compiled policies are kept.

    >>> place({"GRAVEN_CACHE": "/var/cache/graven"})
    '/var/cache/graven/policies'
    """
    own, shared = environment.get("GRAVEN_CACHE"), environment.get("XDG_CACHE_HOME")
    if own:
        return f"{own}/policies"
    return f"{shared or paths.home() + '/.cache'}/graven/policies"


def compiled(
    modules: Mapping[str, str],
    *,
    data: object = None,
    version: Version | Mapping[str, Version] = "auto",
    builtins: Iterable[Builtin] = (),
    folder: str | os.PathLike[str] | None = None,
    warn: Callable[[str], None] = _warn,
    **how: Unpack[How],
) -> Policy:
    """Give the policy that some modules make; ``folder`` is where compiled policies are kept.

    Raises:
        PolicyErrors: everything that is wrong with the modules, in the order of the places.
        Malformed: the capabilities are not of OPA's form.
    """
    own = tuple(builtins)
    kept = _opened(place(os.environ) if folder is None else os.fspath(folder), warn)
    if kept is None:
        return compile_modules(modules, data=data, version=version, builtins=own, **how)
    with kept:
        name = _digest(modules, data, version, own, how) + ".policy"
        policy = _read(kept, name, own, warn)
        if policy is None:
            policy = compile_modules(modules, data=data, version=version, builtins=own, **how)
            image = policy.dump(engine=_engine())
            if len(image) <= MOST_BYTES:
                kept.write(name, image)
                kept.shrink(MOST_FILES, MOST_BYTES)
        return policy


def _opened(folder: str, warn: Callable[[str], None]) -> PrivateFolder | None:
    if folder.startswith("~"):
        return None  # the user has no home
    try:
        return PrivateFolder.open(folder)
    except Forbidden as error:
        warn(f"compiled policies are not kept: {error}")
    except OSError:
        return None
    return None


def _read(kept: PrivateFolder, name: str, own: tuple[Builtin, ...], warn: Callable[[str], None]) -> Policy | None:
    """Give a policy that was compiled before; None if there is none that can be used."""
    try:
        image = kept.read(name)
        return None if image is None else load(image, builtins=own, engine=_engine())
    except Forbidden as error:
        warn(f"a compiled policy is not used: {error}")
    except (GravenError, ValueError, EOFError, TypeError):
        return None
    return None


def _digest(modules: Mapping[str, str], data: object, version: object, own: tuple[Builtin, ...], how: How) -> str:
    """Give the digest of all that a compiled policy depends on."""
    said = version if isinstance(version, str) else sorted(version.items())  # type: ignore[attr-defined]
    told = sorted((each.name, repr(each.declaration)) for each in own)
    parts = (
        _engine(), sys.version, sorted(modules.items()), encode(from_json(data)), said, told,
        how.get("strict", False), how.get("prints", False), repr(how.get("capabilities")),
    )  # fmt: skip
    return blake2b(marshal.dumps(parts, 2), digest_size=32).hexdigest()


@cache
def _engine() -> str:
    """Name this build of the engine: by size and time of its files, so that no edit of them goes unseen."""
    import graven.rego

    found: list[tuple[str, int, int]] = []
    waiting = [*graven.rego.__path__]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(".py"):
                    about = entry.stat()
                    found.append((entry.path, about.st_size, about.st_mtime_ns))
                elif entry.is_dir() and entry.name != "__pycache__":
                    waiting.append(entry.path)
    return blake2b(repr(sorted(found)).encode(), digest_size=32).hexdigest()
