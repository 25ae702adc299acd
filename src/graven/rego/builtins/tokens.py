"""Owns the builtins on JSON Web Tokens: decode, verify, sign. Keys and algorithms are in ``jose``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from graven.rego.builtins.encoding import read_json
from graven.rego.builtins.jose import ALGORITHMS, Key, b64decode, b64encode, private_key, public_keys, sign, verify
from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin
from graven.rego.notation import json_text
from graven.rego.numerals import compute
from graven.rego.values import EMPTY_OBJECT, FALSE, TRUE, UNDEFINED, RegoObject, Value, boolean, compare, is_number

__all__ = ["BUILTINS"]

_UNVERIFIED = (FALSE, EMPTY_OBJECT, EMPTY_OBJECT)
_CONSTRAINTS = frozenset({"cert", "secret", "alg", "iss", "aud", "time"})
_MAX_NESTING = 32


@dataclass(frozen=True, slots=True)
class _Token:
    """The three parts of a token, as they were written."""

    header: str
    payload: str
    signature: str

    @property
    def message(self) -> bytes:
        """Give what was signed."""
        return f"{self.header}.{self.payload}".encode()

    def part(self, name: str) -> bytes:
        """Give the bytes of a part."""
        try:
            return b64decode(getattr(self, name))
        except ValueError as error:
            raise BuiltinError(f"JWT {name} had invalid encoding: {error}") from None

    def fields(self, name: str) -> Value:
        """Give the object that a part is."""
        found = read_json(self.part(name).decode("utf-8", "replace"))
        if found.__class__ is not RegoObject:
            raise BuiltinError(f"JWT {name} is not an object")
        return found


def _token(text: str) -> _Token:
    if "." not in text:
        raise BuiltinError("encoded JWT had no period separators")
    parts = text.split(".")
    if len(parts) == 5:
        raise BuiltinError("JWT is a JWE object, which is not supported")
    if len(parts) != 3:
        raise BuiltinError(f"encoded JWT must have 3 sections, found {len(parts)}")
    return _Token(*parts)


def _nested(header: Value) -> bool:
    kind = header.get("cty")
    return kind.__class__ is str and kind.upper() == "JWT"


def _decode(text: str) -> Value:
    """Give header, payload and signature, of the innermost token if they are nested."""
    for _ in range(_MAX_NESTING):
        token = _token(text)
        header = token.fields("header")
        if "enc" in header:
            raise BuiltinError("JWT is a JWE object, which is not supported")
        if not _nested(header):
            signature = token.part("signature")
            return (header, token.fields("payload"), signature.hex())
        text = token.part("payload").decode("utf-8", "replace").strip('"')
    raise BuiltinError("JWT is nested too deeply")


def _asymmetric(algorithm: str) -> Callable[[str, str], Value]:
    def check(text: str, key: str) -> Value:
        keys = public_keys(key)
        token = _token(text)
        header, signature = token.fields("header"), token.part("signature")
        kid = header.get("kid")
        named = [each for each in keys if kid.__class__ is str and each.kid == kid]
        candidates = [each for each in named or keys if each.algorithm in ("", algorithm)]
        return boolean(any(verify(algorithm, each.material, token.message, signature) for each in candidates))

    return check


def _symmetric(algorithm: str) -> Callable[[str, str], Value]:
    def check(text: str, secret: str) -> Value:
        token = _token(text)
        return boolean(verify(algorithm, secret.encode(), token.message, token.part("signature")))

    return check


def _decode_verify(context: Context, text: str, constraints: Value) -> Value:
    """Verify a token against constraints on its key, algorithm, issuer, audience and time.

    A token that does not meet them gives ``[false, {}, {}]``; one that cannot be read, or a constraint that cannot,
    fails.
    """
    keys = _trusted(constraints)
    for _ in range(_MAX_NESTING):
        token = _token(text)
        header = token.fields("header")
        algorithm = header.get("alg")
        if "crit" in header or algorithm is None or ("alg" in constraints and constraints["alg"] != algorithm):
            return _UNVERIFIED
        if algorithm not in ALGORITHMS:
            raise BuiltinError(f"unknown JWS algorithm: {algorithm}")
        if not _verified(token, header, keys):
            return _UNVERIFIED
        if not _nested(header):
            return _checked(context, header, token.fields("payload"), constraints)
        text = token.part("payload").decode("utf-8", "replace").strip('"')
    raise BuiltinError("JWT is nested too deeply")


def _trusted(constraints: Value) -> list[Key]:
    unknown = sorted(str(key) for key in constraints if key not in _CONSTRAINTS)
    if unknown:
        raise BuiltinError(f"unknown token validation constraint: {unknown[0]}")
    for name in ("cert", "secret", "alg", "iss", "aud"):
        if name in constraints and constraints[name].__class__ is not str:
            raise BuiltinError(f"token constraint: {name}: must be a string")
    if "cert" in constraints and "secret" in constraints:
        raise BuiltinError("duplicate key constraints")
    if "secret" in constraints:
        return [Key(constraints["secret"].encode())]
    if "cert" not in constraints:
        raise BuiltinError("no key constraint")
    return public_keys(constraints["cert"])


def _verified(token: _Token, header: Value, keys: list[Key]) -> bool:
    algorithm, signature = header["alg"], token.part("signature")
    named = [each for each in keys if each.kid and each.kid == header.get("kid")]
    candidates = named or [each for each in keys if each.algorithm in ("", algorithm)]
    return any(verify(algorithm, each.material, token.message, signature) for each in candidates)


def _checked(context: Context, header: Value, payload: Value, constraints: Value) -> Value:
    """Check the claims: issuer, audience, expiry, and the moment before which it does not hold."""
    audience = payload.get("aud", UNDEFINED)
    wanted = constraints.get("aud", UNDEFINED)
    audiences = audience if audience.__class__ is tuple else (audience,)
    if "iss" in constraints and payload.get("iss", UNDEFINED) != constraints["iss"]:
        return _UNVERIFIED
    if (audience is UNDEFINED) != (wanted is UNDEFINED) or wanted not in audiences:
        return _UNVERIFIED
    if not _in_time(context, payload, constraints):
        return _UNVERIFIED
    return (TRUE, header, payload)


def _in_time(context: Context, payload: Value, constraints: Value) -> bool:
    for claim in ("exp", "nbf"):
        if claim in payload and not is_number(payload[claim]):
            raise BuiltinError(f"{claim} value must be a number")
    if "exp" not in payload and "nbf" not in payload:
        return True
    now = constraints.get("time", context.now_ns)
    if now is None:
        raise BuiltinError("no moment was given as now", halts=True)
    if not is_number(now):
        raise BuiltinError("token constraint: time: must be a number")
    seconds = compute(lambda left, right: left / right, now, 1_000_000_000)
    if "exp" in payload and compare(seconds, payload["exp"]) >= 0:
        return False
    return not ("nbf" in payload and compare(seconds, payload["nbf"]) < 0)


def _encode_sign(context: Context, header: Value, payload: Value, key: Value) -> Value:
    return _signed(context, json_text(header), json_text(payload), json_text(key))


def _signed(_context: Context, header: str, payload: str, key: str) -> Value:
    """Sign a payload that is given as text."""
    algorithm, kind = _declared(header)
    if algorithm not in ALGORITHMS:
        raise BuiltinError(f"unknown JWS algorithm: {algorithm}")
    if kind in (UNDEFINED, "JWT"):
        try:
            read_json(payload)
        except BuiltinError:
            raise BuiltinError("type is JWT but payload is not JSON") from None
    message = f"{b64encode(header.encode())}.{b64encode(payload.encode())}"
    return f"{message}.{b64encode(sign(algorithm, private_key(key), message.encode()))}"


def _declared(header: str) -> tuple[Value, Value]:
    """Give the algorithm and type that a header names."""
    missing = "missing or invalid 'alg' header"
    if not header.strip():
        raise BuiltinError(f"{missing}: cannot parse JSON: cannot parse empty string")
    try:
        fields = read_json(header)
    except BuiltinError as error:
        if header.lstrip()[:1] == "{":
            raise BuiltinError(f"{missing}: cannot parse JSON: {error.message}") from None
        fields = EMPTY_OBJECT
    algorithm = fields.get("alg") if fields.__class__ is RegoObject else None
    if algorithm.__class__ is not str:
        raise BuiltinError(f'{missing}: jwsbb: header "alg" not found')
    return algorithm, fields.get("typ", UNDEFINED)


BUILTINS: tuple[Builtin, ...] = (
    builtin("io.jwt.decode", _decode),
    builtin("io.jwt.decode_verify", _decode_verify, contextual=True),
    builtin("io.jwt.encode_sign", _encode_sign, contextual=True),
    builtin("io.jwt.encode_sign_raw", _signed, contextual=True),
    *(builtin(f"io.jwt.verify_hs{size}", _symmetric(f"HS{size}")) for size in (256, 384, 512)),
    *(
        builtin(f"io.jwt.verify_{kind}{size}", _asymmetric(f"{kind.upper()}{size}"))
        for kind in ("rs", "ps", "es")
        for size in (256, 384, 512)
    ),
    builtin("io.jwt.verify_eddsa", _asymmetric("EdDSA")),
)
