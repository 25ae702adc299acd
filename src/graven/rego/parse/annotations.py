"""Owns the metadata annotations: comment blocks that begin with ``# METADATA`` and hold YAML."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from graven.rego.budgets import told
from graven.rego.faults import PolicyError, fault
from graven.rego.tree import Module
from graven.rego.values import RegoObject, Value, from_json

__all__ = ["attach"]

_SCOPES = frozenset({"rule", "document", "package", "subpackages"})
_KEYS = frozenset(
    {
        "scope", "id", "labels", "title", "description", "related_resources", "authors", "organizations", "schemas",
        "entrypoint", "compile", "custom",
    }
)  # fmt: skip


def attach(module: Module) -> Iterator[PolicyError]:
    """Give each block to the statement that follows it; yield what is wrong."""
    if not any(text.lstrip("#").strip() == "METADATA" for _, text in module.comments):
        return
    for at, lines in _blocks(module):
        try:
            yield from _attach(module, at, lines)
        except ValueError as error:
            yield fault(module.source, at, "rego_parse_error", str(error), "the block is YAML behind `# `")


def _blocks(module: Module) -> Iterator[tuple[int, list[str]]]:
    """Give each block: where it begins, its lines of YAML."""
    current: tuple[int, list[str]] | None = None
    last = 0
    for at, text in module.comments:
        row, col = module.source.position(at)
        if current and row == last + 1 and col == 1 and text.strip() != "# METADATA":
            current[1].append(text[1:])
        else:
            if current:
                yield current
            current = (at, []) if col == 1 and text[1:].strip() == "METADATA" else None
        last = row
    if current:
        yield current


def _attach(module: Module, at: int, lines: list[str]) -> Iterator[PolicyError]:
    found = _read(lines)
    position = module.source.position
    starts = [rule.at for rule in module.rules]
    index = bisect_left(starts, at)
    before_package = at < module.package_at
    if not before_package and index == len(starts):
        yield fault(module.source, at, "rego_parse_error", "annotation scope 'rule' must be applied to a rule")
        return
    scope = found.setdefault("scope", _default_scope(found, before_package=before_package))
    if scope not in _SCOPES:
        yield fault(module.source, at, "rego_parse_error", f"invalid annotation scope {scope!r}")
        return
    if (scope in ("package", "subpackages")) != before_package and scope != "subpackages":
        what = "package" if scope == "package" else "rule"
        yield fault(module.source, at, "rego_parse_error", f"annotation scope {scope!r} must be applied to {what}")
        return
    if found.get("entrypoint") and scope in ("rule", "subpackages"):
        yield fault(module.source, at, "rego_parse_error", f"annotation entrypoint applied to invalid scope {scope!r}")
        return
    found["$row"] = position(at)[0]
    if scope == "rule":
        told(found)
        rule = module.rules[index]
        rule.annotations = {**(rule.annotations or {}), **found}
    else:
        owner = [] if before_package else list(module.rules[index].ref)
        found["$ref"] = tuple(getattr(step, "value", None) for step in owner)
    module.annotations.append(found)


def _default_scope(found: dict[str, Value], *, before_package: bool) -> str:
    if before_package:
        return "package"
    return "document" if found.get("entrypoint") else "rule"


def _read(lines: list[str]) -> dict[str, Value]:
    """Read the YAML of a block.

    Raises:
        ValueError: it is no YAML, no mapping, or has a key of another shape.
    """
    import yaml

    try:
        found = yaml.load("\n".join(lines), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except yaml.YAMLError as error:
        raise ValueError(f"yaml: {str(error).splitlines()[0]}") from None
    if not isinstance(found, dict):
        raise ValueError("expected a mapping of annotations after METADATA")  # noqa: TRY004 - it is the YAML's value
    unknown = sorted(str(key) for key in found if key not in _KEYS)
    if unknown:
        raise ValueError(f"invalid annotation attribute {unknown[0]!r}")
    return _normal(found)


def _normal(found: dict[str, Value]) -> dict[str, Value]:
    """Give the annotations as OPA keeps them: authors and resources as objects."""
    if "authors" in found:
        found["authors"] = [_author(entry) for entry in found["authors"] or []]
    if "related_resources" in found:
        found["related_resources"] = [
            {"ref": entry} if isinstance(entry, str) else entry for entry in found["related_resources"] or []
        ]
    if "entrypoint" in found and not found["entrypoint"]:
        del found["entrypoint"]
    converted = from_json(_strings(found))
    return dict(converted) if isinstance(converted, RegoObject) else {}


def _author(entry: Value) -> Value:
    if not isinstance(entry, str):
        return entry
    name, _, mail = entry.strip().rpartition(" ")
    if mail.startswith("<") and mail.endswith(">"):
        return {"name": name, "email": mail[1:-1]} if name else {"email": mail[1:-1]}
    return {"name": entry.strip()}


def _strings(value: Value) -> Value:
    """Make YAML's dates text, as JSON has none."""
    if isinstance(value, dict):
        return {str(key): _strings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_strings(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
