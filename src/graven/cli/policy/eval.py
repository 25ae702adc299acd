"""``graven policy eval``: asks a query, and tells the answer as ``opa eval`` does."""

from __future__ import annotations

import argparse
import re
import sys

from graven.cli.limits import steps
from graven.cli.policy.arguments import (
    add_capabilities,
    add_ignore,
    add_strict,
    add_version,
    policy_of,
    split,
    version_of,
)
from graven.cli.policy.flags import add_refused, add_runs, add_target, add_unneeded, only, runs
from graven.cli.policy.metrics import Times, measured
from graven.cli.policy.schemas import add_schema, hold
from graven.engines import paths
from graven.errors import GravenError, Malformed, NotFound, Unsupported
from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from graven.cli.policy.profiling import Watch
    from graven.engines.policyfiles import Loaded
    from graven.rego import Policy

__all__ = ["HELP", "configure", "run"]

HELP = """Ask a query of rules (-d, -b), their data, and an input (-i).

The answer is JSON as that of `opa eval`; -f takes pretty, values, bindings, raw and discard too. Exit codes: 0 also
where the query is undefined (--fail: 1), 3 where there is no answer. Nothing but the arguments is read:
http.send is not offered here.

examples:
  graven policy eval -d policies -i input.json data.policy.allow
  graven policy eval -b bundle.tar.gz -i input.json -f pretty 'data.policy.deny[reason]'
  graven policy eval -d policies -i input.json --profile -f pretty data.policy
  graven policy eval -d policies -i input.json --cross-check data.policy
"""

_EXPLAINED = ("off", "full", "notes", "fails", "debug", "why")
_EXPLAIN = "tell the steps of the evaluation as opa does, or why: which rule gave what, and what would turn it"
_FORMATS = ("json", "pretty", "values", "bindings", "raw", "discard")
_PATH = re.compile(r"(data|input)(\.[A-Za-z_][A-Za-z0-9_]*)*")
_RESERVED = re.compile(
    r"\b(as|contains|default|else|every|false|if|import|in|not|null|package|some|true|with|and|or)\b"
)
_FIELDS = ("total_time_ns", "num_eval", "num_redo", "num_gen_expr", "file", "line")
_SORT = f"{', '.join(_FIELDS)}; several, or with commas"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("query", nargs="?", help="a path as data.a.b, or any query")
    parser.add_argument("-d", "--data", action="append", default=[], metavar="PATH", help="rules or data")
    parser.add_argument("-b", "--bundle", action="append", default=[], metavar="PATH", help="a bundle or its folder")
    parser.add_argument("-i", "--input", default="", metavar="FILE", help="the input, JSON or YAML")
    parser.add_argument("-I", "--stdin-input", action="store_true", help="read the input from stdin")
    parser.add_argument("--stdin", action="store_true", help="read the query from stdin")
    parser.add_argument("--package", default="", metavar="NAME", help="the query knows the rules of this package")
    parser.add_argument("--import", dest="imports", action="append", default=[], metavar="PATH")
    parser.add_argument("-f", "--format", choices=_FORMATS, default="json")
    parser.add_argument("--pretty-limit", type=int, default=0, metavar="N", help="cut cells of tables; 0: never")
    parser.add_argument("--fail", action="store_true", help="answer 1 if the query is undefined")
    parser.add_argument("--fail-defined", action="store_true", help="answer 1 if the query has an answer")
    parser.add_argument("--strict-builtin-errors", action="store_true", help="a builtin that fails ends the query")
    parser.add_argument("--show-builtin-errors", action="store_true", help="tell of builtins that failed")
    parser.add_argument("--explain", choices=_EXPLAINED, default="off", help=_EXPLAIN)
    parser.add_argument("--timeout", default="", metavar="DURATION", help="give up after this time: 10s, 500ms")
    parser.add_argument("--profile", action="store_true", help="tell what each row and each rule took")
    parser.add_argument("--profile-sort", action="append", default=[], metavar="FIELD", help=_SORT)
    parser.add_argument("--profile-limit", type=int, metavar="N", help="tell so many (10); 0: all")
    parser.add_argument("--coverage", action="store_true", help="tell which rows were reached")
    add_runs(parser)
    parser.add_argument("--metrics", action="store_true", help="tell what loading, compiling and evaluating took")
    _of_opa(parser)
    parser.add_argument("--max-steps", type=steps, default=0, metavar="N", help="give up after so many (50000000)")
    parser.add_argument("--max-rule-steps", type=steps, default=0, metavar="N", help="give up where a rule takes more")
    parser.add_argument("--engine", choices=("graven", "opa"), default="graven", help="who answers")
    parser.add_argument("--cross-check", action="store_true", help="ask an `opa` on PATH too; 3 if it disagrees")
    add_version(parser)
    add_strict(parser)
    add_capabilities(parser)
    add_ignore(parser)


