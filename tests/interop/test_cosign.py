"""cosign 3 and graven read each other's signatures and statements, on graven and on a registry without referrers.

The lines for cosign are those of an environment without a network. The evil twin of each test is made by hand: another
key, a changed payload, a signature that was moved to another digest.
"""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from graven.engines.registry import Credentials, Fetched, Registry
from graven.values import Digest
from interop.conftest import Peer
from interop.test_oci_clients import MANIFEST, layout
from served import GRAVEN, Served

pytestmark = pytest.mark.interop

BOM = {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1, "components": []}
OLD = ("--new-bundle-format=false", "--use-signing-config=false", "--tlog-upload=false")
NEW = ("--signing-config", "sc.json")
FORMATS = {"bundle": NEW, "legacy": OLD}


@dataclass
class Place:
    """A registry, and cosign and graven as its clients, each with the same credentials."""

    host: str
    folder: Path
    peer: Peer
    env: dict[str, str]
    credentials: Credentials | None

    def cosign(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [self.peer("cosign"), *words],
            env=self.env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode == 0) == (code == 0), (words, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def graven(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [*GRAVEN, *words], env=self.env, cwd=self.folder, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout

    def verify(self, ref: str, *words: str, key: str = "cosign.pub", code: int = 0) -> dict[str, Any]:
        """Run ``graven verify``; give the document and hold it against the exit code."""
        found: dict[str, Any] = json.loads(
            self.graven("verify", ref, "--key", key, *words, "--output", "json", code=code)
        )
        assert found["verified"] is (code == 0)
        return found

    def image(self, name: str, text: str = "hello") -> str:
        """Push an image; give its reference by digest."""
        place = self.folder / f"image-{text}"
        digest = layout(place, text) if not place.exists() else json.loads((place / "index.json").read_text())
        found = digest if isinstance(digest, str) else digest["manifests"][0]["digest"]
        self.graven("push", str(place), f"{self.host}/{name}:v1")
        return f"{self.host}/{name}@{found}"

    def sign(self, ref: str, how: str, *words: str) -> None:
        self.cosign("sign", "--key", "cosign.key", *FORMATS[how], *words, "--allow-insecure-registry", "--yes", ref)

    def attest(self, ref: str, how: str) -> None:
        (self.folder / "bom.json").write_text(json.dumps(BOM))
        words = ("--type", "cyclonedx", "--predicate", "bom.json", "--allow-insecure-registry", "--yes", ref)
        self.cosign("attest", "--key", "cosign.key", *FORMATS[how], *words)

    def registry(self) -> Registry:
        return Registry(f"http://{self.host}", credentials=self.credentials)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def distribution(tmp_path: Path, peer: Peer) -> Iterator[str]:
    """Start the reference registry, which has no referrers API; give its host."""
    host = f"127.0.0.1:{_free_port()}"
    config = {
        "version": 0.1,
        "storage": {"filesystem": {"rootdirectory": str(tmp_path / "registry")}},
        "http": {"addr": host},
    }
    (tmp_path / "registry.yml").write_text(json.dumps(config))
    with (tmp_path / "registry.log").open("w") as log:
        process = subprocess.Popen([peer("registry"), "serve", str(tmp_path / "registry.yml")], stdout=log, stderr=log)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(host.partition(":")[2]))) == 0:
                    break
            time.sleep(0.05)
        yield host
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(params=["graven", "distribution"])
def place(request: pytest.FixtureRequest, tmp_path: Path, peer: Peer) -> Place:
    folder = tmp_path / "client"
    (folder / "docker").mkdir(parents=True)
    env = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(folder),
        "DOCKER_CONFIG": str(folder / "docker"),
        "COSIGN_PASSWORD": "of the tests",
    }
    credentials = None
    if request.param == "graven":
        serve: Callable[..., Served] = request.getfixturevalue("serve")
        served = serve()
        host, credentials = served.host, Credentials("somebody", served.token)
        auth = {"auth": b64encode(f"somebody:{served.token}".encode()).decode()}
        (folder / "docker" / "config.json").write_text(json.dumps({"auths": {host: auth}}))
        env |= {"GRAVEN_URL": served.url, "GRAVEN_TOKEN": served.token}
    else:
        host = request.getfixturevalue("distribution")
    found = Place(host, folder, peer, env, credentials)
    found.cosign("signing-config", "create", "--out", "sc.json")
    found.cosign("generate-key-pair")
    return found


@pytest.mark.parametrize("how", FORMATS)
def test_graven_verifies_what_cosign_signed_and_no_other_key(place: Place, how: str) -> None:
    ref = place.image("team/web")
    place.sign(ref, how)
    assert place.verify(ref)["digest"] in ref
    place.graven("keys", "generate", "--out", "other")
    told = place.verify(ref, key="other.pub", code=1)
    assert [one["reason"] for one in told["evidence"]] == [
        "none of the trusted keys signed it (1 tried), or it was changed since"
    ]


@pytest.mark.parametrize("how", FORMATS)
def test_graven_verifies_what_cosign_attested_and_takes_it_for_no_signature(place: Place, how: str) -> None:
    ref = place.image("team/web")
    place.attest(ref, how)
    place.verify(ref, "--type", "cyclonedx")
    told = place.verify(ref, code=1)
    assert "which is no signature" in told["evidence"][0]["reason"]


