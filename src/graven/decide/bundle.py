"""Owns bundles of policies: the files of a tar.gz, and what they say together (OPA's bundle format).

A bundle's files are kept as they were received; modules, data and manifest stand beside them. Only ``*.rego``,
``data.json``, ``data.yaml`` and ``data.yml``, ``.manifest`` and ``.signatures.json`` say anything; every other file is
kept and not looked at. Signatures are ``bundlesignature``'s; folders are read by ``engines.policyfiles``.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import tarfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from graven.errors import Malformed, TooLarge, Unsupported

__all__ = [
    "MANIFEST",
    "MAX_BYTES",
    "MAX_FILES",
    "SIGNATURES",
    "Bundle",
    "Manifest",
    "merge",
    "of_files",
    "parse",
    "render",
]

MANIFEST = ".manifest"
SIGNATURES = ".signatures.json"
MAX_BYTES = 256 << 20
MAX_FILES = 20_000
_DATA = ("data.json", "data.yaml", "data.yml")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What ``.manifest`` says."""

    revision: str = ""
    roots: tuple[str, ...] = ("",)
    """Path prefixes that the bundle owns, as ``a/b``; they do not overlap."""
    rego_version: int | None = None
    file_rego_versions: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Versions of the modules whose paths (from ``/``) match a glob."""
    metadata: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    def value(self) -> dict[str, Any]:
        """Give the JSON value; what is left out means what it means when it is read."""
        found: dict[str, Any] = {"revision": self.revision, "roots": list(self.roots)}
        if self.metadata:
            found["metadata"] = dict(self.metadata)
        if self.rego_version is not None:
            found["rego_version"] = self.rego_version
        if self.file_rego_versions:
            found["file_rego_versions"] = dict(self.file_rego_versions)
        return found

    def version(self, path: str) -> str:
        """Name the version of a module for the compiler; empty where the manifest does not say it.

        >>> Manifest(rego_version=1, file_rego_versions={"/old/*.rego": 0}).version("/old/p.rego")
        'v0'
        """
        for pattern, version in self.file_rego_versions.items():
            if _glob(pattern).fullmatch(path):
                return f"v{version}"
        return "" if self.rego_version is None else f"v{self.rego_version}"

    def permits(self, path: str) -> bool:
        """Say whether a path, as ``a/b``, lies under a root."""
        return any(_under(path, root) for root in self.roots)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle's files by path, and what they say."""

    files: Mapping[str, bytes]
    """As received; paths have no slash in front."""
    modules: Mapping[str, str]
    data: Mapping[str, Any]
    manifest: Manifest = Manifest()
    has_manifest: bool = False

    def signed(self) -> bool:
        """Say whether it carries signatures; whether they hold is for ``bundlesignature`` to say."""
        return SIGNATURES in self.files


def parse(content: bytes, *, where: str = "", max_bytes: int = MAX_BYTES) -> Bundle:
    """Read a tar.gz.

    Raises:
        Malformed: it is no bundle, names a file outside of itself, or holds what cannot be read.
        TooLarge: it unpacks to more than the limits.
        Unsupported: it is a delta.
    """
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(_unpacked(content, where, max_bytes)), mode="r:") as archive:
            for member in archive:
                if len(files) > MAX_FILES:
                    raise TooLarge(f"got more than {MAX_FILES} files in a bundle", where=where)
                path = _path(member.name, where)
                held = archive.extractfile(member) if member.isreg() else None
                if held is not None:
                    if path in files:
                        raise Malformed(f"the file {path} stands twice in the bundle", where=where)
                    files[path] = held.read()
    except (tarfile.TarError, OSError, ValueError) as e:
        raise Malformed(f"got no tar in the bundle: {e}", where=where) from e
    return of_files(files, where=where)


def _unpacked(content: bytes, where: str, most: int) -> bytes:
    """Unpack, but never more than a limit, however small the packed form is."""
    reader, out = zlib.decompressobj(wbits=31), b""
    try:
        out = reader.decompress(content, most + 1)
    except zlib.error as e:
        raise Malformed(f"got no gzip, expected a bundle of the form tar.gz: {e}", where=where) from e
    if len(out) > most:
        raise TooLarge(f"the bundle unpacks to more than {most} bytes", where=where)
    if not reader.eof:
        raise Malformed("the bundle ends before its end", where=where, hint="fetch it again")
    return out


def _path(name: str, where: str) -> str:
    steps = [step for step in name.split("/") if step not in ("", ".")]
    if ".." in steps or "\\" in name or "\0" in name:
        raise Malformed(f"got a file named {name[:120]!r}, expected a path inside of the bundle", where=where)
    return "/".join(steps)


