"""``graven test``: asks rules about configuration files, says where findings stand, and passes nothing undecided."""

from __future__ import annotations

import argparse
import os
import sys

from graven.checks.outcome import ALLOWABLE, exit_code
from graven.checks.views import VIEWS
from graven.cli.reporting import Output, outputs, tell
from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from graven.app.testing import Settings
    from graven.engines.conftestconfig import Config
    from graven.engines.policydirs import Remote
    from graven.rego.policy import Version

__all__ = ["HELP", "configure", "run"]

HELP = """Test configuration files by rules.

Files, folders, charts or - (stdin) are read into documents (--parser says as what), and the rules deny, violation and
warn of the policies are asked about each. Without --namespace: main if any policy lies there, else all of them. Every
finding carries the place of the value that caused it. -o takes several formats, all but one with =FILE.
Exit codes: 0 pass, 1 refused, 2 usage, 3 could not decide: --allow WHAT lets pass what is named.

  graven test main.tf --policy ./policies
  graven test deploy/ --policy ./policies -o stdout -o sarif=findings.sarif
  helm template ./chart | graven test - --policy ./policies --all-namespaces
"""


class _Words(argparse.Action):
    """Takes a list, several times and with commas, as conftest does."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        del parser, option_string
        before = getattr(namespace, self.dest) or []
        setattr(namespace, self.dest, [*before, *(word for word in str(values).split(",") if word)])


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("paths", nargs="*", metavar="PATH", help="files, folders, charts, or - for stdin")
    _selection(parser.add_argument_group("what is tested by what"))
    _strictness(parser.add_argument_group("what counts"))
    _telling(parser.add_argument_group("what is told"))


def _path(text: str) -> Path:
    from pathlib import Path

    return Path(text)


_KEY = "rules from oci:// count if this key signed them, or if they are named by digest"


def _selection(group: argparse._ArgumentGroup) -> None:
    group.add_argument("-p", "--policy", action=_Words, metavar="PATH", help="rules: files, folders, oci:// (policy)")
    group.add_argument("-d", "--data", action=_Words, metavar="PATH", help="data for the rules: files, folders")
    group.add_argument("-n", "--namespace", action=_Words, metavar="NAME", help="packages of rules; * ? [..] match")
    group.add_argument("--all-namespaces", action="store_true", help="take the rules of every package")
    group.add_argument("--parser", default="", metavar="NAME", help="read every file as this format")
    group.add_argument("--combine", action="store_true", help="give all files to the rules at once")
    group.add_argument("--ignore", default="", metavar="REGEXP", help="leave out paths that match")
    group.add_argument("--stdin-filename", default="", metavar="NAME", help="what to call what stdin gave")
    group.add_argument("-u", "--update", action=_Words, metavar="URL", help="rules to take from oci:// too")
    group.add_argument("--tls", default=True, action=argparse.BooleanOptionalAction, help="speak TLS to registries")
    group.add_argument("--policy-key", action="append", type=_path, default=[], metavar="PEM", help=_KEY)
    group.add_argument("--allow-unsigned", action="store_true", help="let them count without key and digest")
    group.add_argument("--proto-file-dirs", action=_Words, metavar="DIR", help="folders of .proto files")
    group.add_argument("--view", default="", metavar="NAME", help="show every rule this view, and nothing else")
    group.add_argument("--rego-version", default="", choices=("auto", "v0", "v1"), help="(auto: as each is written)")
    group.add_argument("--capabilities", default="", metavar="FILE", help="what rules may use, as OPA writes it")
    group.add_argument("--engine", choices=("graven", "opa"), default="graven", help="who answers: opa is one on PATH")
    group.add_argument("--cross-check", action="store_true", help="ask that opa too; 3 if it disagrees")
    group.add_argument("-c", "--config-file", default="", metavar="FILE", help="conftest.toml (default: the one here)")


def _strictness(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--fail-on-warn", action="store_true", help="refuse on a warning too")
    group.add_argument("--no-fail", action="store_true", help="answer 0 though a rule refused")
    group.add_argument("--strict", action="store_true", help="refuse rules with unused variables and imports")
    group.add_argument("--show-builtin-errors", action="store_true", help="they are told: --allow builtin hides them")
    group.add_argument("--allow", action="append", choices=tuple(ALLOWABLE), metavar="WHAT", help=_allowable())
    group.add_argument("--waivers", default="", metavar="FILE", help="waivers (default: graven.waivers.toml, if there)")
    group.add_argument(
        "--no-inline-waivers", action="store_true", help="let no comment of a tested file waive anything"
    )
    group.add_argument("--baseline", default="", metavar="FILE", help="let pass the findings that this file knows")
    group.add_argument("--write-baseline", default="", metavar="FILE", help="write the findings of now to such a file")
    group.add_argument("--require-tests", type=int, default=0, metavar="N", help="answer 3 if fewer are evaluated")
    group.add_argument("--max-steps", type=_steps, default=0, metavar="N", help="steps of one evaluation (50000000)")
    group.add_argument("--max-rule-steps", type=_steps, default=0, metavar="N", help="steps of each rule in it")


def _steps(text: str) -> int:
    from graven.cli.limits import steps

    return steps(text)


def _allowable() -> str:
    return "do not answer 3 for it: " + "; ".join(f"{name} ({what})" for name, what in ALLOWABLE.items())


def _telling(group: argparse._ArgumentGroup) -> None:
    group.add_argument("-o", "--output", action="append", metavar="FORMAT[=FILE]", help="how to tell findings (stdout)")
    group.add_argument("--quiet", action="store_true", help="print nothing if the answer is 0")
    group.add_argument("--no-color", action="store_true", help="print without colours")
    group.add_argument("--explain", action="store_true", help="draw the way from each value to its verdict")
    group.add_argument("--watch", action="store_true", help="test again whenever a file or a rule changes")
    group.add_argument("--trace", action="store_true", help="tell on stderr how each rule was evaluated")
    group.add_argument("--suppress-exceptions", action="store_true", help="do not tell what an exception let pass")
    group.add_argument("--junit-hide-message", action="store_true", help="name tests without their messages")
    group.add_argument("--github-hide-passed", action="store_true", help="leave out files without findings")


def run(args: argparse.Namespace) -> int:
    """Test, tell, and give the exit code."""
    if not args.paths:
        return _usage("got no file, expected files, folders or - for stdin")
    config = _config(args)
    wanted = outputs(args.output or [config.text("output", "stdout")])
    if isinstance(wanted, str):
        return _usage(wanted)
    if args.view and args.view not in VIEWS:
        return _usage(f"got the view {args.view!r}, there are {', '.join(VIEWS)}")
    if (args.engine == "opa" or args.cross_check) and not _opa():
        return _usage("got no `opa` on PATH: install OPA, or leave out --engine opa and --cross-check")
    if args.watch:
        from graven.cli.watching import watch

        return watch((*args.paths, *(args.policy or ("policy",)), *args.data), lambda: _once(args, wanted))
    return _once(args, wanted)


def _once(args: argparse.Namespace, wanted: tuple[Output, ...]) -> int:
    from graven.app.testing import run as test

    outcome = test(_settings(args))
    code = exit_code(outcome, fail_on_warn=args.fail_on_warn, no_fail=args.no_fail)
    if code or not args.quiet:
        tell(outcome, wanted, args)
    return code


def _opa() -> bool:
    from shutil import which

    return which("opa") is not None


def _usage(text: str) -> int:
    sys.stderr.write(f"graven test: {text}; graven test --help tells more\n")
    return 2


_VERSIONS: dict[str, Version] = {"v0": "v0", "v1": "v1"}
_LISTS = ("policy", "data", "namespace", "update", "proto-file-dirs")
_TEXTS = ("parser", "ignore", "stdin-filename", "capabilities", "rego-version")
_FLAGS = (
    "all-namespaces",
    "combine",
    "fail-on-warn",
    "no-fail",
    "strict",
    "quiet",
    "no-color",
    "trace",
    "suppress-exceptions",
    "junit-hide-message",
    "github-hide-passed",
)


def _config(args: argparse.Namespace) -> Config:
    """Put what conftest.toml and CONFTEST_* say where the command line says nothing."""
    from graven.engines.conftestconfig import read_config

    config = read_config(os.environ, path=args.config_file)
    for names, read in ((_LISTS, config.list), (_TEXTS, config.text), (_FLAGS, config.flag)):
        for name in names:
            word = name.replace("-", "_")
            setattr(args, word, getattr(args, word) or read(name))
    return config


def _settings(args: argparse.Namespace) -> Settings:
    from graven.app.testing import Settings

    policy = (*(args.policy or ("policy",)), *args.update)
    return Settings(
        paths=tuple(args.paths),
        policy=policy,
        data=tuple(args.data),
        namespaces=tuple(args.namespace),
        all_namespaces=args.all_namespaces,
        combine=args.combine,
        parser=args.parser,
        ignore=args.ignore,
        stdin_filename=args.stdin_filename,
        strict=args.strict,
        rego_version=_VERSIONS.get(args.rego_version.lower(), "auto"),
        capabilities=args.capabilities,
        view=args.view,
        allow=frozenset(args.allow or ()),
        require_tests=args.require_tests,
        trace=args.trace,
        proto_file_dirs=tuple(args.proto_file_dirs),
        waivers=args.waivers,
        inline_waivers=not args.no_inline_waivers,
        baseline=args.baseline,
        write_baseline=args.write_baseline,
        explain=args.explain,
        steps=args.max_steps,
        rule_steps=args.max_rule_steps,
        engine=args.engine,
        cross_check=args.cross_check,
        remote=_remote(args) if any("://" in path for path in (*policy, *args.data)) else None,
    )


def _remote(args: argparse.Namespace) -> Remote:
    from graven.cli.remotes import remote

    args.plain_http = not args.tls
    return remote(args)
