"""Policies at ``oci://`` references, for the commands that use them: a signature or a pinned digest comes first."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from graven.cli.registries import registry_of
from graven.errors import Malformed, Refused

if TYPE_CHECKING:
    from graven.engines.policyregistry import Fetched
    from graven.evidence.trust import TrustRoot
    from graven.values import Reference

__all__ = ["add_trust", "fetch", "reference", "remote"]

SCHEME = "oci://"


def add_trust(parser: argparse.ArgumentParser | argparse._ArgumentGroup) -> None:
    """Add what says when fetched policies count."""
    parser.add_argument(
        "--policy-key",
        action="append",
        type=Path,
        default=[],
        metavar="PEM",
        help="policies from oci:// count if signed by it",
    )
    parser.add_argument(
        "--allow-unsigned", action="store_true", help="let policies from oci:// count without key and digest"
    )


def reference(text: str) -> Reference:
    """Read a reference with or without its scheme; without tag and digest it is ``latest``, as for conftest.

    Raises:
        Malformed: it is none.
    """
    from graven.values import Reference

    plain = text.removeprefix(SCHEME)
    if "://" in plain:
        raise Malformed(f"got {text[:200]!r}, expected oci://HOST/NAME:TAG", where="reference")
    return Reference.parse(plain if ":" in plain.rpartition("/")[2] else f"{plain}:latest")


def fetch(args: argparse.Namespace, text: str) -> Fetched:
    """Fetch policies that count: signed by a key that is named, or of the very digest that is named.

    Raises:
        Refused: neither is the case.
        NotFound: there are none.
    """
    from graven.engines.policyregistry import PolicyRegistry

    wanted = reference(text)
    root = _root(args.policy_key)
    if root is None and wanted.digest is None and not args.allow_unsigned:
        raise Refused(
            "these policies are neither pinned by digest nor held against a key",
            where=text,
            hint="give --policy-key PEM, name them as NAME@sha256:…, or say --allow-unsigned",
        )
    with registry_of(args, wanted.host) as registry:
        return PolicyRegistry(registry, wanted.repository).fetch(wanted.target, root=root)


def remote(args: argparse.Namespace) -> Callable[[str], Mapping[str, bytes]]:
    """Give the function that reads the files of a reference; each is fetched once."""
    fetched: dict[str, Mapping[str, bytes]] = {}

    def read(text: str) -> Mapping[str, bytes]:
        if text not in fetched:
            fetched[text] = files(fetch(args, text))
        return fetched[text]

    return read


def files(found: Fetched) -> Mapping[str, bytes]:
    """Give the files of an image of policies, be it of files or of a bundle."""
    if found.bundle is None:
        return found.files
    from graven.decide import bundle

    held = bundle.parse(found.bundle, where=str(found.digest)).files
    return {path: data for path, data in held.items() if not path.rpartition("/")[2].startswith(".")}


def _root(paths: list[Path]) -> TrustRoot | None:
    if not paths:
        return None
    from graven.cli.keyfiles import read_public
    from graven.evidence.trust import TrustedKey, TrustRoot

    return TrustRoot(tuple(TrustedKey(str(path), read_public(path)) for path in paths))
