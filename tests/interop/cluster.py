"""A real kube-apiserver with its etcd on loopback, and kubectl; no kubelet, so that Pods stay pending."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

_ADMIN = "fixture-admin-token"  # a fixture: the cluster lives for one test, on loopback


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@dataclass
class Cluster:
    folder: Path
    peers: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    port: int = 0

    def start(self) -> Cluster:
        etcd, peer, self.port = free_port(), free_port(), free_port()
        client_url, peer_url = f"http://127.0.0.1:{etcd}", f"http://127.0.0.1:{peer}"
        self._run(
            "etcd",
            ["--data-dir", str(self.folder / "etcd"), "--listen-client-urls", client_url, "--log-level", "error"],
            ["--advertise-client-urls", client_url, "--listen-peer-urls", peer_url],
            ["--initial-advertise-peer-urls", peer_url, "--initial-cluster", f"default={peer_url}"],
        )
        key = self.folder / "service-account.key"
        subprocess.run(["openssl", "genrsa", "-out", str(key), "2048"], check=True, capture_output=True)
        tokens = self.folder / "tokens.csv"
        tokens.write_text(f"{_ADMIN},admin,1,system:masters\n")
        self._run(
            "kube-apiserver",
            [
                f"--etcd-servers={client_url}",
                f"--cert-dir={self.folder / 'certificates'}",
                f"--secure-port={self.port}",
            ],
            ["--bind-address=127.0.0.1", "--service-account-issuer=https://kubernetes.default.svc"],
            [f"--service-account-key-file={key}", f"--service-account-signing-key-file={key}"],
            [f"--token-auth-file={tokens}", "--authorization-mode=RBAC", "--service-cluster-ip-range=10.0.0.0/24"],
            ["--disable-admission-plugins=ServiceAccount"],
        )
        self._wait()
        return self

    def kubectl(self, *words: str, data: str | None = None, code: int | None = 0) -> str:
        command = [str(self.peers / "kubectl"), f"--server=https://127.0.0.1:{self.port}", f"--token={_ADMIN}"]
        done = subprocess.run(
            [*command, "--insecure-skip-tls-verify", *words],
            input=data,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=os.environ | {"KUBECONFIG": "/dev/null", "HOME": str(self.folder)},
        )
        assert code is None or done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return done.stdout + done.stderr

    def stop(self) -> None:
        for process in reversed(self.processes):  # its data goes with the test, and a graceful end takes a minute
            process.kill()
            process.wait(timeout=30)

    def _run(self, program: str, *words: list[str]) -> None:
        log = (self.folder / f"{program}.log").open("wb")
        command = [str(self.peers / program), *(word for group in words for word in group)]
        self.processes.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=self.folder))
        log.close()

    def _wait(self) -> None:
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline:
            if "ok" in self.kubectl("get", "--raw", "/readyz", code=None):
                found = self.kubectl("get", "namespace", "default", code=None)
                if "default" in found and "NotFound" not in found:
                    return
            if any(process.poll() is not None for process in self.processes):
                break
            time.sleep(0.5)
        logs = "\n".join((self.folder / f"{name}.log").read_text()[-3000:] for name in ("etcd", "kube-apiserver"))
        raise AssertionError(f"the API server did not become ready:\n{logs}")
