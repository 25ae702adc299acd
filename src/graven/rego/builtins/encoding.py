"""Owns the encodings: base64, hex, JSON, YAML, and the query of a URL."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, quote_plus, unquote_to_bytes

from graven.rego.builtins.protocol import Builtin, BuiltinError, builtin, operand_error
from graven.rego.notation import json_text, whole_characters
from graven.rego.numerals import parse_number
from graven.rego.values import RegoObject, RegoSet, Value, adopted, boolean, from_json, type_name

__all__ = ["BUILTINS", "read_json", "read_yaml"]


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _illegal(text: str, alphabet: str) -> int:
    """Give the place of the first byte at which Go's decoder stops."""
    plain = text.replace("\n", "").replace("\r", "")
    body = plain.rstrip("=")
    return next((at for at, char in enumerate(body) if char not in alphabet), len(body))


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def _decoded(text: str, marks: str, *, padded: bool) -> bytes:
    plain = text.replace("\n", "").replace("\r", "")
    body = plain.rstrip("=")
    missing = -len(body) % 4
    wrong = missing == 3 or (padded and len(plain) - len(body) != missing)
    if wrong or any(char not in _LETTERS + marks for char in body):
        raise BuiltinError(f"illegal base64 data at input byte {_illegal(text, _LETTERS + marks)}")
    try:
        return base64.b64decode(body + "=" * missing, marks.encode(), validate=True)
    except binascii.Error:
        raise BuiltinError(f"illegal base64 data at input byte {len(body)}") from None


def _url_decode(text: str) -> Value:
    return _text(_decoded(text, "-_", padded="=" in text))


def _is_base64(text: str) -> Value:
    try:
        _decoded(text, "+/", padded=True)
    except BuiltinError:
        return boolean(truth=False)
    return boolean(truth=True)


def _hex_decode(text: str) -> Value:
    try:
        return _text(bytes.fromhex(text) if " " not in text else bytes.fromhex("x"))
    except ValueError:
        bad = next((char for char in text if char not in "0123456789abcdefABCDEF"), "")
        what = f"invalid byte: {bad!r}" if bad else "odd length hex string"
        raise BuiltinError(f"encoding/hex: {what}") from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"invalid character {name[:1]!r} looking for beginning of value")


def read_json(text: str) -> Value:
    """Read JSON text.

    Raises:
        BuiltinError: it is none.
    """
    try:
        found = json.loads(
            whole_characters(text),
            parse_float=parse_number,
            parse_int=parse_number,
            parse_constant=_no_constant,
            object_hook=adopted,
        )
        return from_json(found)
    except RecursionError:
        raise BuiltinError("exceeded max depth") from None
    except ValueError as error:
        raise BuiltinError(str(error)) from None


def read_yaml(text: str) -> Value:
    """Read a YAML document, as JSON would have it.

    Raises:
        BuiltinError: it is none.
    """
    import yaml

    try:
        return from_json(_plain(yaml.load(text, Loader=_loader())))  # noqa: S506 - a safe loader
    except yaml.MarkedYAMLError as error:
        raise BuiltinError(f"yaml: {_yaml_place(error)}{error.problem}") from None
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise BuiltinError(f"yaml: {str(error).splitlines()[0]}") from None


def _yaml_place(error: Any) -> str:
    """Name the line as Go's reader of YAML does: that of the context, else that of the problem."""
    row = (error.context_mark.line if error.context_mark else 0) or (
        error.problem_mark.line if error.problem_mark else 0
    )
    if row and type(error).__name__ == "ScannerError":
        row += 1
    return f"line {row}: " if row else ""


