"""A registry of another make, on loopback: token flow, blobs by redirect to another host, no referrers API.

It keeps in ``secrets_seen`` which Authorization headers came where, so that a test can tell whether one went astray.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["Elsewhere", "elsewhere"]


class Elsewhere:
    """What is in the registry, and how it behaves."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, tuple[bytes, str]] = {}
        self.scheme = "bearer"
        self.password = "secret"
        self.harm = False
        self.asked: list[str] = []
        self.secrets_seen: list[tuple[str, str | None]] = []
        self.url = ""
        self.store_url = ""

    def challenge(self, name: str) -> str:
        if self.scheme == "basic":
            return 'Basic realm="elsewhere"'
        return f'Bearer realm="{self.url}/token",service="elsewhere",scope="repository:{name}:pull,push"'

    def allows(self, header: str | None) -> bool:
        basic = "Basic " + b64encode(f"user:{self.password}".encode()).decode()
        return header == (basic if self.scheme == "basic" else "Bearer granted")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: Elsewhere

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def error(self, status: int, code: str, **headers: str) -> None:
        body = json.dumps({"errors": [{"code": code, "message": f"it is {code}"}]}).encode()
        self.answer(status, body, Content_Type="application/json", **headers)

    def do(self) -> None:
        parts = urlsplit(self.path)
        body = self.body()
        self.world.asked.append(f"{self.command} {parts.path}")
        if parts.path == "/token":
            self.token(parse_qs(parts.query))
            return
        match = re.fullmatch(r"/v2/(.+)/(manifests|blobs|referrers|tags)/(.*)", parts.path)
        name = match[1] if match else ""
        if not self.world.allows(self.headers.get("Authorization")):
            self.error(401, "UNAUTHORIZED", WWW_Authenticate=self.world.challenge(name))
        elif match:
            getattr(self, match[2])(name, match[3], body, parse_qs(parts.query))
        else:
            self.answer(200)

    do_GET = do_HEAD = do_PUT = do_POST = do  # noqa: N815  names that http.server looks for

    def body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            raise AssertionError("a length was to be told")
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def token(self, query: dict[str, list[str]]) -> None:
        basic = "Basic " + b64encode(f"user:{self.world.password}".encode()).decode()
        self.world.secrets_seen.append(("token", self.headers.get("Authorization")))
        if self.headers.get("Authorization") != basic:
            self.error(401, "UNAUTHORIZED")
        else:
            assert query["service"] == ["elsewhere"]
            assert query["scope"][0].startswith("repository:")
            self.answer(200, b'{"token": "granted", "access_token": "granted"}')

    def manifests(self, _: str, reference: str, body: bytes, __: object) -> None:
        if self.command == "PUT":
            digest = "sha256:" + hashlib.sha256(body).hexdigest()
            for key in (reference, digest):
                self.world.manifests[key] = (body, self.headers["Content-Type"])
            self.answer(201, Location="/", Docker_Content_Digest=digest)
        elif reference in self.world.manifests:
            data, kind = self.world.manifests[reference]
            data = data + b" " if self.world.harm else data
            self.answer(200, data, Content_Type=kind)
        else:
            self.error(404, "MANIFEST_UNKNOWN")

    def blobs(self, name: str, rest: str, body: bytes, query: dict[str, list[str]]) -> None:
        if rest == "uploads/":
            self.answer(202, Location=f"/v2/{name}/blobs/uploads/1?state=x")
        elif self.command == "PUT":
            assert query["state"] == ["x"]
            self.world.blobs[query["digest"][0]] = body
            self.answer(201, Location="/")
        elif rest in self.world.blobs:
            self.answer(307, Location=f"{self.world.store_url}/{rest}")
        else:
            self.error(404, "BLOB_UNKNOWN")

    def referrers(self, *_: object) -> None:
        self.answer(404, b"404 page not found")

    def tags(self, _: str, __: str, ___: bytes, query: dict[str, list[str]]) -> None:
        names = sorted(key for key in self.world.manifests if ":" not in key)
        rest = [name for name in names if name > query.get("last", [""])[0]]
        headers = {"Link": f'</v2/x/tags/list?last={rest[0]}>; rel="next"'} if len(rest) > 1 else {}
        self.answer(200, json.dumps({"tags": rest[:1]}).encode(), **headers)


class _Store(BaseHTTPRequestHandler):
    world: Elsewhere

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self.world.secrets_seen.append(("store", self.headers.get("Authorization")))
        data = self.world.blobs[self.path[1:]]
        data = b"x" + data[1:] if self.world.harm else data
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    do_HEAD = do_GET  # noqa: N815  a name that http.server looks for


@contextmanager
def elsewhere() -> Iterator[Elsewhere]:
    """Run one until the block ends."""
    world = Elsewhere()
    servers = []
    for handler in (_Handler, _Store):
        made = type(handler.__name__, (handler,), {"world": world})
        servers.append(ThreadingHTTPServer(("127.0.0.1", 0), made))
    world.url, world.store_url = (f"http://127.0.0.1:{server.server_address[1]}" for server in servers)
    threads = [threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True) for server in servers]
    for thread in threads:
        thread.start()
    try:
        yield world
    finally:
        for server, thread in zip(servers, threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()
