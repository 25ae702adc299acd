"""``graven admit``: answer an AdmissionReview from a file, as the webhook would."""

from __future__ import annotations

import argparse
import base64
import json
import sys
from pathlib import Path
from typing import Any

from graven.cli.client import Client, add_server
from graven.cli.output import add_output, emit
from graven.errors import Malformed, NotFound, Unavailable

__all__ = ["HELP", "configure", "run"]

HELP = """Answer an AdmissionReview (admission.k8s.io/v1) as the webhook of a stage's cluster would.

Reads a file, or standard input for '-'. Exit code 0 when the workload may run, 1 when it is refused.

Example:
  graven admit review.json --stage production
  graven admit - --stage production --mutate < review.json
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("file", help="the review, or - for standard input")
    parser.add_argument("--stage", default="production", help="the stage that decides (default: production)")
    parser.add_argument("--mutate", action="store_true", help="answer as the mutating webhook: pin tags to digests")
    add_server(parser)
    add_output(parser)


def run(args: argparse.Namespace) -> int:
    """Send the review; print the answer."""
    verb = "mutate" if args.mutate else "validate"
    with Client.of(args) as client:
        answer = client.post_bytes(
            f"/admission/{verb}", _read(args.file), media_type="application/json", stage=args.stage
        )
    response = answer["response"]
    emit(args, answer, lambda: _print(response))
    return 0 if response["allowed"] else 1


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except FileNotFoundError as e:
        raise NotFound(f"there is no file {file}") from e
    except IsADirectoryError as e:
        raise Malformed(f"got the folder {file}, expected a file") from e
    except OSError as e:
        raise Unavailable(f"{file} cannot be read: {e.strerror}") from e


def _print(response: dict[str, Any]) -> None:
    from graven.cli.output import console

    out = console()
    if response["allowed"]:
        out.print("allowed", style="bold green")
    else:
        out.print("refused", style="bold red")
        out.print(response["status"]["message"], markup=False)
    for step in json.loads(base64.b64decode(response.get("patch", "W10="))):
        out.print(f"{step['op']} {step['path']} -> {step['value']}", markup=False)
    for warning in response.get("warnings", []):
        out.print(f"warning: {warning}", markup=False, style="yellow")
