"""Puts awkward values, one at a time, into every field of every request of docs/openapi.json: what
generators of random text hardly ever make, such as what no store can hold or what is very long."""

import json
import urllib.error
import urllib.request
import uuid

TEXTS = ["\0", "a\0b", "长" * 3_000, "%", "\\", "'", " ", "-1", "１", "\u202e", "1e400"]
TIMES = ["9999-99-99", "2026-02-30", "+292277026596-12-04", "2026-13-01T00:00:00Z"]
WHOLE = ["0", "9223372036854775807", "9223372036854775808", "18446744073709551615"]
WHOLE += ["-9223372036854775808", "99999999999999999999"]
NAMES = [0, 99, -5, 2**31 - 1]
DEPTH = 5


class Requests:
    """Requests that a document describes, with one value put in."""

    def __init__(self, document):
        self.document = document
        self.schemas = document["components"]["schemas"]

    def of(self, path):
        """All requests of an rpc, each with what is awkward about it."""
        body = self.document["paths"][path]["post"]["requestBody"]["content"]
        schema = body["application/json"]["schema"]
        for place, values in self.places(schema, ()):
            for value in values:
                for whole in (True, False):
                    request = self.sample(schema, 0) if whole else self.identified(schema)
                    yield f"{'.'.join(map(str, place))} = {value!r:.40}", put(request, place, value)

    def resolved(self, schema):
        name = schema.get("$ref", "").rpartition("/")[2]
        return self.schemas[name] | schema if name else schema

    def identified(self, schema):
        """Nothing but the id without which a command goes no further."""
        has_id = "requestId" in self.resolved(schema)["properties"]
        return {"requestId": str(uuid.uuid4())} if has_id else {}

    def sample(self, schema, depth):
        """Something that a field may hold."""
        schema = self.resolved(schema)
        kind = schema.get("type")
        if "enum" in schema:
            return schema["enum"][-1]
        if kind == "object":
            # Of a choice, one: the first.
            pairs = schema.get("not", {}).get("anyOf", [schema.get("not", {})])
            others = {pair["required"][1] for pair in pairs if "required" in pair}
            fields = schema.get("properties", {}).items() if depth < DEPTH else ()
            return {name: self.sample(field, depth + 1) for name, field in fields if name not in others}
        if kind == "array":
            return [self.sample(schema["items"], depth + 1)]
        if kind == "string":
            uuids = schema.get("format") == "uuid"
            return str(uuid.uuid4()) if uuids else "1" if "pattern" in schema else "a"
        return {"integer": max(1, schema.get("minimum", 1)), "boolean": True, "number": 1.5}[kind]

    def places(self, schema, place):
        """Every field with the values to put there."""
        schema = self.resolved(schema)
        kind = schema.get("type")
        if len(place) > DEPTH:
            return
        if kind == "object":
            for name, field in schema.get("properties", {}).items():
                yield from self.places(field, (*place, name))
        elif kind == "array":
            yield from self.places(schema["items"], (*place, 0))
        elif "enum" in schema:
            yield place, NAMES
        elif schema.get("format") in ("int64", "uint64"):
            yield place, WHOLE
        elif kind == "string":
            yield place, TEXTS + TIMES
        elif kind == "integer":
            yield place, [0, schema["minimum"], schema["maximum"]]


def put(request, place, value):
    """The request with the value at its place, which is made where it is not there."""
    here = request
    for step, following in zip(place, (*place[1:], None)):
        inner = value if following is None else [] if following == 0 else {}
        if isinstance(here, list):
            if not here or following is None:
                here[:] = [inner]
        elif following is None or step not in here:
            here[step] = inner
        here = here[step]
    return request


def status(web, token, path, request):
    """What the gateway answers: the HTTP status and the words."""
    call = urllib.request.Request(
        web + path,
        data=json.dumps(request).encode(),
        headers={"content-type": "application/json", "authorization": f"Bearer {token}"},
    )
    try:
        with urllib.request.urlopen(call, timeout=60) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read()).get("message", "")


def call_all(web, token, paths, document):
    """Calls all of them; how many there were, and those that ended in a fault of the server."""
    requests, count, faults = Requests(document), 0, []
    for path in paths:
        for what, request in requests.of(path):
            count += 1
            code, words = status(web, token, path, request)
            if code >= 500:
                faults.append(f"{path} {what}: {code} {words}")
    return count, faults
