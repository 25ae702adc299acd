"""Owns the arguments that several verbs share, and what they mean: versions, capabilities, files to leave out."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from graven.engines import paths
from graven.errors import GravenError, Malformed, NotFound
from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from graven.engines.policyfiles import Loaded
    from graven.rego import Policy
    from graven.rego.policy import Version

__all__ = ["add_capabilities", "add_ignore", "add_strict", "add_version", "capabilities", "policy_of", "version_of"]


def add_version(parser: argparse.ArgumentParser) -> None:
    """Add what says which version of Rego modules are written in; v1 where nothing says it."""
    parser.add_argument("--v0-compatible", action="store_true", help="modules are Rego v0")
    parser.add_argument("--v1-compatible", action="store_true", help="modules are Rego v1 (the default)")
    versions = ("v0", "v1", "auto", "0", "1")
    parser.add_argument("--rego-version", choices=versions, help="auto: found out from each module's syntax")


def version_of(args: argparse.Namespace) -> Version:
    """Give the version that the arguments say."""
    said: str = args.rego_version or ("v0" if args.v0_compatible and not args.v1_compatible else "v1")
    return "v0" if said in ("v0", "0") else "auto" if said == "auto" else "v1"


def add_ignore(parser: argparse.ArgumentParser) -> None:
    """Add the names of files to leave out."""
    parser.add_argument("--ignore", action="append", default=[], metavar="GLOB", help="leave out files and folders")


def add_strict(parser: argparse.ArgumentParser) -> None:
    """Add strict mode."""
    parser.add_argument("-S", "--strict", action="store_true", help="refuse unused variables and imports too")


def add_capabilities(parser: argparse.ArgumentParser) -> None:
    """Add the file of what rules may use."""
    parser.add_argument("--capabilities", default="", metavar="FILE", help="what rules may use, as OPA writes it")


def capabilities(path: str) -> dict[str, Any] | None:
    """Read the file of capabilities, if one is named.

    Raises:
        NotFound: it is not there.
        Malformed: it is no JSON object.
    """
    if not path:
        return None
    from graven.engines.policyfiles import exact_json

    try:
        found = exact_json(paths.read(path))
    except OSError as e:
        hint = f"a version's name is not known: write the file with `opa capabilities --version {path}`"
        raise NotFound(f"the capabilities cannot be read: {e.strerror}", where=path, hint=hint) from e
    except ValueError as e:
        raise Malformed(f"got no JSON: {e}", where=path) from e
    if not isinstance(found, dict):
        raise Malformed("got no object of capabilities", where=path)
    return found


def split(words: Sequence[str]) -> list[str]:
    """Take lists apart that were written with commas.

    >>> split(["a,b", "c"])
    ['a', 'b', 'c']
    """
    return [part for word in words for part in word.split(",") if part]


def policy_of(loaded: Loaded, args: argparse.Namespace, *, strict: bool = False, prints: bool = False) -> Policy:
    """Compile what was loaded, as the arguments say.

    Raises:
        PolicyErrors: what is wrong with the modules.
    """
    from graven.engines.compiled import compiled
    from graven.engines.ownbuiltins import artifact_builtins

    default = version_of(args)
    versions: Any = (
        {name: loaded.versions.get(name, default) for name in loaded.modules} if loaded.versions else default
    )
    return compiled(
        loaded.modules,
        data=loaded.data,
        version=versions,
        builtins=artifact_builtins(loaded.modules),
        strict=strict,
        prints=prints,
        capabilities=capabilities(args.capabilities),
    )


def loading_message(error: GravenError) -> str:
    """Give the text of an error of loading, without what only one who reads the whole of it needs."""
    return error.message
