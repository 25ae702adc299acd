"""Owns the drawing of how a finding came about: from the value, through the lines of the rule, to the verdict; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graven.checks.explaining import Change, Explained, Step
from graven.rego.lines import Line
from graven.rego.readout import shown

__all__ = ["render"]


def render(found: Sequence[Explained]) -> str:
    """Draw each finding as a tree."""
    return "\n".join("\n".join(_tree(each)) + "\n" for each in found)


def _tree(each: Explained) -> Iterator[str]:
    result, rule = each.result, each.result.rule
    yield result.message
    place = result.place
    at = f"{place.file}:{place.line}:{place.column}" if place is not None else each.file
    yield f"├─ {at}  {_path(result.path) or 'the document'}" + (f" = {each.value}" if each.value else "")
    if result.view:
        yield f"├─ seen as {result.view}: {result.address}" if result.address else f"├─ seen as {result.view}"
    if rule is not None:
        yield f"├─ {rule.place.file}:{rule.place.line}  {rule.title or rule.path}"
    width = max((len(_code(line)) for line in each.lines), default=0)
    yield from (_line(line, width) for line in each.lines if line.text.strip())
    if rule is not None and rule.remediation:
        yield f"├─ what to do: {rule.remediation}"
    if each.change is not None:
        yield f"├─ {_change(each.change)}"
    yield f"└─ {_verdict(each)}"


def _path(path: Sequence[str | int]) -> str:
    return shown(path).removeprefix(".")


def _change(change: Change) -> str:
    if not change.evaluations:
        return "what would let it pass was not searched: what one run may spend on that was spent on others"
    if not change.steps:
        return f"would pass with: no change of the input was found in {change.evaluations} evaluations"
    return f"would pass with: {' and '.join(map(_step, change.steps))}"


def _step(step: Step) -> str:
    told = f"no {_path(step.path)}" if step.op == "remove" else f"{_path(step.path)} = {step.value}"
    place = step.place
    words = ["added"] if step.op == "add" else []
    words += [f"line {place.line}"] if place.line else []
    return f"{told} ({', '.join(words)})" if words else told


def _code(line: Line) -> str:
    return line.text.replace("\t", "  ").rstrip()


def _line(line: Line, width: int) -> str:
    values = ", ".join(f"{name} = {value}" for name, value in line.values)
    return f"│  {line.number:>4}  {_code(line):<{width}}  {'← ' + values if values else ''}".rstrip()


def _verdict(each: Explained) -> str:
    if each.result.waived is not None:
        return f"waived by {each.result.waived.owner}: {each.result.waived.reason}"
    rule = each.result.rule
    return "warned" if rule is not None and ".warn" in rule.path else "refused"
