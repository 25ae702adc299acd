"""Owns the list of a policy's rules: what each is called, where it stands, and which parts of the input it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graven.rego.compile.checks import references
from graven.rego.compile.frontend import Frontend
from graven.rego.compile.metadata import labelled
from graven.rego.roster import RuleInfo
from graven.rego.ruletree import Definition, Group, RuleTree, dotted
from graven.rego.tree import Call, Every, Expr, Ref, Rule, Scalar, SomeDecl, Term, Var
from graven.rego.values import Value
from graven.rego.walk import expressions, rule_terms, terms

__all__ = ["list_rules", "mentioned"]

Path = tuple[str, ...]


def list_rules(frontend: Frontend) -> tuple[RuleInfo, ...]:
    """Give every rule in the order of files and rows."""
    own = {group.number: set().union(*map(_reads, _rules(group))) for group in frontend.tree.groups}
    below = {group.number: _reached(frontend.tree, group) for group in frontend.tree.groups}
    found: list[RuleInfo] = []
    documents, packages = _annotations(frontend)
    for group in frontend.tree.groups:
        for each in (*group.definitions, *group.defaults):
            reads = _reads(each.rule).union(*(own[number] for number in _direct(frontend, each, below)))
            found.append(_info(group, each, reads, (documents, packages)))
    return tuple(sorted(found, key=lambda info: (info.file, info.row)))


def _rules(group: Group) -> Iterator[Rule]:
    return (each.rule for each in (*group.definitions, *group.defaults))


def _direct(frontend: Frontend, each: Definition, below: Mapping[int, set[int]]) -> set[int]:
    numbers = {group.number for group in references(frontend.tree, each.rule)}
    return numbers.union(*(below[number] for number in numbers))


def _reached(tree: RuleTree, group: Group) -> set[int]:
    """Give the numbers of all groups that a group reads, directly or not."""
    found: set[int] = set()
    waiting = [group]
    while waiting:
        for rule in _rules(waiting.pop()):
            for other in references(tree, rule):
                if other.number not in found:
                    found.add(other.number)
                    waiting.append(other)
    return found


def _annotations(frontend: Frontend) -> tuple[dict[Path, Mapping[str, Value]], dict[Path, Mapping[str, Value]]]:
    documents: dict[Path, Mapping[str, Value]] = {}
    packages: dict[Path, Mapping[str, Value]] = {}
    for module, _ in frontend.modules:
        for each in module.annotations:
            path = tuple(module.package)
            if each["scope"] == "document":
                documents[(*path, *map(str, each["$ref"]))] = labelled(each)
            elif each["scope"] == "package":
                packages[path] = labelled(each)
    return documents, packages


def _info(
    group: Group,
    each: Definition,
    reads: set[Path],
    annotations: tuple[dict[Path, Mapping[str, Value]], dict[Path, Mapping[str, Value]]],
) -> RuleInfo:
    source, rule = each.module.source, each.rule
    package = tuple(each.module.package)
    return RuleInfo(
        "data." + dotted(group.path),
        dotted(package),
        rule.name,
        "default" if rule.default else group.kind,
        source.file,
        source.position(rule.at)[0],
        source.position(max(rule.end - 1, rule.at))[0],
        labelled(rule.annotations or {}),
        annotations[0].get(group.path, {}),
        annotations[1].get(package, {}),
        tuple(sorted(map(_text, reads))),
    )


def _text(path: Path) -> str:
    return "input" + "".join("[_]" if step == "_" else f".{step}" for step in path)


def _reads(rule: Rule) -> set[Path]:
    """Give the paths of the input that a rule reads by itself, through its variables too."""
    known: dict[str, Path] = {}
    bodies = [rule.body, *(other.body for other in rule.orelse)]
    for _ in range(3):
        before = len(known)
        for body in bodies:
            for expr in expressions(body):
                _follow(expr, known)
        if len(known) == before:
            break
    found: set[Path] = set()
    heads = {id(term.head) for term in rule_terms(rule) if isinstance(term, Ref)}
    for term in rule_terms(rule):
        path = None if id(term) in heads else _path(term, known)
        if path is not None:
            found.add(path)
    return {path for path in found if not any(other != path and other[: len(path)] == path for other in found)}


def _path(term: Term, known: Mapping[str, Path]) -> Path | None:
    """Give the path of the input that a term is, if it is one."""
    if isinstance(term, Var):
        return () if term.name == "input" else known.get(term.name)
    if not isinstance(term, Ref):
        return None
    head = _path(term.head, known)
    if head is None:
        return None
    return (
        *head,
        *(step.value if isinstance(step, Scalar) and isinstance(step.value, str) else "_" for step in term.steps),
    )


def _follow(expr: Expr, known: dict[str, Path]) -> None:
    """Note which variables an expression makes parts of the input."""
    found = expr.term
    if isinstance(found, SomeDecl) and found.member is not None:
        domain = _path(found.member.args[-1], known)
        value = found.member.args[-2]
        if domain is not None and isinstance(value, Var):
            known.setdefault(value.name, (*domain, "_"))
    elif isinstance(found, Call) and found.name in (("assign",), ("eq",)):
        for one, other in (found.args, reversed(found.args)):
            path = _path(other, known)
            if path is not None and isinstance(one, Var):
                known.setdefault(one.name, path)
    else:
        domain = _path(found.domain, known) if isinstance(found, Every) else None
        if domain is not None and isinstance(found, Every) and isinstance(found.value, Var):
            value = found.value
            known.setdefault(value.name, (*domain, "_"))


def mentioned(expr: Expr) -> Iterator[Ref]:
    """Give the references of an expression that stand in no other."""
    found = expr.term
    if isinstance(found, SomeDecl):
        parts: list[Term] = found.member.args[-1:] if found.member else []
    else:
        parts = [found.domain] if isinstance(found, Every) else [found] if isinstance(found, Term) else []
    for term in parts:
        inner = {id(part) for each in terms(term) if isinstance(each, Ref) for part in terms(each) if part is not each}
        yield from (each for each in terms(term) if isinstance(each, Ref) and id(each) not in inner)