def test_cosign_verifies_what_graven_signed(place: Place) -> None:
    ref = place.image("team/web")
    place.graven("keys", "generate", "--out", "release")
    place.graven("sign", ref, "--key", "release.key")
    lines = ("--insecure-ignore-tlog", "--allow-insecure-registry", ref)
    told = json.loads(place.cosign("verify", "--key", "release.pub", *lines))
    assert told[0]["critical"]["image"]["docker-manifest-digest"] == ref.partition("@")[2]
    place.cosign("verify", "--key", "cosign.pub", *lines, code=1)


def test_cosign_verifies_what_graven_attested(place: Place) -> None:
    ref = place.image("team/web")
    (place.folder / "bom.json").write_text(json.dumps(BOM))
    place.graven("attest", ref, "--key", "cosign.key", "--type", "cyclonedx", "--predicate", "bom.json")
    lines = ("--type", "cyclonedx", "--insecure-ignore-tlog", "--allow-insecure-registry", ref)
    envelope = json.loads(place.cosign("verify-attestation", "--key", "cosign.pub", *lines).splitlines()[0])
    assert json.loads(b64decode(envelope["payload"]))["predicate"] == BOM
    spdx = ("--type", "spdx", *lines[2:])
    place.cosign("verify-attestation", "--key", "cosign.pub", *spdx, code=1)


def test_signatures_of_both_clients_and_both_formats_stand_side_by_side(place: Place) -> None:
    ref = place.image("team/web")
    place.graven("keys", "generate", "--out", "release")
    place.sign(ref, "legacy")
    place.graven("sign", ref, "--key", "release.key")
    place.sign(ref, "bundle")
    place.sign(ref, "legacy", "-a", "once=more")  # cosign writes .sig again, with one layer more
    assert len(place.verify(ref)["evidence"]) == 4
    place.verify(ref, key="release.pub")


def test_each_reads_the_key_files_of_the_other(place: Place) -> None:
    place.graven("keys", "generate", "--out", "release")
    shown = json.loads(place.graven("keys", "show", "cosign.key", "--output", "json"))
    assert shown["public"] == (place.folder / "cosign.pub").read_text()
    assert place.cosign("public-key", "--key", "release.key") == (place.folder / "release.pub").read_text()


# What an attacker who may push can do


def _evidence(registry: Registry, ref: str, how: str) -> Fetched:
    name, _, digest = ref.partition("/")[2].partition("@")
    if how == "legacy":
        return registry.manifest(name, digest.replace(":", "-") + ".sig")
    return registry.manifest(name, str(registry.referrers(name, Digest.parse(digest))[0].digest))


def _attach(registry: Registry, ref: str, how: str, manifest: dict[str, Any], *blobs: bytes) -> None:
    """Put evidence beside an artifact as if it had been made for it."""
    name, _, digest = ref.partition("/")[2].partition("@")
    for data in blobs:
        registry.put_blob(name, Digest.of(data), io.BytesIO(data), len(data))
    if how == "bundle":
        manifest["subject"] |= {"digest": digest, "size": len(registry.manifest(name, digest).data)}
    data = json.dumps(manifest).encode()
    target = digest.replace(":", "-") + ".sig" if how == "legacy" else str(Digest.of(data))
    registry.put_manifest(name, target, data, MANIFEST)


def _blobs(registry: Registry, ref: str, manifest: dict[str, Any]) -> tuple[bytes, bytes]:
    """Give the config and the one layer."""
    name = ref.partition("/")[2].partition("@")[0]
    config, layer = (Digest.parse(one["digest"]) for one in (manifest["config"], manifest["layers"][0]))
    return registry.read_blob(name, config), registry.read_blob(name, layer)


@pytest.mark.parametrize("how", FORMATS)
def test_a_signature_that_was_moved_to_another_digest_is_answered_by_1(place: Place, how: str) -> None:
    ref, other = place.image("team/web"), place.image("team/other", "other")
    place.sign(ref, how)
    with place.registry() as registry:
        manifest = json.loads(_evidence(registry, ref, how).data)
        _attach(registry, other, how, manifest, *_blobs(registry, ref, manifest))
    place.verify(ref)
    told = place.verify(other, code=1)
    assert [one["reason"] for one in told["evidence"]] == [
        f"it is about {ref.partition('@')[2]}, not about {other.partition('@')[2]}"
    ]


@pytest.mark.parametrize("how", FORMATS)
def test_a_changed_payload_is_answered_by_1(place: Place, how: str) -> None:
    ref, copy = place.image("team/web"), place.image("team/copy")
    assert ref.partition("@")[2] == copy.partition("@")[2]
    place.sign(ref, how)
    with place.registry() as registry:
        manifest = json.loads(_evidence(registry, ref, how).data)
        config, layer = _blobs(registry, ref, manifest)
        changed = _changed(layer, how)
        manifest["layers"][0] |= {"digest": str(Digest.of(changed)), "size": len(changed)}
        _attach(registry, copy, how, manifest, config, changed)
    told = place.verify(copy, code=1)
    assert ["changed since" in one["reason"] for one in told["evidence"]] == [True]


def _changed(layer: bytes, how: str) -> bytes:
    """Change what is said about the same digest, and keep the signature."""
    document = json.loads(layer)
    if how == "legacy":
        return json.dumps(document | {"optional": {"tested": "true"}}, separators=(",", ":")).encode()
    statement = json.loads(b64decode(document["dsseEnvelope"]["payload"]))
    statement["predicate"] = {"tested": True}
    document["dsseEnvelope"]["payload"] = b64encode(json.dumps(statement).encode()).decode()
    return json.dumps(document).encode()