def _of_opa(parser: argparse.ArgumentParser) -> None:
    """Add what else `opa eval` knows."""
    for name in ("--disable-early-exit", "--disable-indexing", "--optimize-store-for-read-speed"):
        add_unneeded(parser, name)
    for name in ("--nondeterminstic-builtins", "--shallow-inlining"):
        add_unneeded(parser, name)
    for name, value in (("--disable-inlining", "PATH"), ("--optimize", "LEVEL"), ("--entrypoint", "PATH")):
        add_unneeded(parser, *_SHORT.get(name, ()), name, value=value)
    add_unneeded(parser, "-u", "--unknowns", value="PATH")
    add_target(parser)
    add_schema(parser)
    partial = "no query is evaluated in part; ask it with the whole input, or use `opa eval --partial`"
    add_refused(parser, "-p", "--partial", why=partial)
    inside = "it counts what is inside OPA; --metrics tells times, --profile what each rule and row took"
    add_refused(parser, "--instrument", why=inside)
    values = "a trace tells the values of no variables; --explain why tells what a failed expression saw"
    add_refused(parser, "--var-values", why=values)
    once = "a query is asked once; `graven policy test --bench` asks tests many times"
    parser.add_argument("--count", type=only("1", once), default="1", metavar="1", help=once)


_SHORT = {"--optimize": ("-O",), "--entrypoint": ("-e",)}


def run(args: argparse.Namespace) -> int:
    """Ask the query; what is wrong on the way is told in the format that was asked for."""
    import gc

    gc.disable()  # values have no circles
    try:
        return _run(args)
    finally:
        gc.enable()


def _run(args: argparse.Namespace) -> int:
    from graven.cli.policy import answers

    if args.query is None and not args.stdin:
        sys.stderr.write("graven policy eval: got no query: name one, or read it with --stdin\n")
        return 2
    unknown = [field for field in split(args.profile_sort) if field not in _FIELDS]
    if unknown:
        sys.stderr.write(f"graven policy eval: got {unknown[0]!r} to sort by, expected {', '.join(_FIELDS)}\n")
        return 2
    query = sys.stdin.read() if args.stdin else args.query
    watch = _watch(args)
    times = Times() if args.metrics or (watch is not None and watch.profile) else None
    try:
        with _limit(args.timeout):
            output = _answered(args, query, watch, times)
    except GravenError as error:
        return answers.tell_errors(error, args.format, _seen(watch, times), query)
    answers.tell(output | _seen(watch, times), args.format, args.pretty_limit, query)
    defined = bool(output.get("result"))
    return 1 if (args.fail and not defined) or (args.fail_defined and defined) else 0


def _seen(watch: Watch | None, times: Times | None) -> dict[str, Any]:
    """Give what was seen of the evaluation, and what it took."""
    return (watch.told() if watch else {}) | (times.told() if times else {})


def _watch(args: argparse.Namespace) -> Watch | None:
    """Give what watches the evaluation, if somebody is to."""
    profile = args.profile or bool(args.profile_sort) or args.profile_limit is not None
    if not profile and not args.coverage:
        return None
    from graven.cli.policy.profiling import Watch

    limit = _ROWS if args.profile_limit is None else args.profile_limit
    return Watch(profile=profile, coverage=args.coverage, kinds=runs(args), sort=split(args.profile_sort), limit=limit)


_ROWS = 10
"""So many rows of a profile are told."""


def _answered(args: argparse.Namespace, query: str, watch: Watch | None, times: Times | None) -> dict[str, Any]:
    if args.engine == "opa":
        if watch is not None:
            raise Unsupported("the second engine is not watched", hint="leave out --engine, --profile or --coverage")
        return _second(args, query)
    from graven.engines.policyfiles import load

    with measured(times, "load_files"):
        given = _input(args)
        loaded = load(args.data, args.bundle, ignore=split(args.ignore))
    output = _own(args, query, (given, loaded), watch, times)
    if args.cross_check:
        from graven.engines.opa import compare

        compare(output, _second(args, query), query)
    return output


def _own(
    args: argparse.Namespace, query: str, read: tuple[Any, Loaded], watch: Watch | None, times: Times | None
) -> dict[str, Any]:
    import os
    import time

    from graven.rego import UNDEFINED, Limits, World

    given, loaded = read
    with measured(times, "module_compile"):
        policy = policy_of(loaded, args, strict=args.strict)
        hold(policy, loaded.modules, args.schema)
    asking: dict[str, Any] = {
        "limits": Limits(steps=args.max_steps or Limits().steps, rule_steps=args.max_rule_steps),
        "now_ns": time.time_ns(),
        "world": World(entropy=os.urandom, runtime=_runtime(query, loaded)),
        "strict_builtin_errors": args.strict_builtin_errors,
    }
    value = UNDEFINED if given is _NONE else given
    if args.explain not in ("off", "why"):
        from graven.cli.policy import traces

        asking = traces.replayed(policy, query, value, asking)
        traces.tell(policy, query, value, asking, (args.explain, args.format, args.package, args.imports))
    simple = not args.package and not args.imports and watch is None
    with measured(times, "query_eval"):
        if simple and _PATH.fullmatch(query) and not _RESERVED.search(query):
            output, failures = _by_path(policy, query, value, asking)
        else:
            watching = {} if watch is None else {"watch": watch.begin}
            output, failures = _by_query(policy, query, value, asking | watching, args)
    if args.show_builtin_errors and failures:
        from graven.cli.policy.answers import failure_document

        output = {"errors": [failure_document(failure) for failure in failures], **output}
    if args.explain == "why":
        from graven.cli.policy.reasons import explain

        explain(policy, query, value, asking)
    return output


