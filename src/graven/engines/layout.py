"""OCI image layouts (image-spec, image-layout.md): a folder, or a tar of one, read and written.

LAYOUT/
├── oci-layout                     {"imageLayoutVersion": "1.0.0"}
├── index.json                     what is in it; org.opencontainers.image.ref.name is its tag
└── blobs/<algorithm>/<hex>        manifests, configs, layers
"""

from __future__ import annotations

import contextlib
import os
import tarfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from graven.catalogue import oci
from graven.errors import Malformed, Mismatch, NotFound, TooLarge, Unavailable
from graven.values import Descriptor, Digest, canonical

__all__ = ["Layout", "LayoutWriter", "open_layout"]

_NAME = "org.opencontainers.image.ref.name"
_VERSION = b'{"imageLayoutVersion":"1.0.0"}'


class _Files(Protocol):
    def open(self, name: str) -> BinaryIO:
        """Open a file of the layout; KeyError or FileNotFoundError if there is none."""


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def open(self, name: str) -> BinaryIO:
        return (self._path / name).open("rb")


class _Tar:
    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self._members = {os.path.normpath(member.name): member for member in archive if member.isfile()}

    def open(self, name: str) -> BinaryIO:
        return cast("BinaryIO", self._archive.extractfile(self._members[name]))


class Layout:
    """Reads a layout."""

    def __init__(self, files: _Files, where: str) -> None:
        self._files = files
        self.where = where

    def blob(self, digest: Digest) -> BinaryIO:
        """Open a blob.

        Raises:
            NotFound: the layout does not have it.
        """
        return self._open(f"blobs/{digest.algorithm}/{digest.hex}")

    def manifest(self, one: Descriptor) -> bytes:
        """Give a manifest's bytes.

        Raises:
            Mismatch: they are not those of the digest.
            TooLarge: it is longer than a manifest may be.
        """
        with self.blob(one.digest) as file:
            data = file.read(oci.MAX_MANIFEST + 1)
        if len(data) > oci.MAX_MANIFEST:
            raise TooLarge(f"got a manifest of more than {oci.MAX_MANIFEST} bytes", where=self.where)
        one.digest.check(data)
        return data

    def root(self, name: str = "") -> Descriptor:
        """Give what the layout holds: its only manifest, or the one with that tag.

        Raises:
            NotFound: none has it.
            Malformed: there are several, or no layout is there.
        """
        with self._open("index.json") as file:
            listed = oci.parse(file.read(oci.MAX_MANIFEST + 1), oci.IMAGE_INDEX).manifests
        found = [one for one in listed if not name or dict(one.annotations).get(_NAME) == name]
        if not found:
            raise NotFound(f"no manifest {name!r} in the layout", where=self.where)
        if len({one.digest for one in found}) > 1:
            names = ", ".join(dict(one.annotations).get(_NAME, str(one.digest)) for one in found)
            raise Malformed(
                f"got {len(found)} manifests, expected one", where=self.where, hint=f"choose one of: {names}"
            )
        return found[0]

    def _open(self, name: str) -> BinaryIO:
        try:
            return self._files.open(name)
        except (KeyError, FileNotFoundError, NotADirectoryError) as e:
            raise NotFound(f"no file {name} in {self.where}", where=self.where, hint="is it an OCI layout?") from e
        except (OSError, tarfile.TarError) as e:
            raise Unavailable(f"cannot read {name}: {e}", where=self.where) from e


@contextlib.contextmanager
def open_layout(path: Path) -> Iterator[Layout]:
    """Open a folder or a tar.

    Raises:
        NotFound: there is nothing.
        Malformed: it is neither.
    """
    if path.is_dir():
        yield Layout(_Folder(path), str(path))
        return
    try:
        archive = tarfile.open(path)  # noqa: SIM115 - closed below; errors of its reader are no errors of the tar's
    except FileNotFoundError as e:
        raise NotFound(f"no file or folder {path}", where=str(path)) from e
    except (OSError, tarfile.TarError) as e:
        raise Malformed(
            "neither a folder nor a tar", where=str(path), hint="give an OCI layout; a single file goes with --file"
        ) from e
    with archive:
        yield Layout(_Tar(archive), str(path))


class LayoutWriter:
    """Writes a layout into a folder; a blob is there whole or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def has(self, one: Descriptor) -> bool:
        """Tell whether a blob of that length is there."""
        try:
            return self._blob(one.digest).stat().st_size == one.size
        except FileNotFoundError:
            return False

    def put(self, digest: Digest, pieces: Iterable[bytes]) -> None:
        """Write a blob.

        Raises:
            Mismatch: its bytes are not those of the digest.
        """
        target, hasher = self._blob(digest), Digest.hasher(digest.algorithm)
        partial = target.with_suffix(".partial")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("wb") as file:
                for piece in pieces:
                    hasher.update(piece)
                    file.write(piece)
            if hasher.hexdigest() != digest.hex:
                raise Mismatch(f"got other bytes than those of {digest}", where=str(target))
            partial.replace(target)
        except OSError as e:
            raise Unavailable(f"cannot write {target}: {e.strerror}", where=str(target)) from e
        finally:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)

    def finish(self, root: Descriptor, name: str) -> None:
        """Write what makes it a layout, last; what was listed before stays, unless it had the same name.

        Raises:
            Malformed: another index.json is there and cannot be read.
        """
        told = {**oci.describe(root), "annotations": {_NAME: name}} if name else oci.describe(root)
        kept = [oci.describe(one) for one in self._listed() if dict(one.annotations).get(_NAME, "") != name]
        index = {"schemaVersion": 2, "mediaType": oci.IMAGE_INDEX, "manifests": [*kept, told]}
        partial = self._path / "index.json.partial"
        try:
            (self._path / "oci-layout").write_bytes(_VERSION)
            partial.write_bytes(canonical.dumps(index))
            partial.replace(self._path / "index.json")
        except OSError as e:
            raise Unavailable(f"cannot write the layout: {e.strerror}", where=str(self._path)) from e

    def _listed(self) -> tuple[Descriptor, ...]:
        index = self._path / "index.json"
        return oci.parse(index.read_bytes(), oci.IMAGE_INDEX).manifests if index.exists() else ()

    def _blob(self, digest: Digest) -> Path:
        return self._path / "blobs" / digest.algorithm / digest.hex
