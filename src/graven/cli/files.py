"""Generic files from the command line: published once, under REPOSITORY/NAME:VERSION, and fetched."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

from graven.cli.client import Client
from graven.cli.progress import bar
from graven.cli.registries import registry_of
from graven.errors import Malformed, Mismatch, NotFound, Unavailable
from graven.values import Digest, Hasher

__all__ = ["fetch", "place", "publish"]

_PIECE = 1 << 20


def place(text: str) -> tuple[str, str, str]:
    """Read ``REPOSITORY/NAME:VERSION``.

    >>> place("team/tools/graver:2.1")
    ('team/tools', 'graver', '2.1')

    Raises:
        Malformed: one of the three is missing.
    """
    path, _, version = text.rpartition(":")
    repository, _, name = path.rpartition("/")
    if not (repository and name and version):
        raise Malformed(f"got {text[:160]!r}, expected REPOSITORY/NAME:VERSION", where="reference")
    return repository, name, version


def publish(args: argparse.Namespace) -> dict[str, Any]:
    """Publish a file under its own name; hold the server's digest against what was sent."""
    repository, name, version = place(args.reference)
    source: Path = args.source
    path = f"/files/{repository}/{quote(name)}/{quote(version)}/{quote(source.name)}"
    hasher = Digest.hasher()
    try:
        size = source.stat().st_size
        with source.open("rb") as file, bar(f"push {source.name}", size) as progress, Client.of(args) as client:
            done: dict[str, Any] = client.put_bytes(path, _pieces(file, hasher, progress), length=size)
    except OSError as e:
        raise Unavailable(f"cannot read {source}: {e.strerror}", where=str(source)) from e
    if done["digest"] != f"sha256:{hasher.hexdigest()}":
        raise Mismatch(f"the server has {done['digest']}, expected sha256:{hasher.hexdigest()}", where=path)
    return {"reference": args.reference, **done}


def _pieces(file: BinaryIO, hasher: Hasher, progress: Callable[[int], None]) -> Iterator[bytes]:
    while piece := file.read(_PIECE):
        hasher.update(piece)
        yield piece
        progress(len(piece))


def fetch(args: argparse.Namespace) -> dict[str, Any]:
    """Fetch the files of a version into a folder.

    Raises:
        NotFound: there are none.
        Mismatch: the bytes are not those of the digest; nothing was written then.
    """
    repository, name, version = place(args.reference)
    with Client.of(args) as client:
        listed: list[dict[str, Any]] = client.get(f"/files/{repository}/", name=name, version=version)["files"]
    if not listed:
        raise NotFound(f"no file {args.reference}", where=args.reference, hint=f"graven ls {repository} shows them")
    for one in listed:
        _write(args, repository, one)
    return {"reference": args.reference, "folder": str(args.folder), "files": listed}


def _write(args: argparse.Namespace, repository: str, one: dict[str, Any]) -> None:
    target: Path = args.folder / Path(one["filename"]).name
    partial = target.with_name(f"{target.name}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with registry_of(args, None) as registry, bar(f"pull {target.name}", one["size"]) as progress:
            with partial.open("wb") as file:
                for piece in registry.blob(repository, Digest.parse(one["digest"]), progress=progress):
                    file.write(piece)
            partial.replace(target)
    except OSError as e:
        raise Unavailable(f"cannot write {target}: {e.strerror}", where=str(target)) from e
    finally:
        partial.unlink(missing_ok=True)