def of_files(files: Mapping[str, bytes], *, where: str = "") -> Bundle:
    """Read what some files say together; the same for an archive and for a folder.

    Raises:
        Malformed: a file cannot be read, two say one thing, or one lies outside of the roots.
        Unsupported: it is a delta, or compiled to what is not Rego.
    """
    manifest, data, modules = Manifest(), dict[str, Any](), dict[str, str]()
    if "patch.json" in files:
        raise Unsupported("got a delta bundle, expected a whole one", where=where)
    if MANIFEST in files:
        manifest = _manifest(_json(files[MANIFEST], _at(where, MANIFEST)), _at(where, MANIFEST))
    for path in sorted(files):
        folder, _, name = path.rpartition("/")
        if name.endswith(".rego"):
            modules[path] = _text(files[path], _at(where, path))
        elif name in _DATA:
            document = _document(files[path], name, _at(where, path))
            for step in reversed(folder.split("/") if folder else []):
                document = {step: document}
            if not isinstance(document, dict):
                raise Malformed("got a document that is no object at the top of a bundle", where=_at(where, path))
            conflict = merge(data, document)
            if conflict:
                raise Malformed(f"two documents say what data.{'.'.join(conflict)} is", where=_at(where, path))
    outside = _outside(data, (), manifest.roots)
    if outside is not None:
        roots = " ".join(manifest.roots)
        raise Malformed(f"manifest roots [{roots}] do not permit data at path '/{outside}'", where=where)
    return Bundle(MappingProxyType(dict(files)), modules, data, manifest, MANIFEST in files)


def merge(into: dict[str, Any], more: Mapping[str, Any]) -> tuple[str, ...]:
    """Join a document to another; give the path at which they say two things, or nothing."""
    for key, value in more.items():
        if key not in into:
            into[key] = value
        elif isinstance(into[key], dict) and isinstance(value, dict):
            deeper = merge(into[key], value)
            if deeper:
                return (key, *deeper)
        else:
            return (key,)
    return ()


def render(bundle: Bundle) -> bytes:
    """Write the files as a tar.gz: the same files always give the same bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path in sorted(bundle.files, key=lambda path: (path != "data.json", path.startswith("."), path)):
            about = tarfile.TarInfo(f"/{path}")
            about.size, about.mode = len(bundle.files[path]), 0o600
            archive.addfile(about, io.BytesIO(bundle.files[path]))
    return gzip.compress(out.getvalue(), compresslevel=9, mtime=0)


def _at(where: str, path: str) -> str:
    return f"{where}/{path}" if where else path


def _text(content: bytes, where: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as e:
        raise Malformed(f"got bytes that are no UTF-8: {e}", where=where) from e


def _json(content: bytes, where: str) -> Any:
    from graven.rego.numerals import parse_number

    try:
        return json.loads(content, parse_float=parse_number, parse_constant=_constant)
    except (ValueError, RecursionError) as e:
        raise Malformed(f"got no JSON: {e}", where=where) from e


def _constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _document(content: bytes, name: str, where: str) -> Any:
    if name == "data.json":
        return _json(content, where)
    from graven.documents.datayaml import read

    return read(content, where)


def _manifest(found: Any, where: str) -> Manifest:
    """Read ``.manifest``.

    Raises:
        Malformed: a key has another type, or roots overlap.
    """
    if not isinstance(found, dict):
        raise Malformed("got a manifest that is no object", where=where)
    revision, roots = found.get("revision", ""), found.get("roots")
    versions, metadata = found.get("file_rego_versions") or {}, found.get("metadata") or {}
    numbers = [found.get("rego_version"), *(versions.values() if isinstance(versions, dict) else [2])]
    roots = [""] if roots is None else roots
    if not isinstance(revision, str) or not isinstance(metadata, dict):
        raise Malformed("expected a text as revision and an object as metadata", where=where)
    if not isinstance(roots, list) or not all(isinstance(root, str) for root in roots):
        raise Malformed("expected a list of paths as roots", where=where)
    if any(number is not None and (number not in (0, 1) or isinstance(number, bool)) for number in numbers):
        raise Malformed("expected 0 or 1 as a version of Rego", where=where)
    standard = tuple(root.strip("/") for root in roots)
    for index, root in enumerate(standard):
        for other in standard[index + 1 :]:
            if _under(root, other) or _under(other, root):
                raise Malformed(f"manifest has overlapped roots: '{root}' and '{other}'", where=where)
    return Manifest(revision, standard, found.get("rego_version"), versions, metadata)


def _under(path: str, root: str) -> bool:
    return not root or path == root or path.startswith(f"{root}/")


def _outside(data: Any, path: tuple[str, ...], roots: tuple[str, ...]) -> str | None:
    """Give a path of the data that lies under no root."""
    here = "/".join(path)
    if any(_under(here, root) for root in roots):
        return None
    if isinstance(data, dict) and (not path or any(_under(root, here) for root in roots)):
        return next((found for key in data if (found := _outside(data[key], (*path, key), roots)) is not None), None)
    return here


def _glob(pattern: str) -> re.Pattern[str]:
    """Give the expression of a glob whose ``*`` stays within a folder."""
    parts = re.split(r"(\*\*|\*|\?)", pattern)
    words = {"**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(words.get(part) or re.escape(part) for part in parts))
