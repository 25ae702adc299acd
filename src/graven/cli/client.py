"""Speaks to a server's API with the address and the token of the environment; gives back the server's own errors."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from graven import errors
from graven.errors import GravenError, Malformed, Unavailable

if TYPE_CHECKING:
    import httpx

__all__ = ["Client", "add_server", "server_url", "token_of"]

_DEFAULT_URL = "http://127.0.0.1:7331"


def add_server(parser: argparse.ArgumentParser) -> None:
    """Add ``--url`` and ``--ca-file``."""
    parser.add_argument("--url", help=f"the server (default: GRAVEN_URL, or else {_DEFAULT_URL})")
    parser.add_argument("--ca-file", help="CA certificate of the server (default: GRAVEN_CA_FILE, or the system's)")


def server_url(args: argparse.Namespace) -> str:
    """Give the server's address without a slash at its end.

    Raises:
        Malformed: it is no http or https address.
    """
    url = (getattr(args, "url", None) or os.environ.get("GRAVEN_URL") or _DEFAULT_URL).rstrip("/")
    if not re.fullmatch(r"https?://[^/\s]+", url):
        raise Malformed(f"got the address {url!r}, expected http://HOST:PORT", hint="set GRAVEN_URL or give --url")
    return url


def token_of() -> str | None:
    """Read GRAVEN_TOKEN, less the end of line that files have; the message for a bad one does not tell it.

    Raises:
        Malformed: it cannot stand in a header.
    """
    token = os.environ.get("GRAVEN_TOKEN", "").strip()
    if not re.fullmatch(r"[!-~]*", token):
        raise Malformed("the token has characters that no token has", where="GRAVEN_TOKEN", hint="set it anew")
    return token or None


class Client:
    """A session with a server. Use as a context manager."""

    def __init__(self, url: str, *, token: str | None, ca_file: str | None = None) -> None:
        import httpx

        self.url = url
        self.token = token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        verify: Any = True
        if ca_file and url.startswith("https:"):
            import ssl

            verify = ssl.create_default_context(cafile=ca_file)
        timeout = httpx.Timeout(300.0, connect=10.0)
        self._http = httpx.Client(base_url=url, headers=headers, timeout=timeout, trust_env=False, verify=verify)

    @classmethod
    def of(cls, args: argparse.Namespace) -> Client:
        """Make one from ``--url``, GRAVEN_URL, GRAVEN_TOKEN and GRAVEN_CA_FILE."""
        ca_file = getattr(args, "ca_file", None) or os.environ.get("GRAVEN_CA_FILE")
        return cls(server_url(args), token=token_of(), ca_file=ca_file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def get(self, path: str, **params: str | int) -> Any:
        """GET a JSON document."""
        return self._json(self._send("GET", path, params=params))

    def get_bytes(self, path: str, **params: str | int) -> bytes:
        """GET bytes as they are."""
        return self._send("GET", path, params=params).content

    def post(self, path: str, document: Any = None) -> Any:
        """POST a JSON document; give the JSON answer."""
        return self._json(self._send("POST", path, json=document))

    def post_bytes(self, path: str, body: bytes | Iterable[bytes], *, media_type: str, **params: str | int) -> Any:
        """POST bytes; give the JSON answer."""
        headers = {"Content-Type": media_type}
        return self._json(self._send("POST", path, content=body, headers=headers, params=params))

    def put_bytes(self, path: str, body: Iterable[bytes], *, length: int) -> Any:
        """PUT bytes of a known length; give the JSON answer."""
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(length)}
        return self._json(self._send("PUT", path, content=body, headers=headers))

    def put(self, path: str, document: Any = None) -> Any:
        """PUT a JSON document; give the JSON answer."""
        return self._json(self._send("PUT", path, json=document))

    def delete(self, path: str) -> Any:
        """DELETE; give the JSON answer, if there is one."""
        return self._json(self._send("DELETE", path))

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        import httpx

        try:
            response = self._http.request(method, path, **options)
        except (httpx.HTTPError, OSError) as e:
            raise Unavailable(
                f"no answer from {self.url}: {str(e) or type(e).__name__}",
                hint="is 'graven serve' running there? GRAVEN_URL names the server",
            ) from e
        if response.is_error:
            raise _error(response)
        return response

    def _json(self, response: httpx.Response) -> Any:
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError as e:
            raise Unavailable(f"got no JSON from {response.url}", hint="is GRAVEN_URL the address of graven?") from e


_FAMILIES: dict[str, type[GravenError]] = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower(): getattr(errors, name)
    for name in errors.__all__
    if name[0].isupper() and isinstance(getattr(errors, name), type)
}


def _error(response: httpx.Response) -> GravenError:
    """Make the server's error again from its body, or from its status where the body says nothing."""
    try:
        told = response.json()["error"]
        kind = _FAMILIES.get(told["code"], Unavailable)
        return kind(told["message"], where=told.get("where", ""), hint=told.get("hint", ""), detail=told.get("detail"))
    except (ValueError, KeyError, TypeError):
        wanted = (family for family, code in errors.HTTP_STATUS.items() if code == response.status_code)
        kind = next(wanted, Unavailable)
        return kind(f"got {response.status_code} from {response.request.method} {response.url}")
