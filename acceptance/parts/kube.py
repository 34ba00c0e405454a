"""The part kube: etcd, the API server with our token webhook, and the scheduler."""

import base64
import json
import os
import secrets
import ssl
import subprocess
import urllib.error
import urllib.request

from parts import certificates, processes, toolchain
from parts.places import (
    ADDRESSES,
    BINARIES,
    CERTIFICATES,
    CREDENTIALS,
    KUBECONFIG,
    STATE,
    SandboxError,
    python,
    python_environment,
)

PROCESSES = ("etcd", "token-webhook", "kube-apiserver", "kube-scheduler")
PATIENCE = 60
NAMESPACES = ("gpu-operator",)
ADMINISTRATORS = "gpushare:admins"
RESTRICTED = "gpushare:restricted"
ACCOUNT = "123456789012"
KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def addresses():
    """The ports and addresses that the running sandbox uses."""
    try:
        return json.loads(ADDRESSES.read_text())
    except OSError:
        return {}


def remember(**values):
    """Adds to the addresses."""
    ADDRESSES.write_text(json.dumps({**addresses(), **values}, indent=1))


def write_private(path, text):
    """Writes a file that only its owner can read."""
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)


def new_key(name, user, groups, temporary=False, **more):
    """A random AWS key pair and who it stands for; temporary ones have a session token."""
    letter = "S" if temporary else "K"
    key = {
        "name": name,
        "access_key_id": f"A{letter}IA" + "".join(secrets.choice(KEY_ALPHABET) for _ in range(16)),
        "secret_access_key": secrets.token_urlsafe(30),
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}",
        "user": f"arn:aws:iam::{ACCOUNT}:user/{user}" if user == "sandbox" else user,
        "user_id": f"AIDA{user.upper():X<17}"[:21],
        "groups": groups,
        **more,
    }
    if temporary:
        key["session_token"] = secrets.token_urlsafe(120)
    return key


def make_credentials():
    """The key pairs of the sandbox, new at each start."""
    keys = [
        new_key("admin", "sandbox", [ADMINISTRATORS]),
        new_key("restricted", "restricted", [RESTRICTED]),
        new_key("session", "sandbox", [ADMINISTRATORS], temporary=True),
        new_key("expired", "sandbox", [ADMINISTRATORS], temporary=True, expired=True),
    ]
    write_private(CREDENTIALS, json.dumps(keys, indent=1))


def embedded(name):
    """A file of the certificates as a kubeconfig embeds it."""
    return base64.b64encode((CERTIFICATES / name).read_bytes()).decode()


def write_kubeconfig(path, server, user, authority="authority.crt"):
    """A kubeconfig with a client certificate."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "sandbox",
        "clusters": [
            {"name": "sandbox", "cluster": {"server": server, "certificate-authority-data": embedded(authority)}}
        ],
        "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": user}}],
        "users": [
            {
                "name": user,
                "user": {
                    "client-certificate-data": embedded(f"{user}.crt"),
                    "client-key-data": embedded(f"{user}.key"),
                },
            }
        ],
    }
    write_private(path, json.dumps(document, indent=1))


def write_webhook_config(path, port):
    """What tells the API server where tokens are reviewed."""
    cluster = {"server": f"https://127.0.0.1:{port}/review", "certificate-authority-data": embedded("authority.crt")}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "webhook",
        "clusters": [{"name": "webhook", "cluster": cluster}],
        "contexts": [{"name": "webhook", "context": {"cluster": "webhook", "user": "apiserver"}}],
        "users": [{"name": "apiserver", "user": {}}],
    }
    write_private(path, json.dumps(document, indent=1))


def trusting():
    """A TLS context that trusts the sandbox and has the administrator's certificate."""
    context = ssl.create_default_context(cafile=str(CERTIFICATES / "authority.crt"))
    context.load_cert_chain(CERTIFICATES / "admin.crt", CERTIFICATES / "admin.key")
    return context


def answers(url):
    """Whether a URL answers 200."""
    context = trusting() if url.startswith("https") else None
    try:
        opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )
        with opener.open(url, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def kubectl(*arguments, given=None):
    """Runs kubectl as the administrator, and returns what it printed."""
    command = [str(BINARIES / "kubectl"), "--kubeconfig", str(KUBECONFIG), *arguments]
    result = subprocess.run(command, input=given, capture_output=True, text=True, check=False)
    if result.returncode:
        raise SandboxError(f"kubectl {' '.join(arguments)} failed:\n{result.stderr.strip()}")
    return result.stdout


def checks():
    """For each process of the part, the URL that answers when it is ready."""
    known = addresses()
    return {
        "etcd": f"http://127.0.0.1:{known.get('etcd')}/readyz",
        "token-webhook": f"https://127.0.0.1:{known.get('token_webhook')}/_sandbox/health",
        "kube-apiserver": f"https://127.0.0.1:{known.get('kube_apiserver')}/readyz",
        "kube-scheduler": f"https://127.0.0.1:{known.get('kube_scheduler')}/readyz",
    }


def wait(name):
    """Waits until a process of the part answers."""
    url = checks()[name]
    processes.wait_until(name, lambda: answers(url), PATIENCE)


def start_etcd(programs, port, peer_port):
    """Starts the store, which need not survive a power cut."""
    client, peer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peer_port}"
    processes.start(
        "etcd",
        [
            programs["etcd"],
            "--name=sandbox",
            f"--data-dir={STATE / 'etcd'}",
            "--unsafe-no-fsync",
            "--log-level=warn",
            f"--listen-client-urls={client}",
            f"--advertise-client-urls={client}",
            f"--listen-peer-urls={peer}",
            f"--initial-advertise-peer-urls={peer}",
            f"--initial-cluster=sandbox={peer}",
        ],
    )


