"""Owns the JSON of the syntax tree of a module, in the shape that ``opa parse --format json`` prints.

The places of nodes are part of it only where they are asked for (``astplaces``), save those of comments.
"""

from __future__ import annotations

from base64 import b64encode
from itertools import zip_longest
from typing import Any

from graven.rego.astplaces import Places
from graven.rego.notation import to_json as to_plain
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
    Import,
    Logic,
    Module,
    Negation,
    ObjectTerm,
    Ref,
    Rule,
    Scalar,
    SetTerm,
    SomeDecl,
    Template,
    Term,
    Var,
    With,
)
from graven.rego.values import type_name

__all__ = ["module_json"]

Json = dict[str, Any]
_KINDS = (
    "null", "boolean", "number", "string", "var", "ref", "array", "object", "set", "arraycomprehension",
    "objectcomprehension", "setcomprehension", "templatestring", "call",
)  # fmt: skip
"""In the order of OPA's terms."""


def module_json(module: Module, *, comments: bool = True, places: Places | None = None) -> Json:
    """Give the tree of a module as JSON, with the places of its nodes where these are given.

    >>> from graven.rego.parse.modules import parse_module
    >>> module_json(parse_module("p.rego", "package p"))
    {'package': {'path': [{'type': 'var', 'value': 'data'}, {'type': 'string', 'value': 'p'}]}}
    """
    writer = _Writer(places)
    found: Json = {"package": _package(module, places)}
    found["imports"] = [_import(each, places) for each in module.imports]
    found["annotations"] = [_annotation(each) | _annotated(module, each, places) for each in module.annotations]
    found["rules"] = [writer.rule(each) for each in module.rules]
    _annotate(module, found["rules"], places)
    if comments:
        found["comments"] = [_comment(module, at, text, places) for at, text in module.comments]
    return {name: item for name, item in found.items() if item}


def _var(name: str) -> Json:
    return {"type": "var", "value": name}


def _string(text: str) -> Json:
    return {"type": "string", "value": text}


def _package(module: Module, places: Places | None) -> Json:
    made: Json = {"path": [_var("data"), *map(_string, module.package)]}
    if places is None:
        return made
    begin = places.extents.after(module.package_at)
    names = places.path(begin, len(module.package))
    path = [{**part, **place} for part, place in zip(made["path"], [names[0], *names], strict=True)]
    return {"path": path, **places.first(module.package_at)}


def _import(entry: Import, places: Places | None) -> Json:
    path = [_var(entry.path[0]), *map(_string, entry.path[1:])]
    made: Json = {"alias": entry.alias} if entry.explicit else {}
    if places is None:
        return {**made, "path": {"type": "ref", "value": path}}
    place, begin = places.imported(entry)
    parts = [{**part, **where} for part, where in zip(path, places.path(begin, len(path)), strict=True)]
    return {**made, **place, "path": {"type": "ref", "value": parts, **places.whole(begin, len(path))}}


def _comment(module: Module, at: int, text: str, places: Places | None) -> Json:
    row, col = module.source.position(at)
    place = {"file": module.source.file, "row": row, "col": col}
    if places is not None:
        block = next((each for each in module.annotations if each["$row"] == row), None)
        made = _annotated(module, block, places) if block else places.of(at, at, at + len(text))
        place = made["location"]
    return {"Text": b64encode(text[1:].encode()).decode(), "Location": place}


def _annotated(module: Module, block: Json, places: Places | None) -> Json:
    """Give the place of an annotation: of the comments that follow one another from where it begins."""
    if places is None:
        return {}
    rows = {module.source.position(at)[0]: (at, at + len(text)) for at, text in module.comments}
    first = last = block["$row"]
    while last + 1 in rows:
        last += 1
    return places.of(rows[first][0], rows[first][0], rows[last][1])


def _annotation(block: dict[str, Any]) -> Json:
    """Give an annotation without what only the compiler asks, its paths as references."""
    made: Json = {name: to_plain(item) for name, item in block.items() if not name.startswith("$")}
    made["schemas"] = [_schema(path, schema) for each in made.get("schemas", ()) for path, schema in each.items()]
    return {name: item for name, item in made.items() if item}


def _schema(path: str, schema: Any) -> Json:
    made: Json = {"path": _path(path)}
    return {**made, "schema": _path(schema)} if isinstance(schema, str) else {**made, "definition": schema}


def _path(text: str) -> list[Json]:
    head, *steps = text.split(".")
    return [_var(head), *map(_string, steps)]


