"""Layers for tests, written by Python's own tarfile, and by hand where a header must be wrong."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graven.inventory import LayerReport, Limits, catalogue_layer
from graven.values import Digest

TAR = "application/vnd.oci.image.layer.v1.tar"
ELF = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00" + bytes(100)
PE = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + bytes(100)
JAR = b"PK\x03\x04" + bytes(60)
GO = ELF + bytes(5000) + b"\xff Go buildinf:" + bytes(500)


@dataclass(frozen=True)
class Entry:
    name: str
    data: bytes | None = b""
    """None for a folder."""
    link: str = ""
    hard: bool = False


def file(name: str, data: bytes | str = b"") -> Entry:
    return Entry(name, data.encode() if isinstance(data, str) else data)


def folder(name: str) -> Entry:
    return Entry(name, None)


def symlink(name: str, target: str) -> Entry:
    return Entry(name, b"", target)


def hard_link(name: str, target: str) -> Entry:
    return Entry(name, b"", target, hard=True)


def pack(*entries: Entry, format_: int = tarfile.PAX_FORMAT) -> bytes:
    """Write a tar of entries."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format_) as archive:
        for entry in entries:
            member = tarfile.TarInfo(entry.name)
            if entry.data is None:
                member.type = tarfile.DIRTYPE
            elif entry.link:
                member.type = tarfile.LNKTYPE if entry.hard else tarfile.SYMTYPE
                member.linkname = entry.link
            else:
                member.size = len(entry.data)
            archive.addfile(member, io.BytesIO(entry.data or b""))
    return out.getvalue()


def header(name: bytes, size: int | bytes = 0, kind: bytes = b"0", *, magic: bytes = b"ustar\x0000") -> bytes:
    """Write one header by hand, with a right checksum; the size may be the bytes of the field."""
    field = size if isinstance(size, bytes) else b"%011o\0" % size
    assert len(field) == 12
    made = name.ljust(100, b"\0") + b"0000644\0" * 3 + field + b"00000000000\0" + b" " * 8 + kind
    made = (made + bytes(100) + magic).ljust(512, b"\0")
    return made[:148] + b"%06o\0 " % sum(made) + made[156:]


def body(data: bytes) -> bytes:
    return data + bytes(-len(data) % 512)


END = bytes(1024)


def reported(data: bytes, *, limits: Limits | None = None, label: str = "layer") -> LayerReport:
    """Catalogue the bytes of a layer."""
    return catalogue_layer(io.BytesIO(data), media_type=TAR, layer=Digest.of(label.encode()), limits=limits)


def report_of(entries: Iterable[Entry], *, label: str = "layer") -> LayerReport:
    return reported(pack(*entries), label=label)


def metadata(name: str, version: str, **more: str) -> bytes:
    lines = {"Metadata-Version": "2.1", "Name": name, "Version": version, **more}
    return "".join(f"{key.replace('_', '-')}: {value}\n" for key, value in lines.items()).encode() + b"\nlong text\n"


def stanza(name: str, version: str, **more: str) -> str:
    lines = {"Package": name, "Status": "install ok installed", "Version": version, "Architecture": "amd64", **more}
    return "".join(f"{key}: {value}\n" for key, value in lines.items()) + "\n"


DEBIAN = file("etc/os-release", 'NAME="Debian"\nID=debian\nVERSION_ID="12"\n')


def layout(path: Path, *layers: bytes, tag: str = "1.0") -> Digest:
    """Write an OCI image layout of gzipped layers; give the digest of its manifest."""
    blobs = path / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(data: bytes, kind: str) -> dict[str, Any]:
        digest = Digest.of(data)
        (blobs / digest.hex).write_bytes(data)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": str(digest), "size": len(data)}

    rows = [blob(gzip.compress(data, mtime=0), "layer.v1.tar+gzip") for data in layers]
    config = blob(b'{"created":"2026-01-02T03:04:05Z","architecture":"amd64","os":"linux"}', "config.v1+json")
    document = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config}
    manifest = blob(json.dumps({**document, "layers": rows}).encode(), "manifest.v1+json")
    manifest["annotations"] = {"org.opencontainers.image.ref.name": tag}
    (path / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    (path / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')
    return Digest.parse(manifest["digest"])
