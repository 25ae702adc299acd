"""Push and pull of a 256 MiB blob, and GET of a manifest: graven beside Debian's docker-registry and distribution 3.

All run on this machine, one after the other in each round, over loopback and plain HTTP, each on an empty folder of the
same disk; medians are compared. graven asks for a token on each request and writes a journal; the peers do neither.
``ROUNDS=7 bench/registry.py`` for more rounds.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from served import Served

PEERS = Path(os.environ.get("GRAVEN_PEERS", Path.home() / ".cache" / "graven" / "peers")) / "bin"
ROUNDS = int(os.environ.get("ROUNDS", "5"))
SIZE = 256 << 20
REPOSITORY = "bench/blob"
_SHARED = Path("/dev") / "shm"
MEMORY = str(_SHARED) if _SHARED.is_dir() else None
"""What is pushed comes from memory, so that the disk writes what the servers store and nothing else."""
CPU_BAR_MS = 0.2
BARS = {"docker-registry": (2.0, 0.9), "distribution 3": (1.2, 0.9)}
"""At least so many times as fast as the peer: push, pull."""


@dataclass
class Server:
    """A registry that runs, how to speak to it, and whose CPU time counts."""

    name: str
    host: str
    port: int
    pid: int
    authorization: str = ""

    def request(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: Path | bytes = b""
    ) -> Answer:
        """Send one request on a connection of its own; the body goes from the disk by the kernel."""
        length = body.stat().st_size if isinstance(body, Path) else len(body)
        told = {"Host": f"{self.host}:{self.port}", "Content-Length": str(length), "Connection": "close"}
        told |= {"Authorization": self.authorization} if self.authorization else {}
        head = f"{method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in (told | (headers or {})).items())
        with socket.create_connection((self.host, self.port)) as connection:
            connection.sendall(head.encode() + b"\r\n")
            if isinstance(body, Path):
                with body.open("rb") as file:
                    connection.sendfile(file)
            else:
                connection.sendall(body)
            return receive(connection)

    def push(self, path: Path, digest: str) -> float:
        """POST, then PUT; give MB/s of the PUT with all that it takes until the answer."""
        begun = time.perf_counter()
        opened = self.request("POST", f"/v2/{REPOSITORY}/blobs/uploads/")
        place = re.sub(r"^https?://[^/]+", "", opened.headers["location"])
        query = f"{'&' if '?' in place else '?'}digest={digest}"
        done = self.request("PUT", place + query, {"Content-Type": "application/octet-stream"}, path)
        assert done.status == 201, (self.name, done.status, done.body[:300])
        return path.stat().st_size / 1e6 / (time.perf_counter() - begun)

    def pull(self, digest: str, size: int) -> float:
        """GET; give MB/s."""
        begun = time.perf_counter()
        done = self.request("GET", f"/v2/{REPOSITORY}/blobs/{digest}")
        assert (done.status, done.length) == (200, size), (self.name, done.status, done.length)
        return size / 1e6 / (time.perf_counter() - begun)

    def cpu(self) -> float:
        """Give the CPU seconds that the process has taken."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    length: int
    body: bytes
    """The beginning of it."""


def receive(connection: socket.socket) -> Answer:
    buffer, view = bytearray(1 << 20), b""
    while b"\r\n\r\n" not in view:
        piece = connection.recv(65536)
        assert piece, "the server broke off"
        view += piece
    head, _, body = view.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length, wanted = len(body), int(headers.get("content-length", "0"))
    while length < wanted:
        count = connection.recv_into(buffer)
        assert count, "the server broke off"
        length += count
    return Answer(int(first.split()[1]), headers, length, body)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def graven(folder: Path) -> Iterator[Server]:
    served = Served(folder).start()
    assert served.process is not None
    secret = b64encode(f"bench:{served.token}".encode()).decode()
    host, _, port = served.host.rpartition(":")
    try:
        yield Server("graven", host, int(port), served.process.pid, f"Basic {secret}")
    finally:
        served.stop()


