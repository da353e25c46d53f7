"""Checks an export of a log with nothing but Python's own library, sharing no code with qudao.

    python3 verify_log.py FOLDER VERIFIER_KEY

Prints {"ok":…,"events":…,"problems":[{"position":…,"kind":…}]} and exits with 0 when all is well.
The formats are those of docs/proofs.md; Ed25519 follows RFC 8032, section 5.1.
"""

import base64
import hashlib
import json
import sys
from pathlib import Path

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def sha256(data):
    return hashlib.sha256(data).digest()


def add(a, b):
    """Adds points of the curve in extended coordinates."""
    x, y = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    t, z = 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = y - x, z - t, z + t, y + x
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(factor, point):
    total = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            total = add(total, point)
        point, factor = add(point, point), factor >> 1
    return total


def point_of(text):
    number = int.from_bytes(text, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * ROOT_OF_MINUS_1 % P
    if y >= P or x * x % P != square:
        raise ValueError("not a point of the curve")
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE = point_of((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signature_is_good(key, text, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    challenge = int.from_bytes(hashlib.sha512(r + key + text).digest(), "little") % ORDER
    left, right = times(s, BASE), add(point_of(r), times(challenge, point_of(key)))
    same = lambda at: (left[at] * right[2] - right[at] * left[2]) % P == 0
    return s < ORDER and same(0) and same(1)


def open_note(note, verifier_key):
    """The lines of a note that the key has signed; None when it has not."""
    name, key_id, key = verifier_key.split("+", 2)
    key = base64.b64decode(key)
    if key[0] != 1 or sha256(name.encode() + b"\n" + key)[:4].hex() != key_id:
        raise SystemExit("this is not a verifier key")
    text, _, signatures = note.rpartition("\n\n")
    for line in signatures.splitlines():
        dash, signer, signature = line.split(" ")
        signature = base64.b64decode(signature)
        if dash == "—" and signer == name and signature[:4].hex() == key_id:
            signed = (text + "\n").encode()
            return text.split("\n") if signature_is_good(key[1:], signed, signature[4:]) else None
    return None


def canonical(event):
    fields = ["position", "event_id", "tenant_id", "aggregate_type", "aggregate_id", "sequence",
              "event_type", "event_version", "recorded_at_us"]
    length = len(event["metadata"].encode())
    values = [event[name] for name in fields] + [length, event["metadata"], event["payload"]]
    return "\n".join(map(str, values)).encode()


def leaf_of(chain_hash):
    return sha256(b"\0" + chain_hash)


def node(left, right):
    return sha256(b"\1" + left + right)


def root_of(leaves):
    """The root of a tree, from its edge of complete subtrees (RFC 6962, section 2.1)."""
    edge = []
    for number, leaf in enumerate(leaves, 1):
        edge.append(leaf)
        while number % 2 == 0:
            right = edge.pop()
            edge.append(node(edge.pop(), right))
            number //= 2
    while len(edge) > 1:
        right = edge.pop()
        edge.append(node(edge.pop(), right))
    return edge[0]


def leads_to(index, size, leaf, path, root):
    """RFC 9162, section 2.1.3.2."""
    last = size - 1
    for sibling in path:
        if index % 2 or index == last:
            leaf = node(sibling, leaf)
            while index % 2 == 0 and index:
                index, last = index // 2, last // 2
        else:
            leaf = node(leaf, sibling)
        index, last = index // 2, last // 2
    return last == 0 and leaf == root


class Check:
    """Reads the events of an export once, from front to back."""

    def __init__(self, folder, verifier_key):
        self.folder, self.problems, self.events = folder, [], 0
        signed = open_note((folder / "manifest.note").read_text("utf-8"), verifier_key)
        state = open_note((folder / "checkpoint.note").read_text("utf-8"), verifier_key)
        if not signed or signed[0] != "qudao-export/1":
            return self.say(0, "file_changed")
        if not state or state[0] != verifier_key.split("+")[0]:
            return self.say(0, "checkpoint_forged")
        self.manifest = json.loads(signed[1])
        self.size, self.root = int(state[1]), base64.b64decode(state[2])
        for file in self.manifest["files"]:
            if sha256((folder / file["name"]).read_bytes()).hex() != file["sha256"]:
                self.say(0, "file_changed")
        self.leaves = self.signed_leaves() if self.manifest["complete"] else None
        self.read()
        if self.events != self.manifest["events"]:
            self.say(0, "file_changed")

    def say(self, position, kind):
        self.problems.append({"position": position, "kind": kind})

    def signed_leaves(self):
        """The leaves of the tree, if they lead to what was signed."""
        stored = (self.folder / "leaves.bin").read_bytes()
        leaves = [stored[at : at + 32] for at in range(0, len(stored), 32)]
        return leaves if len(leaves) == self.size and root_of(leaves) == self.root else []

    def in_tree(self, event, leaf):
        index = event["position"] - 1
        if self.leaves is None:
            path = map(base64.b64decode, event["proof"])
            return index < self.size and leads_to(index, self.size, leaf, path, self.root)
        return index >= len(self.leaves) or leaf == self.leaves[index]

    def read(self):
        # `doubted`: the hash before may be wrong, so nothing can be said of the event after it.
        own, last, previous, doubted, rewritten = [], 0, sha256(b""), False, False
        for line in open(self.folder / "events.ndjson", encoding="utf-8", newline="\n"):
            event = json.loads(line)
            position, chain_hash = event["position"], bytes.fromhex(event["hash"])
            leaf, self.events = leaf_of(chain_hash), self.events + 1
            in_tree = self.in_tree(event, leaf)
            if self.leaves is None:
                previous, doubted = bytes.fromhex(event["previous"]), doubted and position == last + 1
                if self.manifest["selection"]["tenant"] not in (None, event["tenant_id"]):
                    self.say(position, "foreign_tenant")
            elif position > last + 1:
                self.say(last + 1, "missing")
                doubted = True
            if sha256(previous + canonical(event)) == chain_hash:
                if not in_tree and not rewritten:
                    self.say(position, "rewritten")
                rewritten, doubted = rewritten or not in_tree, False
            else:
                if not doubted:
                    self.say(position, "changed")
                doubted = not doubted or not in_tree
            own.append(leaf)
            last, previous = position, chain_hash
        if self.leaves is not None:
            self.judge_end(own, last, previous, doubted)

    def judge_end(self, own, last, previous, doubted):
        head = self.manifest["head"]
        if last < max(self.size, head["position"]):
            self.say(last + 1, "truncated")
        elif head["position"] < last:
            self.say(head["position"], "head_restored")
        elif head["hash"] != previous.hex() and not doubted:
            self.say(last, "head_changed")
        if not self.leaves and not self.problems:
            whole = root_of(own[: self.size]) == self.root
            self.say(1, "tile_changed" if whole else "rewritten")


if __name__ == "__main__":
    result = Check(Path(sys.argv[1]), sys.argv[2])
    found = result.problems
    print(json.dumps({"ok": not found, "events": result.events, "problems": found}))
    sys.exit(1 if found else 0)