def _annotate(module: Module, rules: list[Json], places: Places | None) -> None:
    """Give each block to the rule that follows it; one about a document to all rules that make it."""
    starts = [module.source.position(rule.at)[0] for rule in module.rules]
    for block in module.annotations:
        if "$ref" in block:
            owners = [at for at, rule in enumerate(module.rules) if block["$ref"] and _path_of(rule) == block["$ref"]]
        else:
            owners = [at for at, row in enumerate(starts) if row > block["$row"]][:1]
        for at in owners:
            rules[at].setdefault("annotations", []).append(_annotation(block) | _annotated(module, block, places))


def _path_of(rule: Rule) -> tuple[object, ...]:
    return tuple(getattr(step, "value", None) for step in rule.ref)


def _order(term: Json) -> tuple[int, Any]:
    """Give what terms are sorted by in a set and an object."""
    rank = _KINDS.index(term["type"])
    value = term["value"]
    return rank, value if rank in (1, 2, 3, 4) else [_order(each) for each in _parts(value)]


def _parts(value: Any) -> list[Json]:
    if not isinstance(value, list):
        return []
    flat = [part for each in value for part in (each if isinstance(each, list) else [each])]
    return [each for each in flat if "type" in each]


class _Writer:
    """Writes the nodes of one module; wildcards are numbered in the order of the text."""

    def __init__(self, places: Places | None = None) -> None:
        self._wildcards: dict[str, str] = {}
        self._places = places
        self._rule: Rule | None = None
        """That whose body is written."""

    def rule(self, rule: Rule) -> Json:
        """Write a rule with its ``else``."""
        made: Json = {"default": True} if rule.default else {}
        last = rule.orelse[-1].end if rule.orelse else rule.end
        made |= self._arm(rule, last)
        outer = made
        for other in rule.orelse:
            outer["else"] = self._arm(other, last)
            outer = outer["else"]
        return made

    def _arm(self, rule: Rule, last: int) -> Json:
        made: Json = {"head": self._head(rule), "body": self._body_of(rule, last)}
        if self._places is None:
            return made
        made["head"] |= self._places.head(rule)
        return made | self._places.rule(rule, last)

    def _body_of(self, rule: Rule, last: int) -> list[Json]:
        self._rule = rule
        if self._places is not None:
            self._places.fixed = self._places.all_of_body(rule, last)
        made = self.body(rule.body)
        self._rule = None
        if self._places is not None:
            self._places.fixed = None
        return made

    def _head(self, rule: Rule) -> Json:
        ref = [_var(rule.name), *map(self.term, rule.ref[1:])]
        if self._places is not None:
            named = self._places.path(rule.ref[0].at, len(ref) if rule.args else 1)
            ref = [{**part, **place} for part, place in zip_longest(ref, named, fillvalue=Json())]
        made: Json = {"ref": ref, **({"name": rule.name} if len(ref) == 1 else {})}
        if rule.args:
            made["args"] = [self.term(arg) for arg in rule.args]
        if rule.key is not None:
            return {**made, "key": self.term(rule.key), **({"name": rule.name} if len(ref) == 1 else {})}
        made["value"] = self.term(rule.value) if rule.explicit or self._places is None else self._true(rule)
        made |= {"assign": True} if rule.assigned else {}
        return {**made, **self._one_step(rule, ref)} if len(ref) == 2 else made

    def _true(self, rule: Rule) -> Json:
        """Write a value that nobody wrote: it has no place."""
        return {"type": "boolean", "value": True} | (self._places.value(rule) if self._places is not None else {})

    @staticmethod
    def _one_step(rule: Rule, ref: list[Json]) -> Json:
        """Give the name and the key that OPA keeps for those who know no references in heads."""
        made: Json = {}
        if (rule.explicit and not rule.args) or (rule.conditional and rule.args):
            made["name"] = rule.name
        open_ended = ref[1]["type"] not in ("string", "number", "boolean", "null")
        if not rule.args and (open_ended or not rule.conditional):
            made["key"] = ref[1]
        return made

    def body(self, body: list[Expr]) -> list[Json]:
        """Write the expressions of a body."""
        return [self._expr(expr, at) for at, expr in enumerate(body)]

    def _expr(self, expr: Expr, index: int) -> Json:
        rule, self._rule = self._rule, None
        made: Json = {"index": index, "terms": self._terms(expr.term)}
        self._rule = rule
        if self._places is not None:
            place = self._places.expr(expr, rule)
            made |= place
            if rule is not None and expr.made:
                made["terms"] |= place
        made |= {"generated": True} if expr.made else {}
        made |= {"negated": True} if expr.negated else {}
        if expr.withs:
            made["with"] = [self._with(each) for each in expr.withs]
        return made

    def _with(self, modifier: With) -> Json:
        place = {} if self._places is None else self._places.modifier(modifier)
        return {"target": self.term(modifier.target), "value": self.term(modifier.value), **place}

    def _terms(self, term: object) -> Any:
        made = self._terms_of(term)
        if self._places is not None and isinstance(term, (SomeDecl, Every)):
            made |= self._places.first(term.at)
        return made

    def _terms_of(self, term: object) -> Any:
        if isinstance(term, Call):
            return [self._callee(term), *map(self.term, term.args)]
        if isinstance(term, SomeDecl):
            return {"symbols": [self.term(term.member)] if term.member else [self.term(each) for each in term.names]}
        if isinstance(term, Every):
            made: Json = {"key": self.term(term.key) if term.key else None, "value": self.term(term.value)}
            return {**made, "domain": self.term(term.domain), "body": self.body(term.body)}
        if isinstance(term, Negation):
            return {"type": "not", "body": self.body(term.body), "explicit_body": term.braced}
        if isinstance(term, Logic):
            made = {"type": term.operator, "lhs": self.body(term.left), "rhs": self.body(term.right)}
            sides = zip(("explicit_lhs", "explicit_rhs"), term.braces, strict=True)
            return made | {name: True for name, braced in sides if braced}
        assert isinstance(term, Term)  # noqa: S101 - the parser makes no other
        return self.term(term)

    def _callee(self, call: Call) -> Json:
        parts = [_var(call.name[0]), *map(_string, call.name[1:])]
        if self._places is None:
            return {"type": "ref", "value": parts}
        whole, names = self._places.callee(call)
        return {"type": "ref", "value": [{**one, **place} for one, place in zip(parts, names, strict=True)], **whole}

    def term(self, term: Term) -> Json:
        """Write a term."""
        made = self._term(term)
        if self._places is None:
            return made
        place = self._places.term(term)
        if isinstance(term, Var) and made["type"] == "ref":
            made["value"][0] |= place
        return {**made, **place}

    def _term(self, term: Term) -> Json:
        if isinstance(term, Scalar):
            return self._scalar(term)
        if isinstance(term, Var):
            made = _var(self._name(term))
            return {"type": "ref", "value": [made]} if term.name in ("input", "data") else made
        kind = _NAMES.get(type(term), "")
        if isinstance(term, Comprehension):
            return {"type": f"{term.kind}comprehension", "value": self._comprehension(term)}
        return {"type": kind, "value": self._inside(term)}

    def _name(self, var: Var) -> str:
        if not var.wild:
            return var.name
        return self._wildcards.setdefault(var.name, f"${len(self._wildcards)}")

    @staticmethod
    def _scalar(term: Scalar) -> Json:
        kind = type_name(term.value)
        return {"type": kind, "value": {} if kind == "null" else to_plain(term.value)}

    def _inside(self, term: Term) -> Any:
        if isinstance(term, Ref):
            head = _var(self._name(term.head)) if isinstance(term.head, Var) else self.term(term.head)
            if self._places is not None:
                head |= self._places.term(term.head)
            return [head, *map(self.term, term.steps)]
        if isinstance(term, ArrayTerm):
            return [self.term(item) for item in term.items]
        if isinstance(term, SetTerm):
            items = sorted(map(self.term, term.items), key=_order)
            return [item for at, item in enumerate(items) if item not in items[:at]]
        if isinstance(term, ObjectTerm):
            pairs = [[self.term(key), self.term(value)] for key, value in term.pairs]
            return sorted(pairs, key=lambda pair: _order(pair[0]))
        if isinstance(term, Call):
            return [self._callee(term), *map(self.term, term.args)]
        assert isinstance(term, Template)  # noqa: S101 - the parser makes no other
        places = [{} for _ in term.parts] if self._places is None else self._places.parts(term)
        parts = [self._part(part) | place for part, place in zip(term.parts, places, strict=True)]
        return {"parts": parts, "multi_line": term.raw}

    def _comprehension(self, term: Comprehension) -> Json:
        made: Json = {"key": self.term(term.key)} if term.key is not None else {}
        made["value" if term.key is not None else "term"] = self.term(term.value)
        return {**made, "body": self.body(term.body)}

    def _part(self, part: str | Term) -> Json:
        """Write a part of a template string; a hole is an expression."""
        if isinstance(part, str):
            return _string(part)
        if not isinstance(part, Comprehension):
            return self.term(part)
        bound = part.body[0]
        assert isinstance(bound.term, Call)  # noqa: S101 - the parser makes a hole so
        hole = bound.term.args[1]
        return self._expr(Expr(bound.at, hole, withs=bound.withs, end=bound.end), 0)


_NAMES: dict[type, str] = {
    Ref: "ref", ArrayTerm: "array", SetTerm: "set", ObjectTerm: "object", Call: "call", Template: "templatestring",
}  # fmt: skip
