"""Owns how conftest words that rules cannot be loaded: OPA's text, of which our parser says more and in other words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import groupby

from graven.rego.faults import PolicyError, PolicyErrors

__all__ = ["refusal"]

_KEYWORD = "keyword is required"
_WORDS = (
    (r": expected a (term|rule)$", ""),
    (r"^unexpected '\w+' identifier", "unexpected identifier token"),
    (r"^unexpected '(\w+)' keyword", r"unexpected \1 keyword"),
    (r"^unexpected = token", "unexpected eq token"),
    (r"expected '}', ';' or a new line$", r"expected \\n or ; or }"),
    (r"expected ',' or '(.)'$", r'expected "," or "\1"'),
    (r"expected a variable after 'some'$", "expected var"),
    (r"(^unexpected import path, .*)$", r"\1 (hint: if this is unexpected, try updating OPA)"),
    (r"must be one of: `rego.v1`, `rego.v2`$", "must be `rego.v1`"),
    (r"^illegal token: .*", "illegal token"),
    (
        r"^illegal number format: expected no leading zero$",
        "unexpected number token: expected number without leading zero",
    ),
)
_STAGES = (
    r"rego_compile_error",
    r"rego_type_error: (conflicting|multiple default|with keyword)",
    r"rego_type_error: undefined function",
    r"rego_unsafe_var_error",
    r"rego_recursion_error",
    r"rego_type_error",
)
"""What OPA's compiler looks for one after the other; it goes no further than the first that finds something."""
_BESIDE = re.compile(r"(declared|assigned) var \S+ unused|\w+ must not shadow ")
"""What it tells beside the finds of that stage."""
_HEAD = re.compile(r"(?:default\s+)?(\w+)(?:\s*(:?=)(?!=)|\s+contains\s)(?!.*\bif\b)", re.DOTALL)
_UNEXPECTED = re.compile(r"(unexpected \S+ (?:token|keyword))(: expected (identifier|\",\" or .*))?")


def refusal(errors: PolicyErrors, modules: Mapping[str, str]) -> str:
    """Say what is wrong with rules as far as OPA looks: the first fault of a file's syntax, or of the first stage."""
    parse = all(error.code == "rego_parse_error" for error in errors.errors)
    ordered = sorted(errors.errors, key=lambda error: (error.file, error.row, "`contains` keyword" in error.message))
    if parse:
        ordered = [each for _, group in groupby(ordered, lambda error: error.file) for each in _first(group)]
    else:
        halting = min((_stage(each) for each in ordered if not _BESIDE.match(each.message)), default=0)
        ordered = [each for each in ordered if _BESIDE.match(each.message) or _stage(each) == halting]
    told = [text for error in ordered for text in _told(error, modules, quoted=parse and _KEYWORD not in error.message)]
    number = "1 error" if len(told) == 1 else f"{len(told)} errors"
    lead = f"load: {number} occurred during loading:" if parse else f"get compiler: {number} occurred:"
    return f"{lead} {told[0]}" if len(told) == 1 else "\n".join((lead, *told))


def _first(errors: Iterable[PolicyError]) -> list[PolicyError]:
    found = list(errors)
    return [error for error in found if _KEYWORD not in error.message][:1] or found


def _stage(error: PolicyError) -> int:
    said = f"{error.code}: {error.message}"
    return next((number for number, stage in enumerate(_STAGES) if re.match(stage, said)), 0)


def _told(error: PolicyError, modules: Mapping[str, str], *, quoted: bool) -> list[str]:
    message, line, row, col = error.message, error.line_text, error.row, error.col
    lead = f"{error.file}:{row}: {error.code}: "
    if not quoted:
        return [lead + message]
    for pattern, said in _WORDS:
        message = re.sub(pattern, said, message)
    lines = modules.get(error.file, "").split("\n")
    if not line.strip() and message.startswith("unexpected eof"):
        row = max((number for number, each in enumerate(lines, 1) if each.strip()), default=0)
        line = lines[row - 1]
        col = len(line.rstrip())
    outer = _outer("\n".join((*lines[: row - 1], line[:col])))
    messages = [message]
    if message == "non-terminated string":
        messages += ["illegal token"] * (2 if outer else 1)
    elif outer and (found := _UNEXPECTED.fullmatch(message)):
        messages.append(f"{found[1]}: expected {outer}")
    shown = line.lstrip("\t")
    place = f"\n\t{shown}\n\t{' ' * (col - 1 - len(line) + len(shown))}^" if line.strip() else ""
    return [lead + each + place for each in messages]


def _outer(text: str) -> str:
    """Say what else OPA expected where a text ends in the value of a rule's head, which it tells as well."""
    start = [found.start() for found in re.finditer(r"^\w", text, re.MULTILINE)]
    found = _HEAD.match(text, start[-1]) if start else None
    if not found:
        return ""
    if not found[2]:
        return f"rule key term (e.g., {found[1]} contains <VALUE> {{ ... }})"
    return f"rule value term (e.g., {found[1]}{'' if found[2] == ':=' else '[<nil>]'} {found[2]} <VALUE> {{ ... }})"