def _by_path(policy: Policy, query: str, value: Any, asking: dict[str, Any]) -> tuple[dict[str, Any], Any]:
    answer = policy.evaluate(query, value, **asking)
    if not answer.defined:
        return {}, answer.failures
    expression = {"value": answer.json(), "text": query, "location": {"row": 1, "col": 1}}
    return {"result": [{"expressions": [expression]}]}, answer.failures


def _by_query(
    policy: Policy, query: str, value: Any, asking: dict[str, Any], args: argparse.Namespace
) -> tuple[dict[str, Any], Any]:
    from graven.cli.policy.golang import plain
    from graven.rego.results import Asked

    results = policy.results(Asked(query, args.package, tuple(args.imports)), value, **asking)
    found = []
    for solution in results.solutions:
        expressions = [
            {"value": plain(each.value), "text": each.text, "location": {"row": each.row, "col": each.col}}
            for each in solution.expressions
        ]
        bindings = {name: plain(item) for name, item in sorted(solution.bindings.items())}
        found.append({"expressions": expressions} | ({"bindings": bindings} if bindings else {}))
    return ({"result": found} if found else {}), results.failures


_NONE = object()


def _input(args: argparse.Namespace) -> Any:
    if args.stdin_input:
        return parse_input(sys.stdin.buffer.read(), "stdin")
    if not args.input:
        return _NONE
    path = args.input.removeprefix("file://")
    try:
        return parse_input(paths.read(path), path)
    except OSError as e:
        raise NotFound(f"open {path}: {(e.strerror or str(e)).lower()}") from e


def parse_input(content: bytes, name: str) -> Any:
    """Read an input: JSON, and what is no JSON as YAML.

    Raises:
        Malformed: it is neither.
    """
    from graven.engines.policyfiles import exact_value, yaml_value

    try:
        return exact_value(content)
    except ValueError:
        pass
    try:
        return yaml_value(content, name)
    except GravenError as e:
        raise Malformed(f"unable to parse input: {e.message}", where=e.where) from e


def _runtime(query: str, loaded: Loaded) -> dict[str, Any] | None:
    """Tell what ``opa.runtime`` tells, where somebody asks."""
    if all("opa.runtime" not in text for text in (query, *loaded.modules.values())):
        return None
    import os
    from importlib.metadata import version

    return {"env": dict(os.environ), "version": version("graven")}


def _second(args: argparse.Namespace, query: str) -> dict[str, Any]:
    """Let an ``opa`` on PATH answer, with what was said here."""
    from graven.engines.opa import Opa

    if args.stdin_input:
        raise Unsupported("the second engine reads no input from stdin", hint="name a file with --input")
    words = [word for path in args.data for word in ("--data", path)]
    words += [word for path in args.bundle for word in ("--bundle", path)]
    words += [word for path in args.imports for word in ("--import", path)]
    words += [word for name in split(args.ignore) for word in ("--ignore", name)]
    for name in ("input", "package", "capabilities"):
        words += [f"--{name}", getattr(args, name)] if getattr(args, name) else []
    words += ["--strict"] * args.strict + ["--strict-builtin-errors"] * args.strict_builtin_errors
    words += ["--v0-compatible"] if version_of(args) == "v0" else []
    return Opa.found().eval([*words, query])


class _limit:  # noqa: N801 - it reads as a statement
    """Ends what runs inside after a time."""

    def __init__(self, duration: str) -> None:
        self.seconds = seconds(duration)

    def __enter__(self) -> None:
        if self.seconds:
            import signal

            signal.signal(signal.SIGALRM, _over)
            signal.setitimer(signal.ITIMER_REAL, self.seconds)

    def __exit__(self, *_: object) -> None:
        if self.seconds:
            import signal

            signal.setitimer(signal.ITIMER_REAL, 0)


def _over(*_: object) -> None:
    from graven.rego import EvaluationError

    raise EvaluationError("eval_cancel_error", "caller cancelled query execution")


_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}


def seconds(duration: str) -> float:
    """Read a duration as Go writes them; nothing is no limit.

    >>> seconds("1m30s"), seconds("")
    (90.0, 0.0)

    Raises:
        Malformed: it is none.
    """
    parts = re.findall(r"(\d+(?:\.\d+)?)(h|ms|us|ns|m|s)", duration)
    if "".join(number + unit for number, unit in parts) != duration.strip():
        raise Malformed(f"got the duration {duration!r}, expected one as 10s or 500ms")
    return sum((float(number) * _UNITS[unit] for number, unit in parts), 0.0)