def _loader() -> type[Any]:
    """Give a loader that leaves dates as text and reads numbers exactly."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        pass

    Loader.yaml_implicit_resolvers = {
        char: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:timestamp"]
        for char, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return Loader


def _plain(value: Any) -> Any:
    """Give what JSON can hold: keys are text."""
    if isinstance(value, dict):
        return {_key(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return _text(base64.b64encode(value)) if isinstance(value, bytes) else value


def _key(key: Any) -> str:
    return key if isinstance(key, str) else json_text(from_json(key))


def _reads(read: Callable[[str], Value]) -> Callable[[str], Value]:
    def is_valid(text: Value) -> Value:
        if text.__class__ is not str:
            return boolean(truth=False)
        try:
            read(text)
        except BuiltinError:
            return boolean(truth=False)
        return boolean(truth=True)

    return is_valid


_OPTIONS = ("indent", "prefix", "pretty")


def _marshal_with_options(value: Value, options: Value) -> Value:
    for key in options:
        if key not in _OPTIONS:
            raise BuiltinError(f'operand 2 object contained unknown key "{key}"', "eval_type_error")
    pretty = bool(options.get("pretty", bool(set(options) & {"indent", "prefix"})))
    if not pretty:
        return json_text(value)
    prefix = options.get("prefix", "")
    return prefix + _indented(value, prefix, options.get("indent", "\t"))


def _indented(value: Value, prefix: str, indent: str, depth: int = 0) -> str:
    kind = value.__class__
    if kind not in (tuple, RegoObject, RegoSet) or not value:
        return json_text(value)
    inner = f"\n{prefix}{indent * (depth + 1)}"
    end = f"\n{prefix}{indent * depth}"
    if kind is RegoObject:
        keys = sorted((key if key.__class__ is str else json_text(key), item) for key, item in value.items())
        parts = [f"{json_text(key)}: {_indented(item, prefix, indent, depth + 1)}" for key, item in keys]
        return "{" + inner + f",{inner}".join(parts) + end + "}"
    members = value.ordered() if kind is RegoSet else value
    return "[" + inner + f",{inner}".join(_indented(item, prefix, indent, depth + 1) for item in members) + end + "]"


def _written(value: Value) -> Value:
    from graven.rego.builtins.yamltext import yaml_text  # yaml is loaded when first asked for

    return yaml_text(value)


def _query_decode(text: str) -> Value:
    _check_escapes(text)
    return _text(unquote_to_bytes(text.replace("+", " ")))


def _check_escapes(text: str) -> None:
    at = text.find("%")
    while at >= 0:
        part = text[at : at + 3]
        if len(part) < 3 or any(char not in "0123456789abcdefABCDEF" for char in part[1:]):
            raise BuiltinError(f'invalid URL escape "{part}"')
        at = text.find("%", at + 3)


def _decode_object(text: str) -> Value:
    _check_escapes(text)
    if ";" in text:
        raise BuiltinError("invalid semicolon separator in query")
    found: dict[str, list[str]] = {}
    for key, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        found.setdefault(key, []).append(value)
    return from_json(found)


def _encode_object(target: Value) -> Value:
    parts: list[str] = []
    for key, value in target.ordered_items():
        if key.__class__ is not str:
            raise operand_error(1, "object with string keys", f"object with {type_name(key)} key")
        values = [value] if value.__class__ is str else value.ordered() if value.__class__ is RegoSet else value
        for each in values if isinstance(values, (list, tuple)) else [values]:
            if each.__class__ is not str:
                raise operand_error(1, "string, array or set of strings", type_name(each))
            parts.append(f"{quote_plus(key)}={quote_plus(each)}")
    return "&".join(parts)


BUILTINS: tuple[Builtin, ...] = (
    builtin("base64.encode", lambda text: base64.b64encode(text.encode()).decode()),
    builtin("base64.decode", lambda text: _text(_decoded(text, "+/", padded=True))),
    builtin("base64.is_valid", _is_base64),
    builtin("base64url.encode", lambda text: base64.urlsafe_b64encode(text.encode()).decode()),
    builtin("base64url.encode_no_pad", lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")),
    builtin("base64url.decode", _url_decode),
    builtin("hex.encode", lambda text: text.encode().hex()),
    builtin("hex.decode", _hex_decode),
    builtin("json.marshal", json_text),
    builtin("json.marshal_with_options", _marshal_with_options),
    builtin("json.unmarshal", read_json),
    builtin("json.is_valid", _reads(read_json), unchecked=True),
    builtin("yaml.marshal", _written),
    builtin("yaml.unmarshal", read_yaml),
    builtin("yaml.is_valid", _reads(read_yaml), unchecked=True),
    builtin("urlquery.encode", quote_plus),
    builtin("urlquery.decode", _query_decode),
    builtin("urlquery.encode_object", _encode_object),
    builtin("urlquery.decode_object", _decode_object),
)
