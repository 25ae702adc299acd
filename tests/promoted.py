"""Makes a small real image and takes it through the loop with the real commands, for tests that need one in a stage."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

from served import Served

METADATA = b"Metadata-Version: 2.1\nName: small\nVersion: 1.0\nLicense: Apache-2.0\n"
ADVISORY = {
    "schema_version": "1.7.0",
    "id": "TEST-2026-1",
    "modified": "2026-01-01T00:00:00Z",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "another"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}]}],
        }
    ],
}


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def layout(folder: Path, *, label: str = "1") -> str:
    """Write an OCI image layout of one layer with one Python package; give the manifest's digest."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        member = tarfile.TarInfo("usr/lib/python3/site-packages/small-1.0.dist-info/METADATA")
        member.size = len(METADATA)
        tar.addfile(member, io.BytesIO(METADATA))
    layer = gzip.compress(plain.getvalue(), mtime=0)
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Labels": {"label": label}},
        "rootfs": {"type": "layers", "diff_ids": [digest(plain.getvalue())]},
    }
    encoded = json.dumps(config).encode()
    media = "application/vnd.oci.image"
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{media}.manifest.v1+json",
        "config": {"mediaType": f"{media}.config.v1+json", "digest": digest(encoded), "size": len(encoded)},
        "layers": [{"mediaType": f"{media}.layer.v1.tar+gzip", "digest": digest(layer), "size": len(layer)}],
    }
    body = json.dumps(manifest).encode()
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    for data in (layer, encoded, body):
        (blobs / digest(data).removeprefix("sha256:")).write_bytes(data)
    entry = {"mediaType": manifest["mediaType"], "digest": digest(body), "size": len(body)}
    named = entry | {"annotations": {"org.opencontainers.image.ref.name": "latest"}}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [named]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return digest(body)


@dataclass
class Loop:
    """A server with a trusted key, advisories, and images that can be taken to any stage."""

    served: Served
    repository: str = "app/web"

    def prepare(self) -> Loop:
        run = self.served.graven
        self.served.environ["GRAVEN_KEY_PASSWORD"] = "fixture"
        run("keys", "generate", "--out", "release")
        run("trust", "init", "trust.json")
        run("trust", "add-key", "trust.json", "--identity", "release@test", "--public", "release.pub")
        run("trust", "apply", "trust.json")
        (self.served.folder / "advisory.json").write_text(json.dumps(ADVISORY))
        run("advisories", "import", "advisory.json")
        return self

    def push(self, tag: str) -> str:
        """Push an image that is like no other, and sign it."""
        found = layout(self.served.folder / f"layout-{tag}", label=tag)
        reference = f"{self.repository}:{tag}"
        self.served.graven("push", f"layout-{tag}", f"{self.served.host}/{reference}")
        self.served.graven("sign", reference, "--key", "release.key")
        self.served.graven("sbom", reference, "--attach")
        return found

    def promote(self, tag: str, *stages: str) -> None:
        for stage in stages or ("dev", "test", "production"):
            self.served.graven("promote", f"{self.repository}:{tag}", "--to", stage)
