"""How a decision looks on a terminal: the outcome, the reasons with their rule and line, the smallest change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graven.cli.output import console

__all__ = ["EXIT", "show"]

EXIT = {"allow": 0, "deny": 1, "undecidable": 3}
"""Outcome of a decision -> exit code."""

_STYLE = {"allow": "bold green", "deny": "bold red", "undecidable": "bold yellow"}


def show(decision: Mapping[str, Any]) -> None:
    """Print a decision for people."""
    from rich.text import Text

    verdict, explanation = decision["verdict"], decision.get("explanation") or {}
    out = console()
    head = Text(str(decision["outcome"]).upper(), _STYLE[decision["outcome"]])
    out.print(head.append(f"  {decision['repository']}@{decision['digest']} for {decision['stage']}", "default"))
    for title, style, reasons in (
        ("", "red", verdict["reasons"]),
        ("told, and not refused:", "yellow", verdict["warnings"]),
        ("waived:", "cyan", [waived["reason"] for waived in verdict["waived"]]),
    ):
        if reasons and title:
            out.print(title)
        for reason in reasons:
            out.print(_reason(reason, style))
    _remedies(explanation, verdict, out)
    _change(explanation.get("change"), decision, out)
    out.print(f"decision {decision['decision']}")


def _reason(reason: Mapping[str, Any], style: str) -> Any:
    from rich.text import Text

    line = Text("  ").append(f"{reason['rule'] or 'policy'}: ", style).append(str(reason["message"]))
    place = f"{reason['file']}:{reason['line']}" if reason["file"] else reason["entry"]
    return line.append(f"  [{place}]", "dim") if place else line


def _remedies(explanation: Mapping[str, Any], verdict: Mapping[str, Any], out: Any) -> None:
    from rich.text import Text

    refusing = {reason["rule"] for reason in verdict["reasons"]}
    for why in explanation.get("whys", ()):
        out.print(Text(f"  {why['entry']}: {why['text']}", "dim"))
    told = [rule for rule in explanation.get("rules", ()) if rule["rule"] in refusing and rule["remediation"]]
    if told:
        out.print("what to do:")
    for rule in told:
        out.print(Text(f"  {rule['rule']}: {rule['remediation']}"))


def _change(change: Mapping[str, Any] | None, decision: Mapping[str, Any], out: Any) -> None:
    from rich.text import Text

    if decision["outcome"] == "allow":
        return
    if change is None:
        out.print("nothing that people can do to this artifact alone would turn this")
        return
    title = "the smallest change that would turn this:"
    out.print(title if change["irreducible"] else "a change that would turn this (perhaps not the smallest):")
    for number, step in enumerate(change["steps"], 1):
        out.print(Text(f"  {number}. {step['text']}"))
