"""Calls every rpc over REST as the administrator of the demonstration and as the operator, with
awkward values and with what schemathesis makes of docs/openapi.json, right and wrong: nothing may
end in a fault of the server.

Run it by `make fuzz-rest CASES=…`, which gives it a system of its own.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import urllib.request

import awkward_rest

ROOT = pathlib.Path(__file__).parent.parent
DOCUMENT = ROOT / "docs/openapi.json"
# Rpcs that stream speak in envelopes, which a generator of JSON does not make.
STREAMS = "application/connect+json"
# The operator may do less, so gets fewer.
SHARES = {"administrator": 0.8, "operator": 0.2}


def rpcs(document):
    """Paths of the rpcs that take plain JSON."""
    paths = document["paths"]
    return [
        path
        for path, item in paths.items()
        if STREAMS not in item["post"]["requestBody"]["content"]
    ]


def sign_in(web, user):
    body = {"tenantId": user["tenant"], "login": user["login"], "password": user["password"]}
    request = urllib.request.Request(
        f"{web}/qudao.partner.v1.IdentityService/SignIn",
        data=json.dumps(body).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)["token"]


def operator_token():
    command = [os.environ["QUDAO"], "operator-token", "--minutes", "600", "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["token"]


def fuzz(web, token, paths, each, seed, report):
    """Runs schemathesis and gives its exit code."""
    command = [
        pathlib.Path(sys.executable).parent / "schemathesis",
        "run",
        str(DOCUMENT),
        *("--url", web),
        *("--header", f"authorization: Bearer {token}"),
        *("--checks", "not_a_server_error"),
        *("--phases", "examples,coverage,fuzzing"),
        *("--max-examples", str(each), "--seed", str(seed)),
        *("--workers", "2", "--request-timeout", "60", "--continue-on-failure"),
        *("--suppress-health-check", "all", "--warnings", "off"),
        *("--report", "ndjson", "--report-ndjson-path", str(report)),
    ]
    for path in paths:
        command += ["--include-path", path]
    # It keeps what it has found in the current folder.
    return subprocess.run(command, cwd=report.parent).returncode


def statuses(report):
    """How often each HTTP status was answered."""
    found = {}

    def walk(value):
        if isinstance(value, dict):
            status = value.get("status_code")
            if isinstance(status, int) and "headers" in value:
                found[status] = found.get(status, 0) + 1
            for part in value.values():
                walk(part)
        elif isinstance(value, list):
            for part in value:
                walk(part)

    with open(report) as lines:
        for line in lines:
            walk(json.loads(line))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=20_000, help="calls to make, about")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, default=ROOT / "target/fuzz-rest")
    arguments = parser.parse_args()
    endpoints = json.loads(pathlib.Path(os.environ["QUDAO_ENDPOINTS"]).read_text())
    administrator = next(
        user for user in endpoints["users"] if (user["tenant"], user["login"]) == ("bikes", "admin")
    )
    tokens = {
        "administrator": sign_in(endpoints["web"], administrator),
        "operator": operator_token(),
    }
    out = arguments.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    document = json.loads(DOCUMENT.read_text())
    paths, failed, total = rpcs(document), False, 0
    for who, share in SHARES.items():
        count, faults = awkward_rest.call_all(endpoints["web"], tokens[who], paths, document)
        total, failed = total + count, failed or bool(faults)
        print(f"{who}: {count} calls with awkward values, {len(faults)} faults", *faults, sep="\n  ")
        report = out / f"{who}.ndjson"
        each = max(1, round(arguments.cases * share / len(paths)))
        failed |= fuzz(endpoints["web"], tokens[who], paths, each, arguments.seed, report) != 0
        told = statuses(report)
        total += sum(told.values())
        print(f"{who}: {sum(told.values())} calls of {len(paths)} rpcs, {dict(sorted(told.items()))}")
    print(f"{total} calls, {'SERVER ERRORS, see above' if failed else 'no server error'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
