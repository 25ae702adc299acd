"""Makes evidence that verifies, in each form, and pieces that do not, each named after what is wrong with it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1]))

from evidence.signed import (  # noqa: E402 - found by the line above
    DSSE,
    OTHER,
    REPOSITORY,
    SIMPLE,
    SUBJECT,
    Carried,
    enveloped,
    key,
    legacy,
    legacy_signature,
    referrer,
    root,
    signature,
    signed,
    simple,
    trusted,
)
from graven.evidence import statement  # noqa: E402
from graven.evidence.dsse import Envelope, Signature  # noqa: E402

REVIEW = "https://example.org/review/v1"
PLAIN = statement.make(SUBJECT, REVIEW, {"ok": True})
PAYLOAD = simple(SUBJECT)


def pieces() -> dict[str, tuple[Carried, str]]:
    """Give each piece and the beginning of the reason why it does not count; none: it does."""
    mine, changed = signed(key(), SUBJECT, REVIEW, {"ok": True}), PLAIN.replace(b"true", b"null")
    twice = PLAIN.replace(b'"predicateType"', b'"predicateType":"https://example.org/other","predicateType"')
    return {
        "valid-bundle": (referrer(mine, key()), ""),
        "valid-att": (legacy((DSSE, mine.encode(), b"")), ""),
        "valid-sig": (legacy_signature(key()), ""),
        "another-key": (referrer(signed(key(2)), key()), "none of the trusted keys signed it"),
        "payload-changed": (
            referrer(Envelope(mine.payload_type, changed, mine.signatures), key()),
            "none of the trusted keys signed it",
        ),
        "payload-type-changed": (
            referrer(Envelope("text/plain", mine.payload, mine.signatures), key()),
            "none of the trusted keys signed it",
        ),
        "payload-type-of-no-statement": (referrer(enveloped(key(), PLAIN, "text/plain"), key()), "its payload is"),
        "signature-without-encoding": (
            referrer(Envelope(mine.payload_type, PLAIN, (Signature(signature(key(), PLAIN)),)), key()),
            "none of the trusted keys signed it",
        ),
        "bundle-about-another-digest": (referrer(signed(key(), OTHER), key()), "it is about"),
        "sig-about-another-digest": (legacy_signature(key(), OTHER), "it is about"),
        "sig-payload-changed": (
            legacy((SIMPLE, PAYLOAD.replace(b"null", b"true"), signature(key(), PAYLOAD))),
            "none of the trusted keys signed it",
        ),
        "sig-over-a-statement": (legacy((SIMPLE, PLAIN, signature(key(), PLAIN))), "got no payload of cosign"),
        "member-stands-twice": (referrer(enveloped(key(), twice), key()), "not JSON: the key 'predicateType'"),
        "subject-of-another-algorithm": (
            referrer(enveloped(key(), PLAIN.replace(b'"sha256"', b'"sha512"')), key()),
            "it is about",
        ),
    }


def main() -> None:
    """Write them."""
    for name, (carried, reason) in pieces().items():
        document = {
            "trust": root(trusted(key())).value(),
            "subject": str(SUBJECT),
            "repository": REPOSITORY,
            "manifest": carried.manifest.decode(),
            "blobs": [data.decode() for data in carried.blobs.values()],
            "reason": reason,
        }
        (HERE / f"{name}.json").write_text(json.dumps(document, indent=1) + "\n")


if __name__ == "__main__":
    main()
