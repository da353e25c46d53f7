"""Renders everything in k8s/ and checks it: against the schemas of Kubernetes, strictly, and
against the rules below, which no schema knows. Run by `make k8s`."""

import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import yaml

ROOT = Path(__file__).resolve().parent.parent
# The last one is that with TLS between the roles.
TLS = "k8s/overlays/tls"
RENDERED = ["k8s/base", "k8s/overlays/small", TLS]
ROLES = {"order", "partner", "collab", "policies", "projector", "gateway", "webhooks", "payments", "connectors"}
# Who calls addresses that a brand has named: webhooks, identity and payment providers.
CALL_OUT = {"partner", "webhooks", "payments", "connectors"}
COMPONENT = "app.kubernetes.io/component"
# Made by whoever installs the system; k8s/README.md says how.
MADE_BY_HAND = {("Secret", "qudao"), ("Secret", "nats-users"), ("Secret", "qudao-merchants"), ("Secret", "qudao-erp")}
MADE_BY_HAND |= {("Secret", f"qudao-tls-{role}") for role in ROLES}


def render(path):
    command = ["kubectl", "kustomize", str(ROOT / path)]
    try:
        output = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        sys.exit("kubectl is missing (1.27 or newer): install it to check k8s/")
    if output.returncode != 0:
        sys.exit(f"{path} does not render: {output.stderr.strip()}")
    return [document for document in yaml.safe_load_all(output.stdout) if document]


def name(resource):
    return f"{resource['kind']} {resource['metadata']['name']}"


def schema_problems(resource):
    try:
        kubernetes_validate.validate(resource, kubernetes_validate.latest_version(), strict=True)
    except kubernetes_validate.ValidationError as error:
        path = ".".join(str(part) for part in error.path)
        yield f"{name(resource)}: {path}: {error.message}"


def pod_problems(workload):
    pod = workload["spec"]["template"]["spec"]
    security = pod.get("securityContext", {})
    if not security.get("runAsNonRoot"):
        yield "may run as root"
    if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "has no seccomp profile"
    if pod.get("automountServiceAccountToken") is not False:
        yield "is given a token of the cluster"
    for container in pod["containers"]:
        own = container.get("securityContext", {})
        if not own.get("readOnlyRootFilesystem"):
            yield "has a writable root file system"
        if own.get("allowPrivilegeEscalation") is not False:
            yield "may gain privileges"
        if own.get("capabilities", {}).get("drop") != ["ALL"]:
            yield "keeps capabilities"
        resources = container.get("resources", {})
        if not {"cpu", "memory"} <= resources.get("requests", {}).keys():
            yield "requests no cpu or memory"
        if "memory" not in resources.get("limits", {}):
            yield "has no memory limit"
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            if probe not in container:
                yield f"has no {probe}"
        tag = container["image"].rpartition(":")[2]
        if ":" not in container["image"] or tag == "latest":
            yield f"uses an image without a version: {container['image']}"


def references(workload):
    pod = workload["spec"]["template"]["spec"]
    for volume in pod.get("volumes", []):
        if "secret" in volume:
            yield "Secret", volume["secret"]["secretName"]
        if "configMap" in volume:
            yield "ConfigMap", volume["configMap"]["name"]
    if "serviceAccountName" in pod:
        yield "ServiceAccount", pod["serviceAccountName"]
    for container in pod["containers"]:
        for source in container.get("envFrom", []):
            if "configMapRef" in source:
                yield "ConfigMap", source["configMapRef"]["name"]
        for variable in container.get("env", []):
            if "secretKeyRef" in variable.get("valueFrom", {}):
                yield "Secret", variable["valueFrom"]["secretKeyRef"]["name"]


def matches(selector, labels):
    if any(labels.get(key) != value for key, value in selector.get("matchLabels", {}).items()):
        return False
    expressions = selector.get("matchExpressions", [])
    return all(labels.get(each["key"]) in each["values"] for each in expressions)


def rule_problems(resources):
    by_kind = {}
    for resource in resources:
        by_kind.setdefault(resource["kind"], []).append(resource)
    known = {(it["kind"], it["metadata"]["name"]) for it in resources} | MADE_BY_HAND
    workloads = by_kind.get("Deployment", []) + by_kind.get("StatefulSet", [])
    for workload in workloads:
        labels = workload["spec"]["template"]["metadata"]["labels"]
        for problem in pod_problems(workload):
            yield f"{name(workload)} {problem}"
        for kind, referred in references(workload):
            if (kind, referred) not in known:
                yield f"{name(workload)} refers to {kind} {referred}, which does not exist"
        if not any(it["spec"]["selector"].items() <= labels.items() for it in by_kind["Service"]):
            yield f"{name(workload)} has no Service"
    for policy in by_kind.get("NetworkPolicy", []):
        pods = [it["spec"]["template"]["metadata"]["labels"] for it in workloads]
        if not any(matches(policy["spec"]["podSelector"], labels) for labels in pods):
            yield f"{name(policy)} selects nothing"
    denies = [it for it in by_kind.get("NetworkPolicy", []) if not it["spec"]["podSelector"]]
    if not any(set(it["spec"]["policyTypes"]) == {"Ingress", "Egress"} for it in denies):
        yield "nothing denies traffic by default"
    yield from role_problems(by_kind)
    yield from public_problems(by_kind)


