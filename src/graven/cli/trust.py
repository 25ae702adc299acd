"""``graven trust``: shows the trust root, edits one in a file, signs it for its chain, and makes it take effect."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graven.cli import keyfiles
from graven.cli.client import Client, add_server
from graven.cli.output import add_output, emit, table
from graven.errors import Malformed

if TYPE_CHECKING:
    from graven.evidence.chain import Demands

__all__ = ["HELP", "configure", "run"]

HELP = """Show and apply the trust root: the keys that count, each with its identity and for what it may speak.

A file changes nothing by itself; 'apply' makes it take effect, as one event. At first the server signs for whoever may
apply. 'apply --demand-key' hands that over to keys of your own: from then on each new trust root is signed with as many
of them as --threshold says, by 'sign', before it is applied.

examples:
  graven trust init trust.json
  graven trust add-key trust.json --identity release@example.org --public release.pub --repository 'team/*'
  graven trust add-key trust.json --identity security@example.org --public security.pub --type 'https://openvex.dev/ns*' --product 'team/*'
  graven trust apply trust.json
  graven trust sign trust.json --key root-1.key --out trust.link
"""  # noqa: E501 - an example is one line


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    verbs.add_parser("show", help="show the keys that count now").set_defaults(work=_show)
    init = verbs.add_parser("init", help="write the trust root that is in force into a file")
    init.add_argument("--empty", action="store_true", help="start with no key instead")
    init.set_defaults(work=_init)
    add = verbs.add_parser("add-key", help="add a key to a trust root in a file")
    add.set_defaults(work=_add)
    sign = verbs.add_parser("sign", help="sign a trust root as the next of its chain, or add a signature to such")
    sign.set_defaults(work=_sign)
    apply = verbs.add_parser("apply", help="make a trust root take effect: a file, or one that 'sign' made")
    apply.set_defaults(work=_apply)
    for verb in (init, add, sign, apply):
        verb.add_argument("file", type=Path)
    _configure_key(add)
    sign.add_argument("--key", required=True, type=Path, help="private key file of cosign's format")
    sign.add_argument("--out", required=True, type=Path, help="where the signed document goes; it may be FILE")
    for verb in (sign, apply):
        verb.add_argument("--demand-key", action="append", default=[], type=Path, metavar="PEM", help="signs the next")
        verb.add_argument("--threshold", type=int, default=1, help="so many of them (default: 1)")
    for verb in verbs.choices.values():
        add_server(verb)
        add_output(verb)


def _configure_key(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--identity", required=True, help="whom the key speaks for, such as release@example.org")
    parser.add_argument("--public", required=True, type=Path, metavar="PEM")
    parser.add_argument("--from", dest="since", default="", metavar="MOMENT", help="RFC 3339; default: since ever")
    parser.add_argument("--until", default="", metavar="MOMENT", help="RFC 3339; default: for ever")
    parser.add_argument("--type", action="append", metavar="PATTERN", help="predicate types (default: all)")
    parser.add_argument("--repository", action="append", metavar="PATTERN", help="repositories (default: all)")
    parser.add_argument("--product", action="append", metavar="PATTERN", help="for what its VEX counts (default: none)")


def run(args: argparse.Namespace) -> int:
    """Do the verb."""
    args.work(args)
    return 0


def _show(args: argparse.Namespace) -> None:
    with Client.of(args) as client:
        found = client.get("/api/v1/documents/trust")
    emit(args, found, lambda: _table(found["body"]))


def _init(args: argparse.Namespace) -> None:
    from graven.evidence.trust import TrustRoot

    body = TrustRoot().value()
    if not args.empty:
        with Client.of(args) as client:
            body = client.get("/api/v1/documents/trust")["body"]
    keyfiles.write(args.file, _text(body))
    emit(args, body, lambda: _say(f"{args.file} holds a trust root of {len(body['keys'])} keys"))


def _add(args: argparse.Namespace) -> None:
    from graven.evidence.trust import TrustRoot

    body = TrustRoot.parse(keyfiles.read(args.file)).value()
    body["keys"].append(
        {
            "identity": args.identity,
            "public": keyfiles.read_public(args.public).pem.decode(),
            "from": args.since,
            "until": args.until,
            "predicate_types": args.type or ["*"],
            "repositories": args.repository or ["*"],
            "products": args.product or [],
        }
    )
    found = TrustRoot.read(body).value()
    args.file.write_bytes(_text(found))
    emit(args, found, lambda: _table(found))


def _sign(args: argparse.Namespace) -> None:
    """Sign the body as the link after the one in force, or add a signature to such a link."""
    from graven.evidence import chain, dsse
    from graven.values import canonical

    data = keyfiles.read(args.file)
    if "payloadType" in _object(data, args.file):
        before = dsse.parse(data, where=str(args.file))
        payload, signatures = before.payload, before.signatures
    else:
        with Client.of(args) as client:
            present = chain.parse(client.get_bytes("/api/v1/documents/trust/envelope"), kind="trust")
        body = canonical.loads(data, where=str(args.file))
        payload = chain.payload("trust", body, after=present, demands=_demands(args) or present.demands)
        signatures = ()
    key = keyfiles.open_private(args.key)
    made = dsse.Signature(key.sign(dsse.pae(chain.PAYLOAD_TYPE, payload)))
    envelope = dsse.Envelope(chain.PAYLOAD_TYPE, payload, (*signatures, made))
    chain.parse(envelope.encode(), kind="trust")
    args.out.write_bytes(envelope.encode())
    done = {"file": str(args.out), "signatures": len(envelope.signatures), "key": key.public.fingerprint}
    emit(args, done, lambda: _say(f"{args.out} is signed by {len(envelope.signatures)}"))


def _apply(args: argparse.Namespace) -> None:
    data = keyfiles.read(args.file)
    found, demands = _object(data, args.file), _demands(args)
    if "payloadType" in found and demands is not None:
        raise Malformed("got a signed document with --demand-key", hint="what it demands is signed: give it to 'sign'")
    if demands is not None:
        data = json.dumps({"body": found, "demands": demands.value()}).encode()
    with Client.of(args) as client:
        done = client.post_bytes("/api/v1/documents/trust", data, media_type="application/json")
    emit(args, done, lambda: _say(f"the trust root is {done['document']} from now on"))


def _demands(args: argparse.Namespace) -> Demands | None:
    from graven.evidence.chain import Demands

    keys = tuple(keyfiles.read_public(path) for path in args.demand_key)
    if args.threshold != 1 and not 1 <= args.threshold <= len(keys):
        raise Malformed(f"got a threshold of {args.threshold} and {len(keys)} keys", hint="give each with --demand-key")
    return Demands(args.threshold, keys) if keys else None


def _object(data: bytes, path: Path) -> dict[str, Any]:
    from graven.values import canonical

    found = canonical.loads(data, where=str(path))
    if not isinstance(found, dict):
        raise Malformed("got no object", where=str(path))
    return found


def _text(body: dict[str, Any]) -> bytes:
    return (json.dumps(body, indent=2) + "\n").encode()


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")


def _table(body: dict[str, Any]) -> None:
    from graven.evidence.trust import TrustRoot

    rows = [
        (
            key.identity,
            key.public.fingerprint[:16],
            key.valid_from,
            key.valid_until,
            *(" ".join(patterns) for patterns in (key.predicate_types, key.repositories, key.products)),
        )
        for key in TrustRoot.read(body).keys
    ]
    table(("identity", "key", "from", "until", "types", "repositories", "products"), rows)
