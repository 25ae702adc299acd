"""Unmodified clients push, pull, copy with referrers and list; and none of them moves a tag of an immutable repository."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import subprocess
import tarfile
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from interop.conftest import Peer
from served import Served

pytestmark = pytest.mark.interop

CONFIG = "application/vnd.oci.image.config.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


class Clients:
    """Runs clients, each with a home of its own and with the credentials of the server's administrator."""

    def __init__(self, served: Served, folder: Path, peer: Peer) -> None:
        self.host = served.host
        self.folder = folder
        self.peer = peer
        self.token = served.token
        (folder / ".docker").mkdir()
        auth = {"auth": b64encode(f"somebody:{served.token}".encode()).decode()}
        (folder / ".docker" / "config.json").write_text(json.dumps({"auths": {served.host: auth}}))
        (folder / ".regctl").mkdir()
        host = {"tls": "disabled", "user": "somebody", "pass": served.token}
        (folder / ".regctl" / "config.json").write_text(json.dumps({"hosts": {served.host: host}}))

    def __call__(self, program: str, *words: str, code: int = 0) -> str:
        environ = {
            "HOME": str(self.folder),
            "PATH": os.environ["PATH"],
            "DOCKER_CONFIG": str(self.folder / ".docker"),
            "REGISTRY_AUTH_FILE": str(self.folder / ".docker" / "config.json"),
            "REGCTL_CONFIG": str(self.folder / ".regctl" / "config.json"),
            "HELM_REGISTRY_CONFIG": str(self.folder / ".docker" / "config.json"),
        }
        done = subprocess.run(
            [self.peer(program), *words],
            env=environ,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode == 0) == (code == 0), (program, words, done.returncode, done.stdout, done.stderr)
        return done.stdout if code == 0 else done.stdout + done.stderr

    def ref(self, name: str) -> str:
        return f"{self.host}/{name}"


@pytest.fixture
def run(serve: Callable[..., Served], tmp_path: Path, peer: Peer) -> Clients:
    return Clients(serve(), tmp_path, peer)


