"""The rules that ship with graven, in Rego v1, with their tests; nothing in them is special but that they are here.

At the top are the rules of decisions about artifacts. Each folder is a set of rules for ``graven test``, which takes
it as ``--policy graven://FOLDER``.
"""

from __future__ import annotations

from importlib import resources
from importlib.resources.abc import Traversable

from graven.errors import NotFound

__all__ = ["SETS", "modules", "rules", "stages"]

SETS = ("dockerfile", "kubernetes", "registries", "storage")
"""The folders of rules about configuration files."""


def modules(*, tests: bool = False) -> dict[str, str]:
    """Give the sources of the rules about artifacts by file name; with their Rego tests if asked for."""
    return _modules(resources.files(__name__), "", tests=tests)


def rules(name: str = "", *, tests: bool = False) -> dict[str, str]:
    """Give the sources of a set of rules about configuration files by path, or those of all sets.

    Raises:
        NotFound: there is no such set.
    """
    if name and name not in SETS:
        raise NotFound(f"got the set of rules {name!r}, there are {', '.join(SETS)}", where=f"graven://{name}")
    found: dict[str, str] = {}
    for each in (name,) if name else SETS:
        found |= _modules(resources.files(__name__).joinpath(each), f"{each}/", tests=tests)
    return found


def _modules(folder: Traversable, prefix: str, *, tests: bool) -> dict[str, str]:
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".rego"))
    wanted = (name for name in names if tests or not name.endswith("_test.rego"))
    return {f"{prefix}{name}": folder.joinpath(name).read_text("utf-8") for name in wanted}


def stages() -> bytes:
    """Give the stages document that a new server starts with."""
    return resources.files(__name__).joinpath("stages.yaml").read_bytes()
