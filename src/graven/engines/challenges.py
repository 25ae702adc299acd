"""Answers the challenges of registries: Basic (RFC 7617), and Bearer tokens by Docker's token flow.

A challenge is answered once and its answer kept for the same repository, so that a body is never sent in vain. A
secret goes to the registry that it is for, and to the token server which that registry names, and to nobody else.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Generator
from dataclasses import dataclass
from typing import NamedTuple

import httpx

from graven.errors import Forbidden, Unauthenticated

__all__ = ["Challenge", "Challenges", "Credentials", "parse"]

_PARAMETER = re.compile(r'([A-Za-z_]+)="([^"]*)"')
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Credentials(NamedTuple):
    """A user's name and a secret; graven takes a token with any name."""

    user: str
    secret: str


@dataclass(frozen=True, slots=True)
class Challenge:
    """A ``WWW-Authenticate`` header."""

    scheme: str
    realm: str
    service: str
    scope: str


def parse(header: str) -> Challenge:
    """Read a challenge.

    >>> parse('Bearer realm="https://r.example/token",service="r",scope="repository:a:pull"').scope
    'repository:a:pull'
    """
    scheme, _, rest = header.strip().partition(" ")
    found = {name.lower(): value for name, value in _PARAMETER.findall(rest)}
    return Challenge(scheme.lower(), found.get("realm", ""), found.get("service", ""), found.get("scope", ""))


class Challenges(httpx.Auth):
    """Answers them for one registry."""

    requires_response_body = False

    def __init__(self, credentials: Credentials | None) -> None:
        self._credentials = credentials
        self._kept: dict[str, str] = {}
        self._basic = ""

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send with what is kept; on a challenge, answer it and send again."""
        place = _repository(request.url.path)
        kept = self._basic or self._kept.get(place)
        if kept:
            request.headers["Authorization"] = kept
        response = yield request
        if response.status_code != httpx.codes.UNAUTHORIZED:
            return
        challenge = parse(response.headers.get("www-authenticate", ""))
        if challenge.scheme == "basic" and self._credentials and not kept:
            self._basic = request.headers["Authorization"] = _basic(self._credentials)
            yield request
        elif challenge.scheme == "bearer":
            answer = yield self._ask(challenge, request.url)
            self._kept[place] = request.headers["Authorization"] = f"Bearer {_token(answer)}"
            yield request

    def _ask(self, challenge: Challenge, url: httpx.URL) -> httpx.Request:
        realm = url.join(challenge.realm)
        headers = {}
        if self._credentials:
            if realm.scheme != "https" and realm.host not in (url.host, *_LOOPBACK):
                raise Forbidden(f"{url.host} wants the secret sent in the clear to {realm.host}, which is not done")
            headers["Authorization"] = _basic(self._credentials)
        wanted: dict[str, str | list[str]] = {"service": challenge.service} if challenge.service else {}
        wanted |= {"scope": challenge.scope.split()} if challenge.scope else {}
        return httpx.Request("GET", realm, params=wanted, headers=headers)


def _basic(credentials: Credentials) -> str:
    return "Basic " + b64encode(f"{credentials.user}:{credentials.secret}".encode()).decode()


def _token(response: httpx.Response) -> str:
    response.read()
    try:
        document = response.json() if response.is_success else {}
    except ValueError:
        document = {}
    found = document.get("access_token") or document.get("token") if isinstance(document, dict) else None
    if not isinstance(found, str) or not found:
        raise Unauthenticated(
            f"got {response.status_code} and no token from {response.url.host}", hint="check user name and password"
        )
    return found


def _repository(path: str) -> str:
    match = re.fullmatch(r"/v2/(.+?)/(?:manifests|blobs|tags|referrers)/.*", path)
    return match[1] if match else ""
