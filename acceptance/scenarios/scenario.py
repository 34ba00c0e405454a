"""The base of all scenarios: one core, a workspace for each test, kubectl, and an EKS API of one's own."""

import base64
import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from parts import commands, eks_server, signatures
from parts.places import CREDENTIALS
from scenarios.workspace import CLUSTER, Workspace

ROLE = "arn:aws:iam::123456789012:role/node"
SUBNETS = '["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]'
KINDS = ("configmaps", "nodeoverlays.karpenter.sh", "nodepools.karpenter.sh", "nodeclaims.karpenter.sh")


class Settings:
    """What acceptance/run decides for all scenarios."""

    folder = None
    prefix = f"t-{secrets.token_hex(2)}-"  # of all names, so that runs at the same time do not meet
    environment = None
    cores = {}
    keep = False


def wait_until(condition, patience=30, what="the condition"):
    """Waits until a condition holds, and returns what it gave."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"waited {patience} s for {what}")


def sandbox_environment():
    """The variables of the sandbox, without what the caller's own AWS settings would add."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_", "KUBE"))}
    return {**kept, **commands.environment(), "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}


class Cloud:
    """An EKS API that a test has for itself: its faults, its settings and its clock meet nobody else."""

    def __init__(self, environment):
        authority = Path(environment["GPUSHARE_SANDBOX_CA_FILE"]).read_bytes()
        endpoint = environment["GPUSHARE_SANDBOX_CLUSTER_ENDPOINT"]
        self.cloud = eks_server.Cloud(endpoint, authority, signatures.Keyring(CREDENTIALS))
        self.server = eks_server.Server(("127.0.0.1", 0), self.cloud)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def control(self, method, path, given=None):
        """One request to the control interface."""
        return self.cloud.control(method, f"{eks_server.CONTROL}/{path}", {} if given is None else given)

    def reset(self):
        """Forgets all that a test did."""
        self.control("POST", "reset")

    def settings(self, **values):
        """Changes times and failures."""
        self.control("POST", "settings", values)

    def fault(self, **values):
        """Plays a fault."""
        self.control("POST", "faults", values)

    def faults(self):
        """All faults with how often they were met."""
        return self.control("GET", "faults")

    def forget_requests(self):
        """Begins a new log of requests."""
        self.control("DELETE", "requests")

    def requests(self, *operations):
        """The requests so far, of some operations or of all."""
        return [one for one in self.control("GET", "requests") if not operations or one["operation"] in operations]

    def group(self, name, cluster="sandbox"):
        """A node group as it is, or None."""
        held = self.cloud.account.groups.get(cluster, {}).get(name)
        return held and held.answer

    def change_group(self, name, cluster="sandbox", **given):
        """Changes a node group behind everybody's back."""
        return self.control("POST", f"nodegroup/{cluster}/{name}", given)

    def remove_group(self, name, cluster="sandbox"):
        """Removes a node group behind everybody's back."""
        self.control("DELETE", f"nodegroup/{cluster}/{name}")

    def close(self):
        """Ends the server."""
        self.server.shutdown()
        self.server.server_close()


class Tunnel:
    """Passes bytes on to an address, and counts the connections."""

    def __init__(self, host, port):
        self.target, self.count = (host, port), 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        """Takes connections until the listener is closed."""
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            self.count += 1
            far = socket.create_connection(self.target)
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(source, sink), daemon=True).start()

    @staticmethod
    def carry(source, sink):
        """Carries bytes one way."""
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def close(self):
        """Takes no more connections."""
        self.listener.close()


