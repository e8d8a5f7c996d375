#!/usr/bin/env python3
"""Verifies what a webhook receiver was sent: each delivery by its signature, and all of them as one unbroken chain.

One file, standard library only, Python 3.9 or later: SLUICE_WEBHOOK_SECRET=whsec_... python3 receiver.py FILE...
Each file holds one delivery a line, in any order: {"headers": {"webhook-id": "...", ...}, "body": "..."}, the body as it came, as text (a
compressed one in base64). While a secret is being changed, give both, separated by a space; a public key (whpk_...) stands for its secret, and
needs the package "cryptography". Prints a line for each subscription up to the first break; ends with 0 (intact), 1 (broken, or nothing to
verify) or 2 (wrong usage). The chain hash is that of a signed head.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sys
import zlib
from typing import Iterator, NamedTuple, Optional

TOLERANCE_SECONDS = 300


class Link(NamedTuple):  # What the chain needs of a delivery; chain: the hash after it.
    sequence: int
    id: str
    previous: str
    chain: str
    events: int


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def refusal(secrets: list[str], headers: dict[str, str], body: bytes, now: Optional[float] = None) -> Optional[str]:
    """Why a delivery is not to be believed; None: a secret (whsec_) or key (whpk_) vouches for it. https://www.standardwebhooks.com
    headers: names in lower case. body: raw, unpacked when it came compressed. now: leave it out for a delivery that was stored: then only the signature counts, not its age.
    """
    ident, sent, signatures = (headers.get("webhook-" + name, "") for name in ("id", "timestamp", "signature"))
    if not ident:
        return "it has no webhook-id"
    if not (sent.isascii() and sent.isdigit()):
        return "its webhook-timestamp is no number"
    if now is not None and abs(now - int(sent)) > TOLERANCE_SECONDS:
        return f"its webhook-timestamp is more than {TOLERANCE_SECONDS} s from now"
    signed = f"{ident}.{sent}.".encode() + body
    if any(is_good(secret, one, signed) for secret in secrets for one in signatures.split(" ")):
        return None
    return "no secret made any of its signatures: it was altered, or sent by somebody else"


def is_good(secret: str, signature: str, signed: bytes) -> bool:
    if secret.startswith("whpk_"):
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            key = Ed25519PublicKey.from_public_bytes(base64.b64decode(secret[5:]))
            return signature.startswith("v1a,") and key.verify(base64.b64decode(signature[4:]), signed) is None
        except (InvalidSignature, ValueError):
            return False
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
    # In a time that tells nothing about the signature that was expected.
    return hmac.compare_digest(b"v1," + base64.b64encode(mac), signature.encode())


def link_of(headers: dict[str, str], body: bytes) -> Optional[tuple[str, Link]]:
    """The subscription of a delivery, and its place in that subscription's chain; None: a message of another type, outside of it."""
    message = json.loads(body)
    if message["type"] != "closer.security.events":
        return None
    data = message["data"]
    chain = sha256(f"{data['previous']}\n{sha256(body)}".encode())
    return data["subscription"], Link(data["sequence"], headers["webhook-id"], data["previous"], chain, len(data["events"]))


def follow(links: list[Link]) -> tuple[str, Optional[str], dict[str, Link]]:
    """The chain hash, the first break, what was superseded: of two contents of one batch that one counts which the next batch follows on."""
    ends = {link.previous for link in links}
    kept = {(link.sequence, link.previous): link.id for link in links if link.chain in ends}
    left = {one.chain: one for one in links if one.chain not in ends and kept.get((one.sequence, one.previous), one.id) != one.id}
    chain, last = "0" * 64, None
    for link in sorted({one.chain: one for one in links if one.chain not in left}.values(), key=lambda one: one.sequence):
        if last is not None and link.sequence == last.sequence:
            return chain, f"batch {link.sequence}: there are two with different content, {last.id} and {link.id}", left
        expected = 1 if last is None else last.sequence + 1
        if link.sequence != expected:
            return chain, f"batch {expected}: it is missing; batch {link.sequence} is the next one there is", left
        if link.previous != chain:
            return chain, f"batch {link.sequence}: it follows on {link.previous}, but before it comes {chain}", left
        chain, last = link.chain, link
    return chain, None, left


def stored(files: list[str]) -> Iterator[tuple[str, Optional[tuple[dict[str, str], bytes]]]]:
    """Deliveries of the files, with the place of each; None where a line is none."""
    for file in files:
        with open(file, "rb") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield f"{file}:{number}", delivery_in(line)


def delivery_in(line: bytes) -> Optional[tuple[dict[str, str], bytes]]:
    try:
        delivery = json.loads(line.decode())
        body = delivery["body"]
        body = body.encode() if body.startswith("{") else zlib.decompress(base64.b64decode(body), 31)
        return {name.lower(): value for name, value in delivery["headers"].items()}, body
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error):
        return None


def failed(verdict: str) -> int:
    print(verdict)
    return 1


def main(files: list[str], secrets: list[str]) -> int:
    if not files or not secrets or "--help" in files:
        print('Usage: SLUICE_WEBHOOK_SECRET="whsec_... [whsec_...]" python3 receiver.py FILE...', file=sys.stderr)
        return 0 if "--help" in files else 2
    for file in files:
        if os.path.isdir(file) or not os.access(file, os.R_OK):
            print(f"{file} cannot be read. Check the path and its permissions.", file=sys.stderr)
            return 2
    chains: dict[str, list[Link]] = {}
    for place, delivery in stored(files):
        why = refusal(secrets, *delivery) if delivery else "it is no stored delivery"
        if delivery is None or why:
            return failed(f"broken: {place}: {why}")
        placed = link_of(*delivery)
        if placed:
            chains.setdefault(placed[0], []).append(placed[1])
    for subscription, links in chains.items():
        chain, why, left = follow(links)
        if why:
            return failed(f"broken: subscription {subscription}, {why}")
        batches = {link.sequence: link.events for link in links if link.chain not in left}
        also = "".join(f", superseded: {link.id} of batch {link.sequence}" for link in left.values())
        counts = f"batches 1 to {len(batches)}, {sum(batches.values())} events, {len(links)} deliveries{also}"
        print(f"intact: subscription {subscription}, {counts}, chain {chain}")
    return 0 if chains else failed("nothing to verify: no batch of events was stored")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ.get("SLUICE_WEBHOOK_SECRET", "").split()))
