"""Released events stay compatible for ever: FULL_TRANSITIVE, one schema for each type and version.

Compared are the schemas of today (event-schemas/<context>/<aggregate>/<Event>.v<n>.json) with the
form that each release gave them (event-schemas/released/<release>/…), which the file RELEASED
freezes by their SHA-256. Writers write what their schema says and nothing more; readers pass over
fields that they do not know. So every value of the closed schema of one side must be a value of the
open schema of the other, both ways.

    event_compat.py                      check
    event_compat.py --release 0.2.0      freeze what is new or changed since the releases before
"""

import argparse
import copy
import hashlib
import json
import pathlib
import sys

import jsoncompat

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "event-schemas"
LOCK = FOLDER / "RELEASED"
# What says nothing about values, or names them for people only.
WORDS = {"$id", "$schema", "title", "description"}


def plain(schema):
    """A schema without words; an enum of named constants is an enum, other variants are anyOf."""
    if isinstance(schema, list):
        return [plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    bare = {}
    for key, value in schema.items():
        if key in ("properties", "$defs"):
            bare[key] = {name: plain(one) for name, one in value.items()}
        elif key not in WORDS:
            bare[key] = plain(value)
    variants = bare.get("oneOf", [])
    if variants and all(set(one) <= {"const", "type"} for one in variants):
        return {"enum": [one["const"] for one in variants]}
    if variants:
        # No value is of two variants, so any one of them is the only one; the checker knows this form.
        bare["anyOf"] = bare.pop("oneOf")
    return bare


def closed(schema):
    """What a writer of this schema writes: no field that it does not name."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    shut = {key: closed(value) for key, value in schema.items()}
    if shut.get("type") == "object" and "properties" in shut:
        shut["additionalProperties"] = False
    return shut


def broken(old, new):
    """Which readers a change breaks: those of today, those of before."""
    old, new = plain(old), plain(new)
    as_text = json.dumps
    found = []
    if not jsoncompat.check_compat(as_text(closed(old)), as_text(new), "deserializer"):
        found.append("today's programs can not read what was stored before")
    if not jsoncompat.check_compat(as_text(old), as_text(closed(new)), "serializer"):
        found.append("programs of before can not read what is stored today")
    return found


def released():
    """Released files and their digests, as sha256sum writes them."""
    if not LOCK.exists():
        return {}
    lines = LOCK.read_text().splitlines()
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def name_in_release(path):
    """released/0.1.0/order/order/OrderSubmitted.v1.json is order/order/OrderSubmitted.v1.json."""
    return pathlib.PurePosixPath(*pathlib.PurePosixPath(path).parts[2:])


def today():
    return sorted(
        path.relative_to(FOLDER).as_posix()
        for path in FOLDER.glob("*/*/*.v*.json")
        if path.relative_to(FOLDER).parts[0] != "released"
    )


def problems():
    found = []
    known = released()
    for path, expected in known.items():
        file = FOLDER / path
        if not file.exists() or digest(file) != expected:
            found.append(f"{path} is frozen, and is not what RELEASED says")
            continue
        current = FOLDER / name_in_release(path)
        if not current.exists():
            found.append(f"{name_in_release(path)} was released and is gone")
            continue
        for reason in broken(json.loads(file.read_text()), json.loads(current.read_text())):
            found.append(f"{name_in_release(path)} since {path.split('/')[1]}: {reason}")
    for file in FOLDER.glob("released/**/*.json"):
        if file.relative_to(FOLDER).as_posix() not in known:
            found.append(f"{file.relative_to(FOLDER)} is not in RELEASED")
    return found


def control():
    """A check that never fails proves nothing: changes with a known answer, on every schema."""
    wrong = []

    def expect(what, old, new, today_reads, before_reads):
        reasons = broken(old, new)
        answer = (not any("today's" in r for r in reasons), not any("of before" in r for r in reasons))
        if answer != (today_reads, before_reads):
            wrong.append(f"the checker says {answer} to {what}, not {(today_reads, before_reads)}")

    for path in today():
        old = json.loads((FOLDER / path).read_text())
        expect(f"{path} as it is", old, old, True, True)
        new = copy.deepcopy(old)
        new["properties"]["a_new_field"] = {"type": "string"}
        expect(f"{path} with an optional field more", old, new, True, True)
        new["required"] = new["required"] + ["a_new_field"]
        expect(f"{path} with a required field more", old, new, False, True)
        field = next((name for name in old["required"] if name != "type"), None)
        if field is None:  # its type says all of it
            continue
        new = copy.deepcopy(old)
        new["required"].remove(field)
        expect(f"{path} with {field} optional", old, new, True, False)
        new = copy.deepcopy(old)
        new["required"].remove(field)
        del new["properties"][field]
        expect(f"{path} without {field}", old, new, True, False)
        new = copy.deepcopy(old)
        other = "string" if old["properties"][field].get("type") == "boolean" else "boolean"
        new["properties"][field] = {"type": other}
        expect(f"{path} with another type of {field}", old, new, False, False)
    return wrong


def release(version):
    known = released()
    newest = {name_in_release(path): FOLDER / path for path in known}
    added = 0
    for path in today():
        text = (FOLDER / path).read_text()
        before = newest.get(pathlib.PurePosixPath(path))
        if before is not None and plain(json.loads(before.read_text())) == plain(json.loads(text)):
            continue
        copy_at = FOLDER / "released" / version / path
        copy_at.parent.mkdir(parents=True, exist_ok=True)
        copy_at.write_text(text)
        known[copy_at.relative_to(FOLDER).as_posix()] = digest(copy_at)
        added += 1
    LOCK.write_text("".join(f"{known[path]}  {path}\n" for path in known))
    print(f"{added} schemas frozen as of {version}")


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--release", metavar="VERSION", help="freeze the schemas of today")
    version = arguments.parse_args().release
    found = problems()
    if version and not found:
        release(version)
        found = problems()
    found += control()
    if found:
        sys.exit("events are not compatible:\n  " + "\n  ".join(found))
    print(f"{len(released())} released schemas, all compatible both ways with those of today")


if __name__ == "__main__":
    main()