def start_webhook(port):
    """Starts the judge of tokens."""
    processes.start(
        "token-webhook",
        [
            python(),
            "-m",
            "parts.token_webhook",
            "--port",
            port,
            "--credentials",
            CREDENTIALS,
            "--certificate",
            CERTIFICATES / "token-webhook.crt",
            "--key",
            CERTIFICATES / "token-webhook.key",
        ],
        python_environment(),
    )


def start_api_server(programs, port, etcd_port):
    """Starts the API server; no controller manager runs, so service accounts are not asked for, and new nodes
    get no taint that only it would take off."""
    processes.start(
        "kube-apiserver",
        [
            programs["kube-apiserver"],
            f"--etcd-servers=http://127.0.0.1:{etcd_port}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={port}",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--endpoint-reconciler-type=none",
            f"--tls-cert-file={CERTIFICATES / 'kube-apiserver.crt'}",
            f"--tls-private-key-file={CERTIFICATES / 'kube-apiserver.key'}",
            f"--client-ca-file={CERTIFICATES / 'authority.crt'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-account-key-file={CERTIFICATES / 'service-account.pub'}",
            f"--service-account-signing-key-file={CERTIFICATES / 'service-account.key'}",
            "--authorization-mode=RBAC",
            f"--authentication-token-webhook-config-file={STATE / 'token-webhook.json'}",
            "--authentication-token-webhook-version=v1",
            "--authentication-token-webhook-cache-ttl=1s",
            "--enable-admission-plugins=ExtendedResourceToleration",
            "--disable-admission-plugins=ServiceAccount,TaintNodesByCondition",
            "--allow-privileged=true",
            "--profiling=false",
        ],
    )


def start_scheduler(programs, port):
    """Starts the scheduler."""
    processes.start(
        "kube-scheduler",
        [
            programs["kube-scheduler"],
            f"--kubeconfig={STATE / 'scheduler.kubeconfig'}",
            "--leader-elect=false",
            f"--tls-cert-file={CERTIFICATES / 'kube-scheduler.crt'}",
            f"--tls-private-key-file={CERTIFICATES / 'kube-scheduler.key'}",
            "--authentication-skip-lookup",
            f"--client-ca-file={CERTIFICATES / 'authority.crt'}",
            "--bind-address=127.0.0.1",
            f"--secure-port={port}",
        ],
    )


def first_objects():
    """Namespaces, and the rights of those who come with an EKS token."""
    objects = [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}} for name in NAMESPACES]
    objects.append(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": ADMINISTRATORS},
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin"},
            "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": ADMINISTRATORS}],
        }
    )
    kubectl(
        "apply", "--server-side", "-f", "-", given=json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    )


def has_first_objects():
    """Whether the API server is ready for tests."""
    try:
        kubectl("get", "namespace", "default", "kube-system")
        return True
    except SandboxError:
        return False


def link_programs(programs):
    """Puts programs where the PATH of the environment finds them."""
    BINARIES.mkdir(parents=True, exist_ok=True)
    for name, path in programs.items():
        link = BINARIES / name
        link.unlink(missing_ok=True)
        link.symlink_to(path)


def up():
    """Starts the part."""
    programs = toolchain.ensure(toolchain.FOR_TESTS, quiet=True)
    link_programs({name: programs[name] for name in ("kubectl", "tofu", "device-plugin-config", "cty-codec")})
    certificates.make_all()
    make_credentials()
    etcd, peer, webhook, api, scheduler = processes.free_ports(5)
    server = f"https://127.0.0.1:{api}"
    remember(etcd=etcd, token_webhook=webhook, kube_apiserver=api, kube_scheduler=scheduler, cluster_endpoint=server)
    write_kubeconfig(KUBECONFIG, server, "admin")
    write_kubeconfig(STATE / "scheduler.kubeconfig", server, "scheduler")
    write_webhook_config(STATE / "token-webhook.json", webhook)
    start_etcd(programs, etcd, peer)
    start_webhook(webhook)
    wait("etcd")
    wait("token-webhook")
    start_api_server(programs, api, etcd)
    wait("kube-apiserver")
    processes.wait_until("kube-apiserver", has_first_objects, PATIENCE)
    first_objects()
    start_scheduler(programs, scheduler)
    wait("kube-scheduler")


def ready():
    """For each process of the part, whether it answers."""
    return {name: processes.alive(name) and answers(url) for name, url in checks().items()}
