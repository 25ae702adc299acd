"""Owns hashes and keyed hashes of the UTF-8 bytes of strings, in hex."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

from graven.rego.builtins.protocol import Builtin, builtin
from graven.rego.values import Value, boolean

__all__ = ["BUILTINS"]


def _hash(name: str) -> Callable[[str], Value]:
    return lambda text: hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()


def _hmac(name: str) -> Callable[[str, str], Value]:
    return lambda text, key: hmac.new(key.encode(), text.encode(), name).hexdigest()


def _equal(left: str, right: str) -> Value:
    return boolean(hmac.compare_digest(left.encode(), right.encode()))


BUILTINS: tuple[Builtin, ...] = (
    *(builtin(f"crypto.{name}", _hash(name)) for name in ("md5", "sha1", "sha256")),
    *(builtin(f"crypto.hmac.{name}", _hmac(name)) for name in ("md5", "sha1", "sha256", "sha512")),
    builtin("crypto.hmac.equal", _equal),
)
