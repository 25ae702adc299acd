"""Runs OPA's own suite, or a folder of its form, against graven.rego and says what agrees.

``python run.py [--suite SUITE] [--out OUT]``: SUITE holds ``v0/<category>/*.yaml`` and ``v1/…`` (default ``../shared/data/rego``).
Passed: as wanted. Excluded: what ``EXCLUDED`` names. Silently wrong: an answer, or the lack of one, where another was
wanted and no error was raised. Exit code 0 only if nothing is silently wrong and at least 99.5 % pass.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from graven.rego import UNDEFINED, Answer, EvaluationError, PolicyErrors, World, compile_modules, from_json, to_json
from graven.rego.faults import BudgetExhausted
from graven.rego.notation import json_text
from graven.rego.numerals import parse_number

__all__ = ["EXCLUDED", "judge", "main"]

EXCLUDED: Mapping[str, str] = {
    "time/time caching": "calls test.sleep, a builtin of OPA's own test harness",
    "baseandvirtualdocs/base/virtual: conflicts": "base data at the path of a rule, which OPA refuses outside its test store",
}
"""Cases by note, with the reason why they are not run."""
_EXCLUDED_CATEGORIES: Mapping[str, str] = {
    "providers-aws": "providers.aws.sign_req is not offered",
}
_NOW = 1_767_225_600_000_000_000
"""2026-01-01: certificates of the suite begin in November 2023 and end in June 2031."""
_PASS_RATE = 0.995
Outcome = dict[str, Any]


class _Loader(yaml.CSafeLoader):
    """YAML as the suite means it: numbers keep every digit."""


def _number(loader: yaml.Loader, node: yaml.ScalarNode) -> int | float | Decimal:
    try:
        return parse_number(str(node.value))
    except (ValueError, ArithmeticError):
        made = yaml.constructor.SafeConstructor.construct_yaml_float(loader, node)
        return float(made)


_Loader.add_constructor("tag:yaml.org,2002:float", _number)


def cases(suite: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give every case with its version and file."""
    for version in ("v0", "v1"):
        for file in sorted((suite / version).rglob("*.yaml")):
            for document in yaml.load_all(file.read_text(), Loader=_Loader):
                for case in (document or {}).get("cases") or ():
                    yield version, str(file.relative_to(suite)), case


def judge(version: str, file: str, case: Mapping[str, Any]) -> Outcome:
    """Run one case and judge it."""
    note = str(case.get("note", ""))
    why = EXCLUDED.get(note) or _EXCLUDED_CATEGORIES.get(Path(file).parts[1])
    found: Outcome = {"note": note, "file": file, "outcome": "excluded", "silently_wrong": False, "why": why or ""}
    if why:
        return found
    found["outcome"], found["silently_wrong"], found["why"] = _judged(version, case)
    return found


def _judged(version: str, case: Mapping[str, Any]) -> tuple[str, bool, str]:
    wanted_error = "want_error" in case or "want_error_code" in case
    try:
        answer = _answer(version, case)
    except EvaluationError as error:
        return _judge_error(case, error, wanted=wanted_error)
    except (PolicyErrors, BudgetExhausted) as error:
        return "failed", False, _cut(str(error))
    except Exception as error:  # noqa: BLE001 - a crash is a failed case, and the others are still run
        return "failed", False, f"crash: {type(error).__name__}: {error}"[:600]
    if wanted_error:
        return (
            "failed",
            True,
            f"wanted {case.get('want_error_code')} {case.get('want_error', '')}, got {_shown(answer)}",
        )
    return _judge_result(case, answer)


def _cut(text: str) -> str:
    return text if len(text) <= 600 else f"{text[:300]} … {text[-300:]}"


def _answer(version: str, case: Mapping[str, Any]) -> Answer:
    modules = {f"test-{at}.rego": text for at, text in enumerate(case.get("modules") or ())}
    policy = compile_modules(modules, data=case.get("data") or {}, version=version)  # type: ignore[arg-type]
    return policy.evaluate(
        str(case["query"]),
        _input(case),
        now_ns=_NOW,
        world=World(entropy=lambda size: bytes(range(size % 256)), host=_HOST),
        strict_builtin_errors=bool(case.get("strict_error")),
    )


