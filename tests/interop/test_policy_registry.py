"""Policies in a registry between graven, conftest and OPA: what one sends, the others take, unmodified."""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from interop.conftest import Peer
from interop.test_oci_clients import Clients
from served import Served

pytestmark = pytest.mark.interop

MODULE = 'package main\n\ndeny contains msg if {\n\tinput.kind == data.limits.kind\n\tmsg := "no"\n}\n'


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    found = serve(COSIGN_PASSWORD="password of a test fixture")
    folder = found.folder / "policy"
    (folder / "limits").mkdir(parents=True)
    (folder / "main.rego").write_text(MODULE)
    (folder / "limits" / "any.yaml").write_text("kind: Secret\n")
    return found


@pytest.fixture
def clients(served: Served, tmp_path: Path, peer: Peer) -> Clients:
    return Clients(served, tmp_path, peer)


def test_conftest_pulls_and_runs_what_graven_pushed(served: Served, clients: Clients) -> None:
    served.graven("keys", "generate", "--out", "release")
    served.graven("policy", "push", "policies/base:1.0", "policy", "--key", "release.key")
    clients("conftest", "pull", f"oci://{served.host}/policies/base:1.0")
    (clients.folder / "x.yaml").write_text("kind: Secret\n")
    assert "FAIL - x.yaml - main - no" in clients("conftest", "test", "x.yaml", "-d", "policy", "--no-color", code=1)


def test_graven_pulls_and_runs_what_conftest_pushed(served: Served, clients: Clients) -> None:
    subprocess.run(["cp", "-r", str(served.folder / "policy"), str(clients.folder)], check=True)
    clients("conftest", "push", f"{served.host}/policies/theirs:2.0")
    reference = f"oci://{served.host}/policies/theirs:2.0"
    told = served.json("policy", "pull", reference, "got", "--allow-unsigned")
    assert "policy/main.rego" in told["files"]
    (served.folder / "x.yaml").write_text("kind: Secret\n")
    words = ("test", "x.yaml", "--policy", "got", "--data", "got/policy")
    assert "main - no" in served.graven(*words, code=1)


@pytest.fixture
def opa(served: Served, tmp_path: Path, peer: Peer) -> Iterator[str]:
    """OPA, taking its bundle from the server by its own OCI downloader."""
    served.graven("policy", "push", "policies/base:1.0", "policy")
    config = {
        "services": {
            "graven": {
                "url": served.url,
                "type": "oci",
                "credentials": {"bearer": {"scheme": "Basic", "token": f"opa:{served.token}"}},
            }
        },
        "bundles": {"base": {"service": "graven", "resource": f"{served.host}/policies/base:1.0"}},
        "persistence_directory": str(tmp_path / "opa"),
    }
    (tmp_path / "opa.json").write_text(json.dumps(config))
    log = (tmp_path / "opa.log").open("w+")
    command = [peer("opa"), "run", "--server", "--addr", "127.0.0.1:0", "-c", str(tmp_path / "opa.json")]
    process = subprocess.Popen([*command, "--skip-version-check", "--log-format", "json"], stdout=log, stderr=log)
    try:
        yield _address(tmp_path / "opa.log", process)
    finally:
        process.terminate()
        process.wait(timeout=20)
        log.close()


def test_opa_takes_the_bundle_of_what_graven_pushed(opa: str) -> None:
    body = json.dumps({"input": {"kind": "Secret"}}).encode()
    request = urllib.request.Request(f"{opa}/v1/data/main/deny", body, {"Content-Type": "application/json"})
    for _ in range(100):
        with urllib.request.urlopen(request, timeout=10) as answer:
            found = json.loads(answer.read())
        if found.get("result") == ["no"]:
            return
        time.sleep(0.1)
    pytest.fail(f"OPA answers {found}")


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    """Wait until it says where it listens."""
    for _ in range(200):
        for line in log.read_text().splitlines():
            told = json.loads(line)
            if "Initializing server" in told.get("msg", "") and process.poll() is None:
                found = _listening(process.pid)
                if found:
                    return f"http://127.0.0.1:{found}"
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def _listening(pid: int) -> int | None:
    """Find the port that a process listens on, in the kernel's table of sockets."""
    inodes = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            inodes.add(str(link.readlink()))
        except OSError:
            continue
    for row in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        cells = row.split()
        if cells[3] == "0A" and f"socket:[{cells[9]}]" in inodes:
            return int(cells[1].rpartition(":")[2], 16)
    return None
