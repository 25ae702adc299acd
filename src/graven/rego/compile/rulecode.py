"""Owns the code of rules: one Python function for each rule and each ``else`` behind it."""

from __future__ import annotations

import ast

from graven.rego.compile.bodycode import BodyCode
from graven.rego.compile.emitter import call, constant, differs, function, identical, load, method
from graven.rego.compile.termcode import known
from graven.rego.compile.unit import Unit
from graven.rego.ruletree import Definition, Group
from graven.rego.tree import Expr, Rule, Source, Term
from graven.rego.values import UNDEFINED

__all__ = ["query_code", "rule_code"]


def rule_code(unit: Unit, group: Group, definition: Definition) -> list[list[ast.stmt]]:
    """Give the functions of one rule, in the order of its ``else``; each is a list with one definition."""
    source = definition.module.source
    if group.kind in ("set", "object"):
        return [_adding(unit, source, definition, group)]
    return [_valued(unit, source, arm, group) for arm in (definition.rule, *definition.rule.orelse)]


def _valued(unit: Unit, source: Source, rule: Rule, group: Group) -> list[ast.stmt]:
    """Emit a rule that gives one value, or U."""
    code = BodyCode(unit, source)
    body = code.block
    parameters = [f"a{at}" for at in range(group.arity)]
    code.rebound = ["result"]
    code._matches([(arg, load(name)) for arg, name in zip(rule.args or [], parameters, strict=True)])  # noqa: SLF001 - a rule's own code
    code.rule_body(rule)
    value = code.store(code.term(rule.value))
    if not rule.default:
        code.gave(value)
    simple = not code.open or known(rule.value) is not UNDEFINED
    if simple:
        code.add(ast.Return(value))
    else:
        site = code.site(rule.at)
        first = [ast.Assign([ast.Name("result", ast.Store())], value)]
        what = "functions must not produce multiple outputs for same inputs"
        if group.kind != "function":
            what = "complete rules must not produce multiple outputs"
        clash: list[ast.stmt] = [ast.Expr(call("conflict", site, constant(what)))]
        other = ast.If(differs(load("result"), value), clash, [])
        code.add(ast.If(identical(load("result"), "U"), [*first], [other]))
    for leave in code.fails:
        leave[:] = [ast.Return(load("U"))]
    start: list[ast.stmt] = [ast.Assign([ast.Name("result", ast.Store())], load("U"))]
    name = code.fresh("d")
    return [function(name, ["S", *parameters], [*start, *body, ast.Return(load("result"))])]


def _adding(unit: Unit, source: Source, definition: Definition, group: Group) -> list[ast.stmt]:
    """Emit a rule that adds to a set or an object."""
    code = BodyCode(unit, source)
    body, rule = code.block, definition.rule
    code.rule_body(rule)
    if group.kind == "set":
        assert rule.key is not None  # noqa: S101 - it is a set for that reason
        member = code.term(rule.key)
        code.gave(member)
        code.add(ast.Expr(method(load("out"), "add", member)))
    else:
        _entry(code, definition)
    for leave in code.fails:
        leave[:] = [ast.Return(constant(None))]
    return [function(code.fresh("d"), ["S", "out"], [*body, ast.Return(constant(None))])]


def _entry(code: BodyCode, definition: Definition) -> None:
    rule = definition.rule
    leaf = rule.value if rule.key is None else rule.key
    parts: list[Term] = [*definition.rest, leaf]
    *keys, value = code.terms(parts)
    code.gave(*keys, value)
    path = ast.Tuple(list(keys), ast.Load())
    stored = call("put" if rule.key is None else "append_key", load("out"), path, value)
    clash = call("conflict", code.site(rule.at), constant("object keys must be unique"))
    code.add(ast.If(ast.UnaryOp(ast.Not(), stored), [ast.Expr(clash)], []))


def query_code(unit: Unit, source: Source, body: list[Expr], wanted: list[str]) -> list[ast.stmt]:
    """Emit a query that appends the values of its variables, a tuple for each solution."""
    code = BodyCode(unit, source)
    block = code.block
    code.body(body)
    values = [load(code.names[name]) if name in code.names else load("U") for name in wanted]
    code.add(ast.Expr(method(load("out"), "append", ast.Tuple(values, ast.Load()))))
    for leave in code.fails:
        leave[:] = [ast.Return(constant(None))]
    return [function(code.fresh("q"), ["S", "out"], [*block, ast.Return(constant(None))])]
