"""One layer of an image, read once from front to back, without temporary files (OCI image-spec, layer.md).

What is wanted is parsed while the stream stands at it, and what is not wanted is passed over, so memory does not grow
with the layer. Whiteouts speak of the layers below whatever their place in this one.
"""

from __future__ import annotations

from collections.abc import Callable

from graven.errors import Malformed, TooLarge
from graven.inventory import dpkg, executable, node, os_release, python
from graven.inventory.limits import Limits
from graven.inventory.notes import Notes
from graven.inventory.places import language_folder, place
from graven.inventory.report import LayerReport
from graven.inventory.stream import Reader, Stream
from graven.inventory.tar import FOLDER, HARD_LINK, REGULAR, SPARSE, SYMLINK, Archive, Member
from graven.values import Digest

__all__ = ["catalogue_layer", "unpacks"]

_WHITEOUT = b".wh."
_OPAQUE = b".wh..wh..opq"
_AUFS = b".wh..wh."
_HEADERS = 256 << 10
"""Core metadata are read no further: what follows the headers is a description."""
_FOLLOWED = ("os-release", "dpkg-licence", "python-top-level", "archive")
"""Places where a symbolic link is no loss: its target is read at its own place, or tells of no package."""


def unpacks(media_type: str) -> bool:
    """Tell whether layers of this type are archives of a root file system.

    >>> unpacks("application/vnd.oci.image.layer.v1.tar+zstd"), unpacks("application/java-archive")
    (True, False)
    """
    kind = media_type.partition(";")[0].strip().lower()
    docker = "application/vnd.docker.image.rootfs."
    return kind.startswith(("application/vnd.oci.image.layer.", docker)) and kind.endswith(
        (".tar", ".tar+gzip", ".tar+zstd", ".tar.gzip", ".tar.zstd")
    )


def catalogue_layer(reader: Reader, *, media_type: str, layer: Digest, limits: Limits | None = None) -> LayerReport:
    """Read a layer to its end and tell all that matters of it.

    Raises:
        Malformed: it cannot be read, or names what would leave the root.
        TooLarge: a limit is passed; the message names it.
        Unsupported: its compression is not read.
        Unavailable: the reader fails.
    """
    if not unpacks(media_type):
        raise Malformed(f"got a layer of type {media_type!r}, expected an archive of a root file system", where="layer")
    bounds = limits or Limits()
    stream = Stream(reader, bounds)
    archive = Archive(stream, bounds)
    walk = _Walk(archive, bounds)
    for member in archive:
        walk.see(member)
    if not archive.ended:
        walk.notes.limit("the archive has no end marker and may be cut")
    if stream.drain():
        walk.notes.limit("there is more behind the end of the archive")
    return walk.notes.report(layer, archive.entries)


