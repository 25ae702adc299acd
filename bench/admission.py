"""Admission under load: reviews sent at fixed times over TLS on 50 connections, distinct digests, each journalled.

    python bench/admission.py [--rate 300] [--seconds 10]

Prints p50 and p99 at the rate (bars: 5 ms and 20 ms), counted from the moment a review was due, so that a server that
falls behind cannot hide it; and then the most that it sustains. The peer's figure is in the reference of peers:
policy-controller's webhook answered 39 reviews a second on 50 connections.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import ssl
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from promoted import Loop
from served import Served

CONNECTIONS = 50
IMAGES = 60


def prepare(folder: Path) -> tuple[Served, list[bytes], str]:
    """Start a server and promote images, so that reviews name distinct digests."""
    served = Served(folder, ("--tls", "auto", "--log-level", "warning")).start()
    loop = Loop(served).prepare()
    stages = json.loads(served.graven("stages", "show", "--output", "json"))
    relaxed = [{"name": "production", "rules": dict.fromkeys(("signed", "bill", "vulnerabilities", "seen"), "warn")}]
    (folder / "stages.yaml").write_text(json.dumps({"stages": relaxed}))
    assert stages
    served.graven("stages", "apply", "stages.yaml")
    reviews = []
    for number in range(IMAGES):
        digest = loop.push(f"{number}.0") if number == 0 else push_only(loop, number)
        served.graven("promote", f"app/web{number}:{number}.0" if number else "app/web:0.0", "--to", "production")
        repository = f"app/web{number}" if number else "app/web"
        reviews.append(review(f"{served.host}/{repository}@{digest}", number))
    path = json.loads(served.graven("admission", "manifests", "bench", "--stage", "production", "--output", "json"))
    url = path["items"][1]["webhooks"][0]["clientConfig"]["url"]
    return served, reviews, "/" + url.split("/", 3)[3]


def push_only(loop: Loop, number: int) -> str:
    from promoted import layout

    folder = loop.served.folder / f"layout-{number}"
    found = layout(folder, label=str(number))
    loop.served.graven("push", folder.name, f"{loop.served.host}/app/web{number}:{number}.0")
    return found


def review(image: str, number: int) -> bytes:
    pod = {
        "metadata": {"name": f"p{number}", "namespace": "bench"},
        "spec": {"containers": [{"name": "c", "image": image}]},
    }
    request: dict[str, Any] = {"uid": f"u{number}", "kind": {"kind": "Pod"}, "operation": "CREATE", "object": pod}
    request |= {"namespace": "bench", "name": f"p{number}", "dryRun": False}
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}).encode()


class Connection:
    """HTTP/1.1 over one kept TLS connection."""

    def __init__(self, host: str, path: str) -> None:
        self.host, self.path = host, path

    async def open(self, context: ssl.SSLContext) -> None:
        name, port = self.host.rsplit(":", 1)
        self.reader, self.writer = await asyncio.open_connection(name, int(port), ssl=context)

    async def ask(self, body: bytes) -> bool:
        head = f"POST {self.path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: application/json\r\n"
        self.writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        answer = await self.reader.readuntil(b"\r\n\r\n")
        length = next(line for line in answer.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        data = await self.reader.readexactly(int(length.split(b":")[1]))
        return b'"allowed":true' in data


async def at_rate(served: Served, path: str, reviews: list[bytes], rate: int, seconds: int) -> list[float]:
    """Send at fixed times; the delay of each answer from the moment it was due, in milliseconds."""
    context = ssl.create_default_context(cafile=str(served.data / "keys" / "tls-ca.pem"))
    idle: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        connection = Connection(served.host, path)
        await connection.open(context)
        idle.put_nowait(connection)
    delays: list[float] = []
    refused = 0

    async def one(number: int, due: float) -> None:
        nonlocal refused
        connection = await idle.get()
        allowed = await connection.ask(reviews[number % len(reviews)])
        delays.append((time.perf_counter() - due) * 1000)
        refused += not allowed
        idle.put_nowait(connection)

    tasks = []
    begin = time.perf_counter() + 0.2
    for number in range(rate * seconds):
        due = begin + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.ensure_future(one(number, due)))
    await asyncio.gather(*tasks)
    assert refused == 0, f"{refused} of {len(delays)} were refused"
    return delays


async def most(served: Served, path: str, reviews: list[bytes], seconds: int) -> float:
    """Let 50 connections ask one after another; reviews a second."""
    context = ssl.create_default_context(cafile=str(served.data / "keys" / "tls-ca.pem"))
    end = time.perf_counter() + seconds
    count = 0

    async def one(number: int) -> None:
        nonlocal count
        connection = Connection(served.host, path)
        await connection.open(context)
        while time.perf_counter() < end:
            assert await connection.ask(reviews[(number + count) % len(reviews)])
            count += 1

    await asyncio.gather(*(one(number) for number in range(CONNECTIONS)))
    return count / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=10)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        served, reviews, path = prepare(Path(folder))
        try:
            asyncio.run(at_rate(served, path, reviews, 50, 2))  # warm up
            delays = sorted(asyncio.run(at_rate(served, path, reviews, args.rate, args.seconds)))
            p50, p99 = statistics.median(delays), delays[int(len(delays) * 0.99)]
            print(f"{args.rate} reviews/s on {CONNECTIONS} TLS connections, {IMAGES} digests, each journalled:")
            print(f"  p50 {p50:.1f} ms (bar 5)   p99 {p99:.1f} ms (bar 20)   longest {delays[-1]:.1f} ms")
            sustained = asyncio.run(most(served, path, reviews, 5))
            print(f"  at most {sustained:.0f} reviews/s; policy-controller 39: ratio {sustained / 39:.0f}x")
        finally:
            served.stop()


if __name__ == "__main__":
    main()