class Scenario(unittest.TestCase):
    """A test case that acceptance/run repeats for each core."""

    core = None
    own_cloud = False
    maxDiff = None
    once = False  # with one core only: what is tested does not depend on it

    @classmethod
    def setUpClass(cls):
        cls.prefix = re.sub(r"[^a-z0-9]+", "-", f"{Settings.prefix}{cls.__name__}".lower())
        cls.environment = dict(Settings.environment)
        cls.cloud = None
        if cls.own_cloud:
            cls.cloud = Cloud(cls.environment)
            cls.addClassCleanup(cls.cloud.close)
            cls.environment["AWS_ENDPOINT_URL_EKS"] = cls.environment["AWS_ENDPOINT_URL_STS"] = cls.cloud.url
        cls.addClassCleanup(cls.remove_objects, cls.prefix)

    @classmethod
    def remove_objects(cls, prefix):
        """Removes all objects of tests whose names start so from the cluster."""
        for kind in KINDS:
            listed = cls.kubectl("get", kind, "-A", "-o", "json", check=False)
            for item in json.loads(listed or '{"items": []}')["items"]:
                meta = item["metadata"]
                if not meta["name"].startswith(prefix):
                    continue
                where = ["-n", meta["namespace"]] if "namespace" in meta else []
                if meta.get("finalizers"):
                    patch = '{"metadata":{"finalizers":null}}'
                    cls.kubectl("patch", kind, meta["name"], *where, "--type=merge", "-p", patch, check=False)
                cls.kubectl("delete", kind, meta["name"], *where, "--wait=false", "--ignore-not-found", check=False)

    def setUp(self):
        self.name = f"{self.prefix}-{self.id().rsplit('.', 1)[1].removeprefix('test_').replace('_', '-')}"[:60].rstrip("-")
        self.workspace = self.new_workspace()
        if self.cloud:
            self.cloud.reset()

    def new_workspace(self, environment=None):
        """One more folder for this test."""
        folder = tempfile.mkdtemp(prefix=f"{self.name}-", dir=Settings.folder)
        made = Workspace(Settings.cores[self.core], folder, environment or self.environment)
        if not Settings.keep:
            self.addCleanup(made.remove)
        return made

    @classmethod
    def kubectl(cls, *arguments, given=None, check=True, environment=None):
        """Runs kubectl as the administrator and returns what it printed."""
        result = subprocess.run(
            [shutil.which("kubectl", path=Settings.environment["PATH"]), *arguments],
            input=given,
            env={**Settings.environment, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )
        if result.returncode and check:
            raise AssertionError(f"kubectl {' '.join(arguments)}: {result.stderr}")
        return result.stdout if not result.returncode else ""

    @classmethod
    def live(cls, kind, name, namespace=None):
        """An object with its managed fields, or None."""
        where = ["-n", namespace] if namespace else []
        text = cls.kubectl(
            "get", kind, name, *where, "-o", "json", "--show-managed-fields", "--ignore-not-found", check=False
        )
        return json.loads(text) if text else None

    @classmethod
    def edit(cls, kind, name, script, namespace=None):
        """Edits an object with kubectl edit and a sed script, as a person would in an editor."""
        where = ["-n", namespace] if namespace else []
        cls.kubectl("edit", kind, name, *where, environment={"KUBE_EDITOR": f"sed -i -e '{script}'"})

    def configure(self, text, provider=CLUSTER):
        """Replaces this test's configuration."""
        self.workspace.write(text, provider)

    def apply(self, *arguments, **more):
        """An apply that must succeed."""
        run = self.workspace.apply(*arguments, **more)
        self.assertEqual(run.code, 0, str(run))
        return run

    def fails(self, run, *texts):
        """A run that must fail with an error that holds some texts."""
        self.assertEqual(run.code, 1, str(run))
        for text in texts:
            self.assertIn(text, run.error, str(run))
        return run

    def assert_empty(self, *arguments, **more):
        """A plan that must show no changes."""
        run = self.workspace.plan(*arguments, **more)
        self.assertEqual(run.code, 0, f"the plan is not empty\n{run}{self.shown(run)}")
        self.assertEqual({}, run.changes, str(run))
        return run

    def shown(self, run):
        """What a plan would change, for the message of a test that failed."""
        if run.code != 2:
            return ""
        document, _ = self.workspace.planned()
        found = {
            one["address"]: differences_of(one)
            for one in document.get("resource_changes", [])
            if one["change"]["actions"] != ["no-op"]
        }
        return json.dumps(found, indent=1)

    def assert_planned(self, address, action, *arguments, **more):
        """A plan that must do one thing to one resource and nothing to others."""
        run = self.workspace.plan(*arguments, **more)
        self.assertEqual(run.code, 2, str(run))
        changed = {name: what for name, what in run.changes.items() if what != "noop"}
        self.assertEqual({address: action}, changed, str(run))
        return run

    def destroy(self, *arguments, **more):
        """A destroy that must succeed."""
        run = self.workspace.destroy(*arguments, **more)
        self.assertEqual(run.code, 0, str(run))
        return run

    def assert_has(self, text, *wanted):
        """A text that must hold others."""
        for one in wanted:
            self.assertIn(one, text)

    def token(self):
        """An EKS token of the administrator, made by the aws libraries."""
        from parts.test_token_webhook import make_token

        return make_token(self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"])

    def kubeconfig(self):
        """The sandbox's kubeconfig as an object."""
        return json.loads(Path(self.environment["KUBECONFIG"]).read_text())

    def certificate_authority(self):
        """The PEM text of the sandbox's certificate authority."""
        cluster = self.kubeconfig()["clusters"][0]["cluster"]
        return base64.b64decode(cluster["certificate-authority-data"]).decode()


def differences_of(one):
    """The differences of one resource change."""
    from scenarios.workspace import differences, merged

    return {path: list(pair) for path, pair in differences(one["change"]["before"], merged(one["change"])).items()}