@contextlib.contextmanager
def peer(name: str, program: str | Path, folder: Path) -> Iterator[Server]:
    port = free_port()
    config = folder / "config.yml"
    config.write_text(
        f"version: 0.1\nlog: {{level: error, accesslog: {{disabled: true}}}}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder}/data}}}}\nhttp: {{addr: '127.0.0.1:{port}'}}\n"
    )
    environ = os.environ | {"OTEL_TRACES_EXPORTER": "none"}
    process = subprocess.Popen(
        [program, "serve", config], env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                break
            time.sleep(0.05)
        yield Server(name, "127.0.0.1", port, process.pid)
    finally:
        process.terminate()
        process.wait(10)


def push_manifest(server: Server) -> None:
    config = b"{}"
    digest = "sha256:" + hashlib.sha256(config).hexdigest()
    with tempfile.NamedTemporaryFile() as file:
        file.write(config)
        file.flush()
        server.push(Path(file.name), digest)
    one = f'{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{digest}","size":{len(config)}}}'
    kind = "application/vnd.oci.image.manifest.v1+json"
    data = f'{{"schemaVersion":2,"mediaType":"{kind}","config":{one},"layers":[{",".join([one] * 6)}]}}'.encode()
    done = server.request("PUT", f"/v2/{REPOSITORY}/manifests/v1", {"Content-Type": kind}, data)
    assert done.status == 201, (server.name, done.body)


def manifest_gets(server: Server, seconds: int = 3) -> tuple[float, float]:
    """GET a manifest by tag on 16 connections kept open; give requests/s and CPU ms of the server for each."""
    kind = "application/vnd.oci.image.manifest.v1+json"
    headers = ["-H", f"Accept: {kind}", "-H", f"Authorization: {server.authorization}"]
    url = f"http://{server.host}:{server.port}/v2/{REPOSITORY}/manifests/v1"
    before = server.cpu()
    done = subprocess.run(
        ["wrk", "-t1", "-c16", f"-d{seconds}s", *headers, url], capture_output=True, text=True, check=True
    )
    used = server.cpu() - before
    assert "Non-2xx" not in done.stdout, done.stdout
    count = re.search(r"(\d+) requests in ([\d.]+)s", done.stdout)
    assert count, done.stdout
    return int(count[1]) / float(count[2]), used * 1000 / int(count[1])


def blob(path: Path, size: int, mark: str) -> str:
    """Write a file whose bytes no other has; give its digest."""
    unit, hasher, left = os.urandom(1 << 20), hashlib.sha256(), size
    with path.open("wb") as file:
        first = mark.encode().ljust(64)
        while left:
            piece = (first + unit)[: min(left, len(unit))]
            file.write(piece)
            hasher.update(piece)
            left, first = left - len(piece), b""
    return "sha256:" + hasher.hexdigest()


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="graven-bench-") as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        servers = [stack.enter_context(graven(made(folder / "graven")))]
        for peer_name, program in (
            ("docker-registry", shutil.which("docker-registry")),
            ("distribution 3", PEERS / "registry"),
        ):
            if program and Path(program).exists():
                servers.append(stack.enter_context(peer(peer_name, program, made(folder / peer_name))))
            else:
                print(f"{peer_name} is not installed: not compared")
        with tempfile.TemporaryDirectory(dir=MEMORY) as source:
            return report(servers, Path(source))


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def report(servers: list[Server], folder: Path) -> int:
    pushes: dict[str, list[float]] = {server.name: [] for server in servers}
    pulls: dict[str, list[float]] = {server.name: [] for server in servers}
    for number in range(ROUNDS):
        for server in servers[number % len(servers) :] + servers[: number % len(servers)]:
            path = folder / "blob"
            digest = blob(path, SIZE, f"{server.name}{number}")
            pushes[server.name].append(server.push(path, digest))
            pulls[server.name].append(max(server.pull(digest, SIZE) for _ in range(2)))
    fine = True
    ours = median(pushes["graven"]), median(pulls["graven"])
    print(f"{'256 MiB, medians of ' + str(ROUNDS):<28}{'push MB/s':>12}{'pull MB/s':>12}")
    for server in servers:
        push, pull = median(pushes[server.name]), median(pulls[server.name])
        line = f"{server.name:<28}{push:>12.0f}{pull:>12.0f}"
        if server.name in BARS:
            bars, ratios = BARS[server.name], (ours[0] / push, ours[1] / pull)
            met = all(ratio >= bar for ratio, bar in zip(ratios, bars, strict=True))
            fine &= met
            told = f"graven is {ratios[0]:.2f}x (>= {bars[0]}), {ratios[1]:.2f}x (>= {bars[1]})"
            line += f"   {told}: {'met' if met else 'MISSED'}"
        print(line)
    print(f"{'GET a manifest, 16 kept open':<28}{'requests/s':>12}{'CPU ms each':>12}")
    for server in servers:
        push_manifest(server)
        rate, cpu = manifest_gets(server)
        line = f"{server.name:<28}{rate:>12.0f}{cpu:>12.3f}"
        if server.name == "graven":
            fine &= cpu <= CPU_BAR_MS
            line += f"   (<= {CPU_BAR_MS}): {'met' if cpu <= CPU_BAR_MS else 'MISSED'}"
        print(line)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
