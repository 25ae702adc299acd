"""Owns what conftest makes of a file where ``documents`` reads it otherwise; pure.

YAML is divided by its text, at each line ``---``, so that one in a block scalar divides it too and ``--- # next`` does
not, and of each part the first document counts. Numbers go through a float64, except those of TOML; from a million on a
whole one stays a float, which ``sprintf`` writes as ``1e+06``, as there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graven.checks.lax import LaxFault
from graven.documents.detection import PARSERS, parse, parser_for
from graven.errors import GravenError, NotFound

__all__ = ["as_float64", "parse_laxly", "supported"]

_EXACT = ("toml",)


def supported(file: str) -> bool:
    """Say whether a walk takes a file."""
    return parser_for(file) is not None


def parse_laxly(
    data: bytes,
    *,
    file: str,
    parser: str = "",
    protos: Mapping[str, bytes] | None = None,
    evaluate: Callable[[bytes, str], bytes] | None = None,
    include: Callable[[str], bytes] | None = None,
    whole: float = 1e6,
) -> Any:
    """Give what rules see of a file; a list is one document after the other.

    ``evaluate`` runs a program of jsonnet, ``include`` reads what a file of HOCON includes; below ``whole`` a whole
    number is an integer.

    Raises:
        LaxFault: there is no such parser, or the text cannot be read.
    """
    chosen = parser or parser_for(file)
    if chosen is None or chosen not in PARSERS:
        name = parser or file.rpartition("/")[2].rpartition(".")[2].lower() * ("." in file.rpartition("/")[2])
        raise LaxFault(f"new parser: {'' if parser else 'new: '}unknown parser: {name}")
    try:
        value = _read(data, file, chosen, protos=protos, evaluate=evaluate, include=include)
    except GravenError as e:
        raise LaxFault(f"parser unmarshal: {_words(chosen, e, file, data)}") from None
    if chosen in _EXACT:
        return value
    return as_float64(value, lambda each: int(each) if each.is_integer() and abs(each) < whole else each)


def as_float64(value: Any, convert: Callable[[float], Any]) -> Any:
    """Give a value with each of its numbers read as a float64, and made what ``convert`` makes of it."""
    if isinstance(value, dict):
        return {key: as_float64(item, convert) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_float64(item, convert) for item in value]
    if value is None or isinstance(value, (bool, str)):
        return value
    try:
        return convert(float(value))
    except OverflowError:
        raise LaxFault("parser unmarshal: json: cannot unmarshal number into Go value of type float64") from None


def _read(data: bytes, file: str, parser: str, **given: Any) -> Any:
    if parser == "yaml":
        return _yaml(data, file)
    if parser == "textproto":
        from graven.documents.textproto import parse as parse_textproto

        return parse_textproto(data, file=file, protos=given["protos"])[0].value
    found = parse(data, file=file, parser=parser, evaluate=given["evaluate"], include=given["include"])
    return found[0].value if len(found) == 1 else [each.value for each in found]


def _yaml(data: bytes, file: str) -> Any:
    from graven.documents.yaml import first

    parts = _parts(data)
    values = []
    for part in parts:
        try:
            values.append(first(part, file=file))
        except GravenError as e:
            from graven.checks.goyaml import fault

            lead = "unmarshal multiple documents: unmarshal subdocument yaml" if len(parts) > 1 else "unmarshal yaml"
            said = fault(part, e.message) or _placed(e, file)
            raise LaxFault(f"{lead}: error converting YAML to JSON: yaml: {said}") from None
    return values[0] if len(values) == 1 else values


def _parts(data: bytes) -> list[bytes]:
    mark = b"\r\n---\r\n" if b"\r\n" in data else b"\n---\n"
    parts = data.split(mark)
    if data.startswith(b"%") and len(parts) > 1:
        return [mark.join(parts[:2]), *parts[2:]]
    return parts


def _words(parser: str, error: GravenError, file: str, data: bytes) -> str:
    if isinstance(error, LaxFault):
        return error.message
    said = _placed(error, file)
    if parser == "json":
        from graven.checks.gojson import fault

        said = fault(data.removeprefix(b"\xef\xbb\xbf")) or said
    if parser == "textproto" and error.message.startswith("got no comment"):
        return "extract proto message type: file does not contain necessary proto-message comment"
    if parser == "textproto" and isinstance(error, NotFound):
        name = error.message.split("'")[1]
        return f'look up message type "{name}": proto: not found'
    return f"unmarshal {parser}: {said}"


def _placed(error: GravenError, file: str) -> str:
    at = error.where.removeprefix(file).lstrip(": ").partition(",")[0]
    return ": ".join(filter(None, (at, error.message)))
