"""Owns the JSON of the syntax tree of a module, in the shape that ``opa parse --format json`` prints.

The places of nodes are not part of it, save those of comments, which OPA always tells.
"""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from graven.rego.notation import to_json as to_plain
from graven.rego.tree import (
    ArrayTerm,
    Call,
    Comprehension,
    Every,
    Expr,
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
)
from graven.rego.values import type_name

__all__ = ["module_json"]

Json = dict[str, Any]
_KINDS = (
    "null", "boolean", "number", "string", "var", "ref", "array", "object", "set", "arraycomprehension",
    "objectcomprehension", "setcomprehension", "templatestring", "call",
)  # fmt: skip
"""In the order of OPA's terms."""


def module_json(module: Module, *, comments: bool = True) -> Json:
    """Give the tree of a module as JSON.

    >>> from graven.rego.parse.modules import parse_module
    >>> module_json(parse_module("p.rego", "package p"))
    {'package': {'path': [{'type': 'var', 'value': 'data'}, {'type': 'string', 'value': 'p'}]}}
    """
    writer = _Writer()
    path = [_var("data"), *map(_string, module.package)]
    found: Json = {"package": {"path": path}}
    found["imports"] = [_import(each.path, each.alias if each.explicit else "") for each in module.imports]
    found["annotations"] = [_annotation(each) for each in module.annotations]
    found["rules"] = [writer.rule(each) for each in module.rules]
    _annotate(module, found["rules"])
    if comments:
        found["comments"] = [_comment(module, at, text) for at, text in module.comments]
    return {name: item for name, item in found.items() if item}


def _var(name: str) -> Json:
    return {"type": "var", "value": name}


def _string(text: str) -> Json:
    return {"type": "string", "value": text}


def _import(path: list[str], alias: str) -> Json:
    made: Json = {"path": {"type": "ref", "value": [_var(path[0]), *map(_string, path[1:])]}}
    return {"alias": alias, **made} if alias else made


def _comment(module: Module, at: int, text: str) -> Json:
    row, col = module.source.position(at)
    place = {"file": module.source.file, "row": row, "col": col}
    return {"Text": b64encode(text[1:].encode()).decode(), "Location": place}


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


def _annotate(module: Module, rules: list[Json]) -> None:
    """Give each block to the rule that follows it; one about a document to all rules that make it."""
    starts = [module.source.position(rule.at)[0] for rule in module.rules]
    for block in module.annotations:
        if "$ref" in block:
            owners = [at for at, rule in enumerate(module.rules) if block["$ref"] and _path_of(rule) == block["$ref"]]
        else:
            owners = [at for at, row in enumerate(starts) if row > block["$row"]][:1]
        for at in owners:
            rules[at].setdefault("annotations", []).append(_annotation(block))


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

    def __init__(self) -> None:
        self._wildcards: dict[str, str] = {}

    def rule(self, rule: Rule) -> Json:
        """Write a rule with its ``else``."""
        head = self._head(rule)
        made: Json = {"default": True} if rule.default else {}
        made |= {"head": head, "body": self.body(rule.body)}
        outer = made
        for other in rule.orelse:
            outer["else"] = {"head": self._head(other), "body": self.body(other.body)}
            outer = outer["else"]
        return made

    def _head(self, rule: Rule) -> Json:
        ref = [_var(rule.name), *map(self.term, rule.ref[1:])]
        made: Json = {"ref": ref, **({"name": rule.name} if len(ref) == 1 else {})}
        if rule.args:
            made["args"] = [self.term(arg) for arg in rule.args]
        if rule.key is not None:
            return {**made, "key": self.term(rule.key), **({"name": rule.name} if len(ref) == 1 else {})}
        made["value"] = self.term(rule.value)
        made |= {"assign": True} if rule.assigned else {}
        return {**made, **self._one_step(rule, ref)} if len(ref) == 2 else made

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
        made: Json = {"index": index, "terms": self._terms(expr.term)}
        made |= {"generated": True} if expr.made else {}
        made |= {"negated": True} if expr.negated else {}
        if expr.withs:
            made["with"] = [{"target": self.term(each.target), "value": self.term(each.value)} for each in expr.withs]
        return made

    def _terms(self, term: object) -> Any:
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
            return {"type": term.operator, "lhs": self.body(term.left), "rhs": self.body(term.right)}
        assert isinstance(term, Term)  # noqa: S101 - the parser makes no other
        return self.term(term)

    def _callee(self, call: Call) -> Json:
        return {"type": "ref", "value": [_var(call.name[0]), *map(_string, call.name[1:])]}

    def term(self, term: Term) -> Json:
        """Write a term."""
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
        return {"parts": [self._part(part) for part in term.parts], "multi_line": term.raw}

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
        return self._expr(Expr(bound.at, hole, withs=bound.withs), 0)


_NAMES: dict[type, str] = {
    Ref: "ref", ArrayTerm: "array", SetTerm: "set", ObjectTerm: "object", Call: "call", Template: "templatestring",
}  # fmt: skip
