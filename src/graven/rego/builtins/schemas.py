"""Owns JSON Schema: whether a document is as a schema says (drafts 4 to 7), and if not, where and why.

Order and words of the faults are those of OPA's validator: where no alternative of ``anyOf`` or ``oneOf`` holds, the
faults of the one that came nearest are told, by the score that it keeps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from graven.rego.builtins.encoding import read_json
from graven.rego.builtins.formats import is_format
from graven.rego.builtins.protocol import Builtin, BuiltinError, Context, builtin
from graven.rego.builtins.regex import compiled
from graven.rego.builtins.schemadoc import SchemaFault, check_schema, resolve
from graven.rego.notation import json_text
from graven.rego.numerals import NumberRangeError, as_integer, number_text
from graven.rego.values import FALSE, TRUE, RegoObject, Value, boolean, compare, is_number, type_name

__all__ = ["BUILTINS"]

_MAX_DEPTH = 150
Path = tuple[str, ...]


@dataclass(slots=True)
class _Outcome:
    """The faults of a value against a schema, and how near it came."""

    faults: list[Value] = field(default_factory=list)
    score: int = 0

    def add(self, path: Path, kind: str, text: str) -> None:
        """Add a fault."""
        where = ".".join(path) or "(Root)"
        self.faults.append(RegoObject({"field": where, "type": kind, "desc": text, "error": f"{where}: {text}"}))
        self.score -= 2

    def merge(self, other: _Outcome) -> None:
        """Take over the faults of a part."""
        self.faults += other.faults
        self.score += other.score


class _Validator:
    """One validation; ``root`` is what references are resolved in."""

    def __init__(self, context: Context, root: Value) -> None:
        self.context = context
        self.root = root
        self.depth = 0

    def outcome(self, schema: Value, value: Value, path: Path) -> _Outcome:
        """Validate a value by itself."""
        found = _Outcome()
        self.validate(schema, value, path, found)
        return found

    def validate(self, schema: Value, value: Value, path: Path, out: _Outcome) -> None:
        """Validate a value and add its faults."""
        self.context.charge(1)
        if schema is FALSE:
            out.add(path, "false", "False always fails validation")
        if schema.__class__ is not RegoObject:
            return
        self.depth += 1
        if self.depth > _MAX_DEPTH:
            raise BuiltinError("schema and document are nested too deeply", halts=True)
        if "$ref" in schema:
            self.validate(resolve(schema["$ref"], self.root), value, path, out)
        elif self._type(schema, value, path, out):
            self._combined(schema, value, path, out)
            kind = type_name(value)
            if kind == "number":
                self._number(schema, value, path, out)
            self._common(schema, value, path, out)
            if kind in _BY_KIND:
                _BY_KIND[kind](self, schema, value, path, out)
        self.depth -= 1

    def _type(self, schema: Value, value: Value, path: Path, out: _Outcome) -> bool:
        names = schema.get("type", ())
        names = names if names.__class__ is tuple else (names,)
        kind = type_name(value)
        if kind == "number" and as_integer(value) is not None:
            kind = "integer"
        if not names or kind in names or (kind == "integer" and "number" in names):
            return True
        wanted = names[0] if len(names) == 1 else f"[{','.join(names)}]"
        out.add(path, "invalid_type", f"Invalid type. Expected: {wanted}, given: {kind}")
        return False

    def _combined(self, schema: Value, value: Value, path: Path, out: _Outcome) -> None:
        for name, kind, text in (
            ("anyOf", "number_any_of", "Must validate at least one schema (anyOf)"),
            ("oneOf", "number_one_of", "Must validate one and only one schema (oneOf)"),
        ):
            if schema.get(name, ()):
                self._alternatives(schema[name], value, path, out, told=(name, kind, text))
        failed = [each for each in (self.outcome(part, value, path) for part in schema.get("allOf", ())) if each.faults]
        for each in failed:
            out.merge(each)
        if failed:
            out.add(path, "number_all_of", "Must validate all the schemas (allOf)")
        if "not" in schema and not self.outcome(schema["not"], value, path).faults:
            out.add(path, "number_not", "Must not validate the schema (not)")
        if value.__class__ is RegoObject:
            self._dependencies(schema.get("dependencies", RegoObject()), value, path, out)
        self._condition(schema, value, path, out)
        out.score += 1

    def _alternatives(
        self, parts: Value, value: Value, path: Path, out: _Outcome, *, told: tuple[str, str, str]
    ) -> None:
        best: _Outcome | None = None
        valid = 0
        for part in parts:
            if valid and told[0] == "anyOf":
                break
            found = self.outcome(part, value, path)
            if not found.faults:
                valid += 1
            elif not valid and (best is None or found.score > best.score):
                best = found
        if (valid == 0) if told[0] == "anyOf" else (valid != 1):
            out.add(path, told[1], told[2])
            if not valid and best is not None:
                out.merge(best)

    def _dependencies(self, dependencies: Value, value: Value, path: Path, out: _Outcome) -> None:
        for key in value.ordered():
            needed = dependencies.get(key, ())
            if needed.__class__ is not tuple:
                self.validate(needed, value, path, out)
                continue
            for name in needed:
                if name not in value:
                    out.add(path, "missing_dependency", f"Has a dependency on {name}")

    def _condition(self, schema: Value, value: Value, path: Path, out: _Outcome) -> None:
        if "if" not in schema:
            return
        holds = not self.outcome(schema["if"], value, path).faults
        branch, was = ("then", "valid") if holds else ("else", "not valid")
        if branch in schema:
            found = self.outcome(schema[branch], value, path)
            if found.faults:
                out.add(path, f"condition_{branch}", f'Must validate "{branch}" as "if" was {was}')
                out.merge(found)

    def _common(self, schema: Value, value: Value, path: Path, out: _Outcome) -> None:
        where = ".".join(path) or "(Root)"
        if "const" in schema and schema["const"] != value:
            out.add(path, "const", f"{where} does not match: {json_text(schema['const'])}")
        if schema.get("enum", ()) and value not in schema["enum"]:
            allowed = ", ".join(map(json_text, schema["enum"]))
            out.add(path, "enum", f"{where} must be one of the following: {allowed}")
        if "format" in schema and value.__class__ is str and not is_format(self.context, schema["format"], value):
            out.add(path, "format", f"Does not match format '{schema['format']}'")
        out.score += 1

    def _number(self, schema: Value, value: Value, path: Path, out: _Outcome) -> None:
        if "multipleOf" in schema and not _multiple(value, schema["multipleOf"]):
            out.add(path, "multiple_of", f"Must be a multiple of {number_text(schema['multipleOf'])}")
        for least, exclusive, sign, kind in (
            ("maximum", "exclusiveMaximum", 1, ("number_lte", "number_lt", "less")),
            ("minimum", "exclusiveMinimum", -1, ("number_gte", "number_gt", "greater")),
        ):
            strict, bound = schema.get(exclusive), schema.get(least)
            if bound is not None and strict is not TRUE and compare(value, bound) == sign:
                out.add(path, kind[0], f"Must be {kind[2]} than or equal to {number_text(bound)}")
            limit = bound if strict is TRUE else strict if is_number(strict) else None
            if limit is not None and compare(value, limit) in (0, sign):
                out.add(path, kind[1], f"Must be {kind[2]} than {number_text(limit)}")
        out.score += 2

    def string(self, schema: Value, value: Value, path: Path, out: _Outcome) -> None:
        """Validate what is asked of strings."""
        if "minLength" in schema and len(value) < schema["minLength"]:
            least = number_text(schema["minLength"])
            out.add(path, "string_gte", f"String length must be greater than or equal to {least}")
        if "maxLength" in schema and len(value) > schema["maxLength"]:
            most = number_text(schema["maxLength"])
            out.add(path, "string_lte", f"String length must be less than or equal to {most}")
        if "pattern" in schema and compiled(self.context, schema["pattern"]).search(value) is None:
            out.add(path, "pattern", f"Does not match pattern '{schema['pattern']}'")
        out.score += 1

    def array(self, schema: Value, value: Value, path: Path, out: _Outcome) -> None:
        """Validate what is asked of arrays."""
        self._items(schema, value, path, out)
        if "minItems" in schema and len(value) < schema["minItems"]:
            out.add(path, "array_min_items", f"Array must have at least {number_text(schema['minItems'])} items")
        if "maxItems" in schema and len(value) > schema["maxItems"]:
            out.add(path, "array_max_items", f"Array must have at most {number_text(schema['maxItems'])} items")
        if schema.get("uniqueItems") is TRUE:
            seen: dict[Value, int] = {}
            for at, item in enumerate(value):
                if item in seen:
                    out.add(path, "unique", f"array items[{seen[item]},{at}] must be unique")
                seen[item] = at
        if "contains" in schema:
            self._contains(schema["contains"], value, path, out)
        out.score += 1

    def _items(self, schema: Value, value: Value, path: Path, out: _Outcome) -> None:
        items = schema.get("items", TRUE)
        if items.__class__ is not tuple:
            for at, item in enumerate(value):
                out.merge(self.outcome(items, item, (*path, str(at))))
            return
        for at, (part, item) in enumerate(zip(items, value, strict=False)):
            out.merge(self.outcome(part, item, (*path, str(at))))
        rest, more = value[len(items) :], schema.get("additionalItems", TRUE)
        if rest and more is FALSE:
            out.add(path, "array_no_additional_items", "No additional items allowed on array")
            return
        for at, item in enumerate(rest, len(items)):
            out.merge(self.outcome(more, item, (*path, str(at))))

    def _contains(self, schema: Value, value: Value, path: Path, out: _Outcome) -> None:
        best: _Outcome | None = None
        for at, item in enumerate(value):
            found = self.outcome(schema, item, (*path, str(at)))
            if not found.faults:
                return
            if best is None or found.score > best.score:
                best = found
        out.add(path, "contains", "At least one of the items must match")
        if best is not None:
            out.merge(best)

    def object(self, schema: Value, value: Value, path: Path, out: _Outcome) -> None:
        """Validate what is asked of objects."""
        for name, kind, words in (
            ("minProperties", "array_min_properties", "at least"), ("maxProperties", "array_max_properties", "at most"),
        ):  # fmt: skip
            beyond = name in schema and (len(value) < schema[name] if name[1] == "i" else len(value) > schema[name])
            if beyond:
                out.add(path, kind, f"Must have {words} {number_text(schema[name])} properties")
        for name in schema.get("required", ()):
            if name not in value:
                out.add(path, "required", f"{name} is required")
            else:
                out.score += 1
        properties = schema.get("properties", RegoObject())
        for key, item in value.ordered_items():
            self._property(schema, (key, item), path, out)
        out.score += 1
        for key, part in properties.ordered_items():
            if key in value:
                self.validate(part, value[key], (*path, key), out)

    def _property(self, schema: Value, pair: tuple[str, Value], path: Path, out: _Outcome) -> None:
        key, item = pair
        described = key in schema.get("properties", ())
        for pattern, part in schema.get("patternProperties", RegoObject()).ordered_items():
            if compiled(self.context, pattern).search(key) is not None:
                described = True
                out.merge(self.outcome(part, item, (*path, key)))
        more = schema.get("additionalProperties", TRUE)
        if not described and more is FALSE:
            out.add(path, "additional_property_not_allowed", f"Additional property {key} is not allowed")
        elif not described:
            out.merge(self.outcome(more, item, (*path, key)))
        if "propertyNames" in schema:
            found = self.outcome(schema["propertyNames"], key, path)
            if found.faults:
                out.add(path, "invalid_property_name", f'Property name of "{key}" does not match')
                out.merge(found)


_BY_KIND: dict[str, Callable[[_Validator, Value, Value, Path, _Outcome], None]] = {
    "string": _Validator.string,
    "array": _Validator.array,
    "object": _Validator.object,
}


def _multiple(value: Value, of: Value) -> bool:
    try:
        as_integer(value), as_integer(of)
    except NumberRangeError as error:
        raise BuiltinError(str(error)) from None
    return (Fraction(number_text(value)) / Fraction(number_text(of))).denominator == 1


def _document(value: Value) -> Value:
    if value.__class__ is not str:
        return value
    try:
        return read_json(value)
    except BuiltinError:
        raise BuiltinError("invalid JSON string") from None


def _schema(context: Context, value: Value) -> Value:
    found = _document(value)

    def compiles(pattern: str) -> bool:
        try:
            compiled(context, pattern)
        except BuiltinError:
            return False
        return True

    check_schema(found, compiles)
    return found


def _match(context: Context, document: Value, schema: Value) -> Value:
    try:
        checked = _schema(context, schema)
        found = _Validator(context, checked).outcome(checked, _document(document), ())
    except SchemaFault as fault:
        raise BuiltinError(str(fault)) from None
    return (boolean(not found.faults), tuple(found.faults))


def _verify(context: Context, schema: Value) -> Value:
    try:
        _schema(context, schema)
    except SchemaFault as fault:
        return (FALSE, f"jsonschema: {fault}")
    except BuiltinError as error:
        return (FALSE, f"jsonschema: {error.message}")
    return (TRUE, None)


BUILTINS: tuple[Builtin, ...] = (
    builtin("json.match_schema", _match, contextual=True),
    builtin("json.verify_schema", _verify, contextual=True),
)