class _Walk:
    """What is done at each member."""

    def __init__(self, archive: Archive, limits: Limits) -> None:
        self._archive = archive
        self._limits = limits
        self.notes = Notes(limits.facts)
        self._readers: dict[str, Callable[[str], None]] = {
            "os-release": self._os_release,
            "dpkg": self._dpkg,
            "dpkg-list": self._dpkg_list,
            "dpkg-md5sums": self._dpkg_md5sums,
            "dpkg-diversions": self._dpkg_diversions,
            "dpkg-licence": self._dpkg_licence,
            "python": self._python,
            "python-record": self._python_record,
            "python-top-level": self._python_top_level,
            "node": self._node,
        }

    def see(self, member: Member) -> None:
        """Take note of one member."""
        name = self._clean(member.name)
        if member.kind == FOLDER:
            self.notes.cover(b"d", name)
            return
        if not name:
            return
        base = name[name.rfind(b"/") + 1 :]
        if base.startswith(_WHITEOUT):
            self._whiteout(name, base)
            return
        self.notes.cover_file(name)
        if member.kind == REGULAR:
            self._file(name, base, member)
        elif member.kind == SYMLINK:
            self._symlink(name, base, member.link)
        elif member.kind == HARD_LINK:
            self._hard_link(name, self._clean(member.link))
        elif member.kind == SPARSE:
            self.notes.sight("unread", _text(name), "the file has holes")

    def _clean(self, name: bytes) -> bytes:
        if name.startswith(b"./"):
            name = name[2:]
        if b".." not in name and b"//" not in name and b"/." not in name and name[:1] not in (b".", b"/"):
            name = name[:-1] if name.endswith(b"/") else name
        else:
            parts = [part for part in name.split(b"/") if part not in (b"", b".")]
            if b".." in parts:
                raise Malformed(f"got the name {_text(name)!r}, which could leave the root", where="layer")
            name = b"/".join(parts)
        if not name.isascii():
            name = _text(name).encode()
        if len(name) > self._limits.name:
            raise TooLarge(
                f"got a name of {len(name)} bytes, more than {self._limits.name}, the limit name", where="layer"
            )
        if name.count(b"/") > self._limits.depth:
            raise TooLarge(f"got more than {self._limits.depth} folders in one another, the limit depth", where="layer")
        return name

    def _whiteout(self, name: bytes, base: bytes) -> None:
        folder = name[: -len(base)]
        if base == _OPAQUE:
            self.notes.cover(b"o", folder[:-1])
        elif not base.startswith(_AUFS):
            self.notes.cover(b"f", folder + base[len(_WHITEOUT) :])

    def _symlink(self, name: bytes, base: bytes, target: bytes) -> None:
        kind = place(name, base)
        if b"/" not in name:
            self.notes.sight("link", _text(name), _text(target.strip(b"/")))
        elif name.endswith((b"var/lib/dpkg", b"var/lib/dpkg/status.d")) or (kind and not kind.startswith(_FOLLOWED)):
            self.notes.sight("unread", _text(name), "a symbolic link stands where packages are told of")

    def _hard_link(self, name: bytes, target: bytes) -> None:
        base = name[name.rfind(b"/") + 1 :]
        kind = place(name, base)
        self._folder(name)
        self.notes.link(_text(name), _text(target), kind)

    def _file(self, name: bytes, base: bytes, member: Member) -> None:
        self._folder(name)
        kind = place(name, base)
        if kind.startswith("database:"):
            self.notes.sight("database", _text(name), kind.removeprefix("database:"))
        elif kind == "archive":
            if self._archive.peek(4) == b"PK\x03\x04":
                self.notes.sight("archive", _text(name))
        elif kind:
            self._wanted(kind, _text(name), member.size)
            return
        if member.size > 64:
            self._executable(name)

    def _folder(self, name: bytes) -> None:
        kind, folder = language_folder(name)
        if kind:
            self.notes.sight("folder", _text(folder), kind)

    def _executable(self, name: bytes) -> None:
        if self._archive.peek(2) not in (b"\x7fE", b"MZ"):
            return
        kind = executable.kind(self._archive.peek(executable.HEAD))
        if kind == "elf" and self._archive.scan(executable.GO_BUILD_INFO):
            kind = "go"
        if kind:
            self.notes.sight("executable", _text(name), kind)

    def _wanted(self, kind: str, path: str, size: int) -> None:
        whole = self._limits.document if kind in ("node", "os-release") else self._limits.member
        if size > whole and kind not in ("python", "dpkg-licence"):
            self.notes.sight("unread", path, f"it is {size} bytes long, the limit is {whole}")
            return
        self.notes.read(path)
        self._readers[kind](path)

    def _whole(self) -> bytes:
        return self._archive.read(self._limits.member)

    def _os_release(self, path: str) -> None:
        distro = os_release.parse(self._whole())
        if distro is None:
            self.notes.sight("unread", path, "it names no distribution")
        else:
            self.notes.sight("release", path, f"{distro.id} {distro.version_id}")

    def _dpkg(self, path: str) -> None:
        found, broken = dpkg.parse(self._whole(), path)
        for each in found:
            self.notes.package(each)
        if broken or (not found and "/status.d/" in path):
            self.notes.sight("unread", path, f"{broken or 1} of its blocks have no name or no version")

    def _dpkg_list(self, path: str) -> None:
        self.notes.claim(dpkg.listed(self._whole(), path))

    def _dpkg_md5sums(self, path: str) -> None:
        if not self.notes.claimed(path.removesuffix(".md5sums") + ".list"):
            self.notes.claim(dpkg.summed(self._whole(), path))

    def _dpkg_diversions(self, path: str) -> None:
        for sighting in dpkg.diversions(self._whole(), path):
            self.notes.sight(sighting.kind, sighting.path, sighting.text)

    def _dpkg_licence(self, path: str) -> None:
        if licence := dpkg.licence(self._archive.read(_HEADERS)):
            self.notes.sight("licence", path, licence)

    def _python(self, path: str) -> None:
        found = python.parse(self._archive.read(_HEADERS), path)
        if found is None:
            self.notes.sight("unread", path, "it has no name or no version")
        else:
            self.notes.package(found)
            self.notes.claim(python.named(found))

    def _python_record(self, path: str) -> None:
        for claim in python.recorded(self._whole(), path):
            self.notes.claim(claim)

    def _python_top_level(self, path: str) -> None:
        self.notes.claim(python.top_levels(self._whole(), path))

    def _node(self, path: str) -> None:
        # One that cannot be read is no package; in node_modules its folder is then told as bare.
        if found := node.parse(self._whole(), path):
            self.notes.package(found)


def _text(name: bytes) -> str:
    return name.decode("utf-8", "backslashreplace")
