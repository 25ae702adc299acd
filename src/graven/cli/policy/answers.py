"""Owns how the answers of ``graven policy eval`` are told: the formats of ``opa eval``, errors too."""

from __future__ import annotations

import sys

from graven.cli.policy import golang
from graven.errors import GravenError
from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from graven.rego import BuiltinFailure

__all__ = ["error_documents", "error_text", "failure_document", "tell", "tell_errors"]


def tell(output: dict[str, Any], form: str, limit: int, query: str = "") -> None:
    """Write an answer in a format."""
    write = sys.stdout.write
    if output.get("errors") and form not in ("json", "discard"):
        sys.stderr.write(_failures(output["errors"], query))
        return
    results = output.get("result", [])
    if form == "pretty":
        write(_pretty(results, limit) + _tables(output, query))
    elif form == "values":
        write("".join(golang.document([each["value"] for each in result["expressions"]]) for result in results))
    elif form == "bindings":
        write("".join(golang.document(result.get("bindings", {})) for result in results))
    elif form == "raw":
        write("".join(" ".join(_raw(each["value"]) for each in result["expressions"]) + "\n" for result in results))
    elif form == "discard":
        write(golang.document({**output, "result": "discarded"} if results else output))
    else:
        write(_json(output))


def _failures(errors: list[dict[str, Any]], query: str) -> str:
    """Tell of builtins that failed, for people: in the query itself there is no file to name."""
    count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
    places = [f"{each['location']['file']}:{each['location']['row']}" for each in errors]
    named = [query.strip() if place.startswith(":") else place for place in places]
    lines = [f"{place}: {each['code']}: {each['message']}" for place, each in zip(named, errors, strict=True)]
    return (
        f"{count} occurred: " + "\n".join(lines) + "\n"
        if len(lines) == 1
        else "\n".join([f"{count} occurred:", *lines, ""])
    )


def _json(output: dict[str, Any]) -> str:
    """Write the whole answer: objects of values come sorted from the engine, the others keep OPA's order."""
    whole = {"errors": output["errors"]} if output.get("errors") else {}
    whole |= {"result": output["result"]} if output.get("result") else {}
    return golang.document(whole | {key: output[key] for key in _WATCHED if key in output}, ordered=True)


_WATCHED = ("metrics", "profile", "profile_rules", "coverage")
"""What was told by those who watched."""


def _tables(output: dict[str, Any], query: str) -> str:
    if not output.keys() & set(_WATCHED):
        return ""
    from graven.cli.policy.profiling import tables

    return tables(output, query)


def _raw(value: Any) -> str:
    return value if isinstance(value, str) else golang.compact(value)


def _pretty(results: list[dict[str, Any]], limit: int) -> str:
    if not results:
        return "undefined\n"
    first = results[0]
    expressions, bindings = first["expressions"], first.get("bindings", {})
    single = len(expressions) == 1 or all(isinstance(each["value"], bool) for each in expressions)
    if len(results) == 1 and not bindings and single:
        return golang.document(expressions[0]["value"])
    columns: list[tuple[str, int]] = [
        ("", place) for place, each in enumerate(expressions) if not isinstance(each["value"], bool) or not bindings
    ]
    columns += [(name, -1) for name in sorted(bindings)]
    headings = [name or expressions[place]["text"] for name, place in columns]
    rows = [[_cell(result, name, place, limit) for name, place in columns] for result in results]
    return golang.table(headings, rows)


def _cell(result: dict[str, Any], name: str, place: int, limit: int) -> str:
    text = golang.compact(result["bindings"][name] if name else result["expressions"][place]["value"])
    content = text.encode()
    return content[:limit].decode(errors="ignore") + "..." if 0 < limit < len(content) else text


def error_documents(error: GravenError) -> list[dict[str, Any]]:
    """Give the objects that OPA writes for an error."""
    from graven.engines.policydirs import LoadFault
    from graven.rego import EvaluationError, PolicyErrors
    from graven.rego.faults import RuleExhausted

    if isinstance(error, PolicyErrors):
        return [_policy_error(each) for each in error.errors]
    if isinstance(error, (EvaluationError, RuleExhausted)):
        location = {"file": error.file, "row": error.row, "col": error.col}
        return [{"message": error.reason, "code": error.code, "location": location}]
    if isinstance(error, LoadFault):
        return [{"message": fault} for fault in error.faults]
    return [{"message": error.message}]


def _policy_error(error: Any) -> dict[str, Any]:
    location = {"file": error.file, "row": error.row, "col": error.col}
    found: dict[str, Any] = {"message": error.message, "code": error.code, "location": location}
    if error.code == "rego_parse_error":
        found["details"] = {"line": error.line_text, "idx": error.col - 1}
    return found


def failure_document(failure: BuiltinFailure) -> dict[str, Any]:
    """Give the object that OPA writes for a builtin that failed."""
    location = {"file": failure.file, "row": failure.row, "col": failure.col}
    return {"message": failure.message, "code": failure.code, "location": location}


def error_text(error: GravenError, query: str = "") -> str:
    """Give what is written for people: all that is wrong, each with its place and line."""
    from graven.rego import EvaluationError

    if isinstance(error, EvaluationError):
        said = error.message
        return f"1 error occurred: {query.strip() + said[said.index(': ') :] if said.startswith(':') else said}"
    return str(error)


def tell_errors(error: GravenError, form: str, watched: dict[str, Any] | None = None, query: str = "") -> int:
    """Tell what kept the query from an answer, with what was seen until then; give the exit code."""
    from graven.errors import exit_code

    if form in ("json", "discard"):
        sys.stdout.write(golang.document({"errors": error_documents(error), **(watched or {})}, ordered=True))
    else:
        sys.stderr.write(error_text(error, query) + "\n")
        sys.stdout.write(_tables(watched or {}, query) if form == "pretty" else "")
    return max(exit_code(error), 3)