def public_problems(by_kind):
    """Whether those who call out, and nobody else, reach public addresses."""
    for deployment in by_kind.get("Deployment", []):
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        rules = [
            rule
            for policy in by_kind.get("NetworkPolicy", [])
            if matches(policy["spec"]["podSelector"], labels)
            for rule in policy["spec"].get("egress", [])
        ]
        blocks = [to["ipBlock"] for rule in rules for to in rule.get("to", []) if "ipBlock" in to]
        ports = {port["port"] for rule in rules if "to" in rule for port in rule["ports"]}
        if bool(blocks) != (labels[COMPONENT] in CALL_OUT) or (443 in ports) != bool(blocks):
            yield f"{name(deployment)} reaches public addresses, or does not though it has to"
        for block in blocks:
            if block["cidr"] == "0.0.0.0/0" and "10.0.0.0/8" not in block.get("except", []):
                yield f"{name(deployment)} reaches private addresses"


def secret_problems(deployment):
    """Whether a role has what it signs in with, and nothing of another one."""
    role = deployment["metadata"]["labels"][COMPONENT]
    pod = deployment["spec"]["template"]["spec"]
    given = {variable["name"] for variable in pod["containers"][0]["env"]}
    logins = {"QUDAO_DATABASE_URL", "QUDAO_DATABASE_URL_ALL", "QUDAO_DATABASE_URL_TENANT"}
    wanted = set() if role == "gateway" else logins | {"QUDAO_NATS_NKEY"}
    if (given & (logins | {"QUDAO_NATS_NKEY"})) != wanted:
        yield f"{name(deployment)} signs in by {sorted(given)}"
    secrets = [it["secret"] for it in pod["volumes"] if "secret" in it]
    seeds = {item["key"] for it in secrets for item in it["items"] if item["key"].endswith(".nk")}
    own = set() if role == "gateway" else {f"{role}.nk"}
    own |= {"operator.nk"} if role == "projector" else set()
    if seeds != own:
        yield f"{name(deployment)} has the seeds {sorted(seeds)}"


def role_problems(by_kind):
    for kind in ("Deployment", "Service", "ServiceAccount", "PodDisruptionBudget"):
        there = {it["metadata"]["labels"].get(COMPONENT) for it in by_kind.get(kind, [])}
        for role in sorted(ROLES - there):
            yield f"role {role} has no {kind}"
    for deployment in by_kind.get("Deployment", []):
        yield from secret_problems(deployment)
        role = deployment["metadata"]["labels"][COMPONENT]
        args = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
        if args != ["serve", role]:
            yield f"{name(deployment)} starts {' '.join(args)}"


def tls_problems(resources):
    """Whether every role shows its own certificate, asks for those of others, and calls by TLS."""
    settings = next(it["data"] for it in resources if name(it) == "ConfigMap qudao")
    if "QUDAO_PLAIN_TEXT" in settings:
        yield "all roles may talk in plain text"
    for key, address in settings.items():
        if key.startswith("QUDAO_UPSTREAM_") and not address.startswith("https://"):
            yield f"{key} is {address}"
    for deployment in (it for it in resources if it["kind"] == "Deployment"):
        role = deployment["metadata"]["labels"][COMPONENT]
        pod = deployment["spec"]["template"]["spec"]
        container = pod["containers"][0]
        env = {variable["name"]: variable.get("value") for variable in container["env"]}
        mounts = {it["mountPath"]: it["name"] for it in container["volumeMounts"]}
        volumes = {it["name"]: it.get("secret") for it in pod["volumes"]}
        for variable in ("QUDAO_TLS_CERT", "QUDAO_TLS_KEY", "QUDAO_TLS_CA"):
            folder, _, file = env.get(variable, "").rpartition("/")
            secret = volumes.get(mounts.get(folder)) or {}
            files = {item["path"] for item in secret.get("items", [])}
            if secret.get("secretName") != f"qudao-tls-{role}" or file not in files:
                yield f"{name(deployment)}: {variable} leads to no file of its own Secret"
        # The gateway's port for the outside is behind an ingress.
        if ("QUDAO_PLAIN_TEXT" in env) != (role == "gateway"):
            yield f"{name(deployment)}: plain text where there should be none, or none for the ingress"
        for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
            asked = container[probe].get("httpGet", {})
            if asked.get("port") != "http" and asked.get("scheme") != "HTTPS":
                yield f"{name(deployment)}: {probe} asks a port with TLS in plain text"


def main():
    problems = []
    for path in RENDERED:
        resources = render(path)
        for resource in resources:
            problems += [f"{path}: {problem}" for problem in schema_problems(resource)]
        problems += [f"{path}: {problem}" for problem in rule_problems(resources)]
        if path == TLS:
            problems += [f"{path}: {problem}" for problem in tls_problems(resources)]
        print(f"{path}: {len(resources)} resources")
    for problem in problems:
        print(problem, file=sys.stderr)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