def _input(case: Mapping[str, Any]) -> object:
    if "input_term" in case:
        term = compile_modules({}).evaluate(f"x := {case['input_term']}")
        return term.bindings[0]["x"]
    return from_json(case["input"]) if "input" in case else UNDEFINED


_HOST: Mapping[str, Callable[..., Any]] = {
    "net.lookup_ip_addr": lambda name: ["127.0.0.1"] if name == "localhost" else [],
}


def _judge_error(case: Mapping[str, Any], error: EvaluationError, *, wanted: bool) -> tuple[str, bool, str]:
    text = str(error)
    if not wanted:
        return "failed", False, f"unwanted {text}"
    code, part = case.get("want_error_code"), str(case.get("want_error") or "")
    if (code and code != error.code) or part not in text:
        return "failed", False, f"wanted {code} {part}, got {text}"
    return "passed", False, ""


def _by_value(value: Any) -> Any:
    """Let numbers compare by value: ``2.0`` is 2."""
    if isinstance(value, list):
        return [_by_value(item) for item in value]
    if isinstance(value, dict):
        return {key: _by_value(item) for key, item in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain(value: Any, *, sort: bool) -> Any:
    found = _by_value(to_json(from_json(value)))
    if sort and isinstance(found, list):
        found.sort(key=lambda item: json_text(from_json(item)))
    return found


def _rows(rows: Any, case: Mapping[str, Any]) -> set[str]:
    sort = bool(case.get("sort_bindings"))
    drop = bool(case.get("ignore_generated_vars"))
    return {
        json_text(
            from_json(
                {key: _plain(value, sort=sort) for key, value in row.items() if not (drop and key[:8] == "__localq")}
            )
        )
        for row in rows
    }


def _shown(answer: Answer) -> str:
    rows = [{key: to_json(value) for key, value in row.items()} for row in answer.bindings]
    return str(rows)[:600]


def _judge_result(case: Mapping[str, Any], answer: Answer) -> tuple[str, bool, str]:
    wanted = case.get("want_result")
    rows = [dict(row) for row in answer.bindings]
    if wanted is None:
        return ("passed", False, "") if not rows else ("failed", True, f"wanted nothing, got {_shown(answer)}")
    if _rows(wanted, case) == _rows(rows, case):
        return "passed", False, ""
    return "failed", True, f"wanted {str(wanted)[:600]}, got {_shown(answer)}"


def main(arguments: list[str]) -> int:
    """Run a suite, print the counts by category, write every outcome."""
    parser = argparse.ArgumentParser(description=__doc__)
    default = Path(__file__).parents[4] / "shared" / "data" / "rego"
    parser.add_argument("--suite", type=Path, default=default, help="folder with v0/ and v1/")
    parser.add_argument("--out", type=Path, help="where every outcome is written, as JSON")
    options = parser.parse_args(arguments)
    with ProcessPoolExecutor() as pool:
        work = list(cases(options.suite))
        outcomes = list(pool.map(judge, *zip(*work, strict=True), chunksize=50)) if work else []
    _report(outcomes)
    if options.out:
        options.out.write_text(json.dumps({"cases": outcomes}, indent=1))
    passed = sum(each["outcome"] == "passed" for each in outcomes)
    run = sum(each["outcome"] != "excluded" for each in outcomes)
    wrong = any(each["silently_wrong"] for each in outcomes)
    return 0 if run and not wrong and passed >= _PASS_RATE * run else 1


def _report(outcomes: list[Outcome]) -> None:
    counts: dict[str, Counter[str]] = {}
    for each in outcomes:
        parts = Path(each["file"]).parts
        for category in ("/".join(parts[:2]), parts[0], "all"):
            counter = counts.setdefault(category, Counter())
            counter[each["outcome"]] += 1
            counter["silently wrong"] += each["silently_wrong"]
    print(f"{'category':<42}{'passed':>8}{'failed':>8}{'excluded':>10}{'silently wrong':>16}")
    for category, counter in sorted(counts.items(), key=lambda item: (item[0].count("/") == 0, item[0])):
        numbers = [counter[name] for name in ("passed", "failed", "excluded", "silently wrong")]
        print(f"{category:<42}{numbers[0]:>8}{numbers[1]:>8}{numbers[2]:>10}{numbers[3]:>16}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
