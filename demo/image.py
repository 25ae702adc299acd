"""Assembles a real application image without Docker: an OCI image layout whose layers pip and npm filled.

Two builds of one application: build 1 has the dependencies of a bad day (Django 4.0.5, minimist 1.2.5), build 2 has
them mended. The layers hold what ``pip install --target`` and ``npm install`` put there, nothing less.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
NODE_PACKAGES = {1: ("json5@2.2.0", "minimist@1.2.5"), 2: ("json5@2.2.3", "minimist@1.2.8")}

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_EPOCH = "2026-01-01T00:00:00Z"


@dataclass(frozen=True)
class Layer:
    """A gzipped tar with its two digests."""

    data: bytes
    diff_id: str

    @property
    def digest(self) -> str:
        return _digest(self.data)


def npm() -> str | None:
    """Find npm, without which the image goes without its Node part."""
    return shutil.which("npm")


def python_layer(work: Path, build: int) -> Layer:
    """Install the web application's dependencies at pinned, hashed versions, and add the application."""
    target = work / f"python-{build}"
    requirements = HERE / "app" / f"requirements-{build}.txt"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    options = ["--no-deps", "--only-binary", ":all:", "--require-hashes", "--target", str(target)]
    subprocess.run([*pip, *options, "-r", str(requirements)], check=True)
    application = HERE / "app" / "shop"
    files = _files(target, "opt/shop/lib/python3/site-packages") | _files(application, "opt/shop/app/shop")
    return _archive(files)


def node_layer(work: Path, build: int) -> Layer:
    """Install the reporting tool's dependencies at pinned versions, and add the tool."""
    target = work / f"node-{build}"
    shutil.copytree(HERE / "app" / "report", target)
    quiet = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", "--silent"]
    subprocess.run([npm() or "npm", "install", *quiet, *NODE_PACKAGES[build]], check=True, cwd=target)
    return _archive(_files(target, "opt/report"))


def alpine_layer() -> Layer:
    """A root file system whose package database is apk's: what is installed there, no cataloguer reads yet."""
    database = "C:Q1pSdt8zd1c1UK7r6YmKWkvVzGu3M=\nP:busybox\nV:1.36.1-r5\nA:x86_64\n\n"
    return _archive({"lib/apk/db/installed": database.encode(), "etc/alpine-release": b"3.18.4\n"})


def write_layout(folder: Path, layers: list[Layer], *, labels: dict[str, str]) -> str:
    """Write an OCI image layout; give the manifest's digest."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    config = {
        "created": _EPOCH,
        "architecture": "amd64",
        "os": "linux",
        "config": {"Entrypoint": ["python3", "-m", "gunicorn", "shop.wsgi:application"], "Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
    }
    config_bytes = json.dumps(config, sort_keys=True).encode()
    manifest = {
        "schemaVersion": 2,
        "mediaType": _MANIFEST,
        "config": {"mediaType": _CONFIG, "digest": _digest(config_bytes), "size": len(config_bytes)},
        "layers": [{"mediaType": _LAYER, "digest": layer.digest, "size": len(layer.data)} for layer in layers],
    }
    manifest_bytes = json.dumps(manifest, sort_keys=True).encode()
    for data in (config_bytes, manifest_bytes, *(layer.data for layer in layers)):
        (blobs / _digest(data).removeprefix("sha256:")).write_bytes(data)
    digest = _digest(manifest_bytes)
    entry = {"mediaType": _MANIFEST, "digest": digest, "size": len(manifest_bytes)}
    named = entry | {"annotations": {"org.opencontainers.image.ref.name": "latest"}}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [named]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return digest


def _files(source: Path, prefix: str) -> dict[str, bytes]:
    found = sorted(path for path in source.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {f"{prefix}/{path.relative_to(source)}": path.read_bytes() for path in found}


def _archive(files: dict[str, bytes]) -> Layer:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o644
            tar.addfile(member, io.BytesIO(data))
    plain = buffer.getvalue()
    return Layer(gzip.compress(plain, compresslevel=6, mtime=0), _digest(plain))


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"
