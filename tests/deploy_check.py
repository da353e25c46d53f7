"""Checks deploy/compose.yaml without an engine, and that the settings which it and k8s/ give are
settings that the program knows. Run by `make k8s`."""

import re
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
ROLES = {"order", "partner", "collab", "policies", "projector", "gateway", "webhooks", "payments", "connectors"}
KEYS = {
    "build", "cap_drop", "command", "configs", "depends_on", "environment", "healthcheck", "image",
    "ports", "read_only", "restart", "security_opt", "stop_grace_period", "stop_signal", "volumes",
}


def known_settings():
    source = (ROOT / "services/qudao/src/serve/args.rs").read_text()
    return set(re.findall(r'env = "(\w+)"', source))


def compose_problems(compose):
    services = compose["services"]
    for role in sorted(ROLES - services.keys()):
        yield f"there is no service {role}"
    for name, service in services.items():
        for key in sorted(service.keys() - KEYS):
            yield f"{name}: {key} is not a key of a service"
        if ":" not in service["image"] or service["image"].endswith(":latest"):
            yield f"{name}: {service['image']} has no version"
        if "healthcheck" not in service:
            yield f"{name}: no healthcheck"
        for other in service.get("depends_on", {}):
            if other not in services or other == name:
                yield f"{name}: depends on {other}"
        for volume in service.get("volumes", []):
            if volume.partition(":")[0] not in compose["volumes"]:
                yield f"{name}: volume {volume} is not declared"
        for config in service.get("configs", []):
            if config["source"] not in compose.get("configs", {}):
                yield f"{name}: config {config['source']} is not declared"
        if name in ROLES and service["command"] != ["serve", name]:
            yield f"{name}: starts {service['command']}"


def setting_problems(where, given, known):
    for name in sorted(given):
        if name.startswith("QUDAO_") and name not in known:
            yield f"{where}: the program knows no {name}"


def main():
    known = known_settings()
    compose = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
    problems = [f"compose: {problem}" for problem in compose_problems(compose)]
    for name in sorted(ROLES & compose["services"].keys()):
        environment = compose["services"][name]["environment"]
        problems += setting_problems(f"compose: {name}", environment, known)
    config = yaml.safe_load((ROOT / "k8s/base/configmap.yaml").read_text())
    problems += setting_problems("k8s", config["data"], known)
    image = (ROOT / "deploy/Dockerfile").read_text()
    # The folder of the demonstration is a setting of `qudao demo`, not of a role.
    problems += setting_problems(
        "Dockerfile", re.findall(r"(QUDAO_\w+)=", image), known | {"QUDAO_DEMO"}
    )
    print(f"deploy: {len(compose['services'])} services")
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