def layout(folder: Path, text: str = "hello") -> str:
    """Write an image layout with one layer under the tag v1; give its digest."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def put(data: bytes, media_type: str) -> dict[str, object]:
        name = hashlib.sha256(data).hexdigest()
        (blobs / name).write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{name}", "size": len(data)}

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        member = tarfile.TarInfo("hello.txt")
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text.encode()))
    raw = buffer.getvalue()
    root = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(raw).hexdigest()}"]}
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": root, "config": {}}).encode()
    parts = {"config": put(config, CONFIG), "layers": [put(gzip.compress(raw, mtime=0), LAYER)]}
    found = put(json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, **parts}).encode(), MANIFEST)
    named = found | {"annotations": {"org.opencontainers.image.ref.name": "v1"}}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [named]}))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return str(found["digest"])


def test_skopeo_pushes_inspects_lists_and_pulls(run: Clients, tmp_path: Path) -> None:
    digest = layout(tmp_path / "image")
    run("skopeo", "copy", "--dest-tls-verify=false", "oci:image:v1", f"docker://{run.ref('team/web:v1')}")
    told = json.loads(run("skopeo", "inspect", "--tls-verify=false", f"docker://{run.ref('team/web:v1')}"))
    assert told["Digest"] == digest
    listed = json.loads(run("skopeo", "list-tags", "--tls-verify=false", f"docker://{run.ref('team/web')}"))
    assert listed["Tags"] == ["v1"]
    run("skopeo", "copy", "--src-tls-verify=false", f"docker://{run.ref('team/web:v1')}", "oci:back:v1")
    assert digest in (tmp_path / "back" / "index.json").read_text()


def test_skopeo_converts_to_docker_media_types_and_back(run: Clients, tmp_path: Path) -> None:
    layout(tmp_path / "image")
    target = f"docker://{run.ref('team/docker:v1')}"
    run("skopeo", "copy", "--format=v2s2", "--dest-tls-verify=false", "oci:image:v1", target)
    raw = run("skopeo", "inspect", "--raw", "--tls-verify=false", target)
    assert "application/vnd.docker.distribution.manifest.v2+json" in raw


def test_crane_pushes_copies_lists_and_pulls(run: Clients, tmp_path: Path) -> None:
    digest = layout(tmp_path / "image")
    run("crane", "push", "--insecure", "image", run.ref("team/web:v1"))
    run("crane", "copy", "--insecure", run.ref("team/web:v1"), run.ref("other/web:v2"))
    assert digest in run("crane", "digest", "--insecure", run.ref("other/web:v2"))
    assert run("crane", "ls", "--insecure", run.ref("other/web")).split() == ["v2"]
    assert run("crane", "catalog", "--insecure", run.host).split() == ["other/web", "team/web"]
    run("crane", "pull", "--insecure", "--format=oci", run.ref("other/web:v2"), "back")
    assert digest in (tmp_path / "back" / "index.json").read_text()
    run("crane", "validate", "--insecure", "--remote", run.ref("other/web:v2"))


def test_oras_attaches_discovers_and_copies_with_referrers(run: Clients, tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("a note")
    run("oras", "push", "--plain-http", run.ref("team/notes:v1"), "note.txt")
    run(
        "oras",
        "attach",
        "--plain-http",
        "--artifact-type",
        "application/vnd.example.review",
        run.ref("team/notes:v1"),
        "note.txt",
    )
    run("oras", "cp", "-r", "--from-plain-http", "--to-plain-http", run.ref("team/notes:v1"), run.ref("other/notes:v1"))
    found = run("oras", "discover", "--plain-http", run.ref("other/notes:v1"))
    assert "application/vnd.example.review" in found
    assert run("oras", "repo", "tags", "--plain-http", run.ref("other/notes")).split() == ["v1"]
    run("oras", "pull", "--plain-http", "-o", "back", run.ref("other/notes:v1"))
    assert (tmp_path / "back" / "note.txt").read_text() == "a note"


def test_regctl_copies_with_referrers_and_lists(run: Clients, tmp_path: Path) -> None:
    digest = layout(tmp_path / "image")
    run("regctl", "image", "import", run.ref("team/web:v1"), tarred(tmp_path / "image"))
    (tmp_path / "note.txt").write_text("a note")
    put = ("artifact", "put", "--artifact-type", "application/vnd.example.review", "-f", "note.txt")
    run("regctl", *put, "--subject", run.ref("team/web:v1"))
    run("regctl", "image", "copy", "--referrers", run.ref("team/web:v1"), run.ref("other/web:v1"))
    assert digest in run("regctl", "manifest", "head", run.ref("other/web:v1"))
    assert "application/vnd.example.review" in run("regctl", "artifact", "tree", run.ref("other/web:v1"))
    assert run("regctl", "tag", "ls", run.ref("other/web")).split() == ["v1"]


def tarred(folder: Path) -> str:
    with tarfile.open(folder.with_suffix(".tar"), "w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.add(path, path.relative_to(folder), recursive=False)
    return str(folder.with_suffix(".tar"))


MOVES: dict[str, tuple[str, ...]] = {
    "skopeo": ("copy", "--dest-tls-verify=false", "oci:other:v1", "docker://{ref}"),
    "crane": ("push", "--insecure", "other", "{ref}"),
    "oras": ("push", "--plain-http", "{ref}", "note.txt"),
    "regctl": ("image", "copy", "ocidir://other:v1", "{ref}"),
}


@pytest.mark.parametrize("program", MOVES)
def test_no_client_moves_a_tag_of_an_immutable_repository_and_each_is_told_why(
    run: Clients, tmp_path: Path, program: str
) -> None:
    digest = layout(tmp_path / "image")
    layout(tmp_path / "other", "other")
    (tmp_path / "note.txt").write_text("a note")
    run("crane", "push", "--insecure", "image", run.ref("team/web:v1"))
    run("crane", "push", "--insecure", "image", run.ref("team/web:v1"))  # the same bytes again succeed
    told = run(program, *(word.format(ref=run.ref("team/web:v1")) for word in MOVES[program]), code=1)
    assert "immutable" in told
    assert "new tag" in told
    assert digest in run("crane", "digest", "--insecure", run.ref("team/web:v1"))


def test_helm_pushes_and_pulls_a_chart(run: Clients, tmp_path: Path) -> None:
    run("helm", "create", "chart")
    run("helm", "package", "chart")
    run("helm", "push", "--plain-http", "chart-0.1.0.tgz", f"oci://{run.ref('charts')}")
    (tmp_path / "back").mkdir()
    run("helm", "pull", "--plain-http", f"oci://{run.ref('charts/chart')}", "--version", "0.1.0", "-d", "back")
    assert (tmp_path / "back" / "chart-0.1.0.tgz").read_bytes() == (tmp_path / "chart-0.1.0.tgz").read_bytes()
    assert run("crane", "ls", "--insecure", run.ref("charts/chart")).split() == ["0.1.0"]
