"""``conftest test``: asks the rules of policies about files."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from graven.checks.lax import LaxFault, Laxly, combined, matching, namespaces
from graven.checks.results import CheckResult
from graven.cli.conftest import rules, shared
from graven.cli.conftest.flags import Flag
from graven.cli.conftest.options import Options
from graven.cli.conftest.sources import configurations, find_files
from graven.cli.conftest.tree import Command, usage_text

__all__ = ["COMMAND", "run"]

_LONG = """
Tests configuration files by rules written in Rego.

Files and folders are named, or - for stdin. The rules deny, violation and warn of the namespace main are asked about
each; policies lie in the folder policy unless another is named:

	$ conftest test --policy <folder> <files or folders>

Rules that need data take it from JSON and YAML files. What a file says stands under the names of the folders below
the one that is given: with --data policy, the file policy/exceptions/list.yaml is data.exceptions:

	$ conftest test --data policy <files>

--output chooses the form of the results, --trace tells on stderr how each query was evaluated, and --update fetches
policies before the test.
"""

COMMAND = Command(
    "conftest test",
    "<path> [path [...]]",
    "test configuration files by rules",
    _LONG,
    (
        *shared.flagged("capabilities", "data", "github-hide-passed", "junit-hide-message", "no-color", "output"),
        *shared.flagged("policy", "proto-file-dirs", "quiet", "rego-version", "show-builtin-errors", "strict", "trace"),
        Flag("all-namespaces", "bool", "ask the rules of every namespace"),
        Flag("combine", "bool", "ask about all files at once"),
        Flag("fail-on-warn", "bool", "answer 1 for warnings and 2 for failures"),
        Flag("ignore", "string", "leave out paths that match this regular expression"),
        Flag("namespace", "strings", "namespaces that are asked; *, ? and [...] match, * dots too", "n", ("main",)),
        Flag("no-fail", "bool", "answer 0 though a rule refuses"),
        Flag("parser", "string", f"read every file with one of {shared.PARSERS}"),
        Flag("stdin-filename", "string", "what to call what stdin gave"),
        Flag("suppress-exceptions", "bool", "do not tell exceptions"),
        shared.TLS,
        Flag("update", "strings", "where to fetch policies from before the test", "u", ()),
    ),
)


def run(options: Options) -> int:
    """Test, tell, and give the exit code.

    Raises:
        LaxFault: there is no answer.
    """
    if not options.words:
        sys.stderr.write(usage_text(COMMAND))
        raise LaxFault("missing required arguments")
    options.check()
    form, quiet, no_fail = options.text("output"), options.flag("quiet"), options.flag("no-fail")
    warnings_fail = options.flag("fail-on-warn")
    try:
        results = _results(options)
    except LaxFault as e:
        raise LaxFault(f"running test: {e.message}") from None
    code = _code(results, warnings_fail=warnings_fail)
    if code or not quiet:
        shared.tell(results, form, options)
        return 0 if no_fail else code
    return code


def _code(results: Sequence[CheckResult], *, warnings_fail: bool) -> int:
    if any(result.failures for result in results):
        return 2 if warnings_fail else 1
    return int(warnings_fail and any(result.warnings for result in results))


def _results(options: Options) -> list[CheckResult]:
    found = _parsed(options)
    _update(options)
    capabilities = rules.capabilities_of(options.text("capabilities"))
    asking = _asking(options, capabilities)
    available = namespaces(info.package for info in asking.rules)
    wanted = available if options.flag("all-namespaces") else matching(available, options.list("namespace"))
    results: list[CheckResult] = []
    whole = options.flag("combine")
    for namespace in wanted:
        try:
            if whole:
                results.append(asking.check_whole("Combined", combined(found), namespace))
            else:
                results += [asking.check(path, config, namespace) for path, config in found.items()]
        except LaxFault as e:
            raise LaxFault(f"{'check combined' if whole else 'query rule'}: check: {e.message}") from None
    return results


def _parsed(options: Options) -> dict[str, Any]:
    try:
        files = find_files(options.words, options.text("ignore"))
    except LaxFault as e:
        raise LaxFault(f"parse files: {e.message}") from None
    try:
        found = configurations(files, options.text("parser"), options.list("proto-file-dirs"))
    except LaxFault as e:
        raise LaxFault(f"parse configurations: {e.message}") from None
    named = options.text("stdin-filename")
    if named and "-" in found:
        found[named] = found.pop("-")
    return found


def _update(options: Options) -> None:
    references = options.list("update")
    if not references:
        return
    from graven.cli.conftest.downloads import download

    try:
        download(references, options.list("policy")[0], overwrite=True, tls=options.flag("tls"))
    except LaxFault as e:
        raise LaxFault(f"update policies: {e.message}") from None


def _asking(options: Options, capabilities: Any) -> Laxly:
    strict, trace = options.flag("strict"), options.flag("trace")
    try:
        try:
            version = rules.version_of(options.text("rego-version"))
            modules = rules.load_modules(options.list("policy"))
        except LaxFault as e:
            raise LaxFault(f"loading policies: {e.message}") from None
        how = {"version": version, "strict": strict, "capabilities": capabilities}
        policy = rules.load(modules, options.list("data"), **how)
    except LaxFault as e:
        raise LaxFault(f"load: {e.message}") from None
    world, now_ns = rules.world(), rules.moment()
    tracer = None
    if trace:
        from graven.checks.tracing import Tracing

        tracer = Tracing(policy, world, now_ns, newer=False).steps
    file_info = rules.file_info if rules.reads_file(modules) else None
    shown = options.flag("show-builtin-errors")
    return Laxly(policy, policy.rules(), world, now_ns, file_info, shown, tracer)
