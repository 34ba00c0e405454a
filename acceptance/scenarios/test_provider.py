"""The provider's configuration: clusters that are not known or not there, credentials, and ways past EKS."""

import base64
import json
import re
import time
from urllib.parse import urlsplit

from scenarios.scenario import Scenario, Tunnel
from scenarios.test_time_slicing_config import ADDRESS, PLAIN, resource
from scenarios.workspace import CLUSTER

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def provider(text):
    """A provider block."""
    return f'provider "gpushare" {{\n{text}}}\n'


class ProviderScenario(Scenario):
    """What scenarios about the provider's configuration share."""

    own_cloud = True

    def map(self, name=None):
        """The live ConfigMap, or None."""
        return self.live("configmap", name or self.name, "kube-system")

    def without(self, *names):
        """The environment without some variables."""
        return {**{key: value for key, value in self.environment.items() if not key.startswith(names)}, "HOME": str(self.workspace.folder)}

    def with_keys(self, which):
        """The environment with another key pair of the sandbox."""
        changed = self.without(*KEYS)
        for name in KEYS:
            value = self.environment.get(f"GPUSHARE_SANDBOX_{which}_{name.removeprefix('AWS_')}")
            if value:
                changed[name] = value
        return changed


class UnknownClusters(ProviderScenario):
    """A cluster that is not known at plan, or does not exist yet, or not any more."""

    UNKNOWN = """
resource "terraform_data" "cluster" {
  input = "sandbox"
}
provider "gpushare" {
  cluster_name = terraform_data.cluster.output
}
"""

    def test_an_unknown_cluster_plans_offline_and_applies_in_one_run(self):
        pool = f'resource "gpushare_karpenter_node_pool" "p" {{\n  name = "{self.name}"\n  node_class_ref {{\n    name = "d"\n  }}\n'
        pool += '  requirement {\n    key = "kubernetes.io/arch"\n    operator = "In"\n    values = ["amd64"]\n  }\n}\n'
        self.configure(resource(self.name) + pool, self.UNKNOWN)
        offline = self.without("AWS_", "KUBECONFIG")
        plan = self.workspace.plan(environment={**offline, "AWS_REGION": "us-east-1"})
        self.assertEqual((2, 3), (plan.code, len(plan.changes)), str(plan))
        plan = self.workspace.plan()
        self.assertEqual((2, 3), (plan.code, len(plan.changes)), str(plan))
        self.assertEqual([], self.cloud.requests())
        self.apply()
        self.assertIsNotNone(self.map())
        self.assertEqual("sandbox", self.workspace.attributes(ADDRESS)["cluster_name"])
        self.assert_empty()

    def test_a_cluster_that_becomes_unknown_keeps_the_state(self):
        self.configure(resource(self.name), self.UNKNOWN)
        self.apply()
        self.configure(resource(self.name), self.UNKNOWN.replace('"sandbox"', 'upper("sandbox") == "" ? "x" : "sandbox"').replace("input", "triggers_replace = 1\n  input"))
        plan = self.workspace.plan()
        self.assertEqual(2, plan.code, str(plan))
        changed = {name: what for name, what in plan.changes.items() if what != "noop"}
        self.assertEqual({"terraform_data.cluster": "replace"}, changed)
        self.apply()
        self.assert_empty()

    def test_a_cluster_that_does_not_exist_yet(self):
        self.configure(resource(self.name), provider('  cluster_name = "nope"\n'))
        self.assert_planned(ADDRESS, "create")
        self.fails(self.workspace.apply(), "nope", "us-east-1", "No such cluster")
        self.assertIsNone(self.workspace.instance(ADDRESS))

    def test_a_cluster_that_is_still_being_made(self):
        self.configure(resource(self.name), provider('  cluster_name = "creating"\n'))
        self.fails(self.workspace.apply(), "creating", "CREATING")

    def test_a_cluster_that_is_gone_takes_its_objects_with_it(self):
        group = f"""
resource "gpushare_node_group" "this" {{
  node_group_name = "{self.name[-60:]}"
  node_role_arn   = "arn:aws:iam::123456789012:role/node"
  subnet_ids      = ["subnet-0123456789abcdef0"]
  instance_types  = ["g5.xlarge"]
  scaling_config {{
    min_size = 0
    max_size = 1
    desired_size = 0
  }}
}}
"""
        self.configure(resource(self.name) + group, provider('  cluster_name = "sandbox-two"\n'))
        self.apply()
        self.cloud.control("DELETE", "cluster/sandbox-two")
        plan = self.workspace.plan()
        self.assertEqual(2, plan.code, str(plan))
        self.assertEqual({ADDRESS: "create", "gpushare_node_group.this": "create"}, plan.changes)
        self.assertIn("sandbox-two", plan.warning)
        self.destroy()
        self.cloud.reset()

    def test_cluster_of_a_resource(self):
        body = PLAIN + '  cluster_name = "sandbox-two"\n'
        self.configure(resource(self.name, body))
        self.apply()
        self.assertEqual("sandbox-two", self.workspace.attributes(ADDRESS)["cluster_name"])
        self.assert_empty()
        self.configure(resource(self.name))
        change, _ = self.workspace.change(ADDRESS)
        self.assertEqual(("sandbox-two", "sandbox"), change["cluster_name"])
        self.assert_planned(ADDRESS, "replace")

    def test_no_cluster_at_all(self):
        self.configure(resource(self.name), provider(""))
        self.fails(self.workspace.plan(), "cluster_name")

    def test_eks_is_asked_once_and_one_connection_is_enough(self):
        address = urlsplit(self.environment["GPUSHARE_SANDBOX_CLUSTER_ENDPOINT"])
        tunnel = Tunnel(address.hostname, address.port)
        self.addCleanup(tunnel.close)
        self.cloud.control("POST", "cluster/sandbox", {"endpoint": tunnel.url})
        many = 'variable "number" {\n  default = 2\n}\n' + resource(f"{self.name}-${{each.key}}").replace(
            "{\n", '{\n  for_each = toset([for i in range(60) : tostring(i)])\n', 1
        ).replace('"nvidia.com/gpu" = 10', '"nvidia.com/gpu" = var.number')
        self.configure(many)
        for parallelism in (50, 1):
            with self.subTest(parallelism):
                option = f"-parallelism={parallelism}"
                self.cloud.forget_requests()
                before = tunnel.count
                self.apply(option)
                self.assertEqual(60, len(self.workspace.state()["resources"][0]["instances"]))
                self.assertEqual(["DescribeCluster"], [one["operation"] for one in self.cloud.requests()])
                self.assertEqual(1, tunnel.count - before, "sixty creates, one connection")
                self.assert_empty(option)
                self.assertEqual(["DescribeCluster"] * 2, [one["operation"] for one in self.cloud.requests()])
                self.assertEqual(2, tunnel.count - before, "sixty reads, one connection")
                run = self.apply(option, "-var", "number=3")
                self.assertEqual(60, run.summary["change"], str(run))
                self.assert_empty(option, "-var", "number=3")
                self.destroy(option)
                self.assertIsNone(self.map(f"{self.name}-59"))


class Credentials(ProviderScenario):
    """Missing, wrong and insufficient credentials are told with their source."""

    def test_no_credentials(self):
        self.configure(resource(self.name))
        run = self.workspace.apply(environment=self.without(*KEYS))
        self.fails(run, "No AWS credentials", "AWS_ACCESS_KEY_ID", "profile", "shared files")
        self.assertEqual([], self.cloud.requests())

    def test_arguments_profile_and_files(self):
        key, secret = self.environment["AWS_ACCESS_KEY_ID"], self.environment["AWS_SECRET_ACCESS_KEY"]
        files = self.workspace.folder / "credentials"
        files.write_text(f"[default]\naws_access_key_id = AKIAWRONG\naws_secret_access_key = x\n[good]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n")
        bare = self.without("AWS_ACCESS", "AWS_SECRET", "AWS_REGION")
        for text in (
            f'  access_key = "{key}"\n  secret_key = "{secret}"\n',
            f'  profile = "good"\n  shared_credentials_files = ["{files}"]\n',
        ):
            with self.subTest(text.split(" = ")[0]):
                self.configure(resource(self.name), provider(f'  cluster_name = "sandbox"\n  region = "us-east-1"\n{text}'))
                self.apply(environment=bare)
                self.assert_empty(environment=bare)
        self.configure(resource(self.name), provider('  cluster_name = "sandbox"\n  region = "us-east-1"\n  profile = "bad"\n'))
        self.fails(self.workspace.plan(environment=bare), "bad")

    def test_expired_and_unknown_keys(self):
        self.configure(resource(self.name))
        run = self.workspace.apply(environment=self.with_keys("EXPIRED"))
        self.fails(run, "ExpiredToken", "eks:DescribeCluster", "AWS_ACCESS_KEY_ID")
        run = self.workspace.apply(environment={**self.without(*KEYS), "AWS_ACCESS_KEY_ID": "AKIAUNKNOWN", "AWS_SECRET_ACCESS_KEY": "x"})
        self.fails(run, "UnrecognizedClient")
        run = self.workspace.apply(environment={**self.environment, "AWS_SECRET_ACCESS_KEY": "wrong"})
        self.fails(run, "Signature")

    def test_session_keys_work(self):
        self.configure(resource(self.name))
        self.apply(environment=self.with_keys("SESSION"))
        self.assert_empty(environment=self.with_keys("SESSION"))

    def test_a_user_without_rights(self):
        self.configure(resource(self.name))
        run = self.workspace.apply(environment=self.with_keys("RESTRICTED"))
        self.fails(run, "403", '"patch"', '"configmaps"', '"kube-system"')
        self.assertIsNone(self.workspace.instance(ADDRESS))
        self.apply()
        run = self.workspace.plan(environment=self.with_keys("RESTRICTED"))
        self.fails(run, "403", '"get"', '"configmaps"')
        self.assertIsNotNone(self.workspace.instance(ADDRESS))

    def test_no_region(self):
        self.configure(resource(self.name))
        self.fails(self.workspace.apply(environment=self.without("AWS_REGION")), "region", "AWS_REGION")

    def test_an_unreachable_eks(self):
        self.configure(resource(self.name), provider('  cluster_name = "sandbox"\n  max_retries = 0\n  endpoints {\n    eks = "http://127.0.0.1:1"\n  }\n'))
        self.fails(self.workspace.apply(), "127.0.0.1:1", "eks:DescribeCluster")

    def test_secrets_stay_out_of_logs_and_state(self):
        self.configure(resource(self.name))
        run = self.apply(environment={**self.environment, "TF_LOG": "TRACE", "HOME": str(self.workspace.folder)})
        said = run.output + run.errors + json.dumps(self.workspace.state())
        self.assertIn("gpushare", run.errors)
        self.assertNotIn(self.environment["AWS_SECRET_ACCESS_KEY"], said)
        self.assertIsNone(re.search(r"k8s-aws-v1\.[A-Za-z0-9]", said), "a token is in the log")


class PastEks(ProviderScenario):
    """The provider's kubernetes block."""

    def setUp(self):
        super().setUp()
        self.bare = {**self.without("AWS_", "KUBE"), "HOME": str(self.workspace.folder)}

    def kubernetes(self, **arguments):
        """A provider block that goes to the sandbox's API server."""
        lines = "".join(f"    {name} = {json.dumps(value)}\n" for name, value in arguments.items() if value is not None)
        return provider(f"  kubernetes {{\n{lines}  }}\n")

    def direct(self, **changed):
        """Host, certificate authority and token of the sandbox, some of them changed."""
        given = {
            "host": self.environment["GPUSHARE_SANDBOX_CLUSTER_ENDPOINT"],
            "cluster_ca_certificate": self.certificate_authority(),
            "token": self.token(),
        }
        return self.kubernetes(**{**given, **changed})

    def test_kubeconfig_without_aws(self):
        self.configure(resource(self.name), self.kubernetes(config_path=self.environment["KUBECONFIG"]))
        self.apply(environment=self.bare)
        state = self.workspace.attributes(ADDRESS)
        self.assertEqual((None, None), (state["cluster_name"], state["region"]))
        self.assert_empty(environment=self.bare)
        (self.workspace.folder / "terraform.tfstate").unlink()
        run = self.workspace.take_in(ADDRESS, f"kube-system/{self.name}", environment=self.bare)
        self.assertEqual(0, run.code, str(run))
        self.assert_empty(environment=self.bare)
        self.destroy(environment=self.bare)
        self.assertIsNone(self.map())
        self.assertEqual([], self.cloud.requests())

    def test_host_authority_and_token(self):
        self.configure(resource(self.name), self.direct())
        self.apply(environment=self.bare)
        self.assert_empty(environment=self.bare)

    def test_cluster_name_and_kubernetes_exclude_each_other(self):
        self.configure(resource(self.name, PLAIN + '  cluster_name = "sandbox"\n'), self.direct())
        self.fails(self.workspace.plan(environment=self.bare), "kubernetes", "cluster_name")
        self.configure(resource(self.name), self.direct().replace("  kubernetes", '  cluster_name = "sandbox"\n  kubernetes', 1))
        self.fails(self.workspace.plan(environment=self.bare), "kubernetes", "cluster_name")

    def test_what_goes_wrong_is_told(self):
        folder = self.workspace.folder
        (folder / "broken").write_text("clusters: [\n")
        context = {"config_path": self.environment["KUBECONFIG"], "config_context": "sandbx"}
        certificate = (folder / "other.crt")
        user = self.kubeconfig()["users"][0]["user"]["client-certificate-data"]
        certificate.write_bytes(base64.b64decode(user))
        cases = {
            "port": (self.direct(host="https://127.0.0.1:1"), ("127.0.0.1:1", "No answer")),
            "authority": (self.direct(cluster_ca_certificate=certificate.read_text()), ("certificate",)),
            "token": (self.direct(token="wrong"), ("401", "token")),
            "nobody": (self.direct(token=None), ("403", "nobody")),
            "name": (self.direct(host="https://localhost.invalid:6443"), ("localhost.invalid",)),
            "file": (self.kubernetes(config_path=str(folder / "absent")), ("absent",)),
            "broken": (self.kubernetes(config_path=str(folder / "broken")), ("broken", "line")),
            "context": (self.kubernetes(**context), ("sandbx", "sandbox")),
        }
        for label, (head, wanted) in cases.items():
            with self.subTest(label):
                self.configure(resource(self.name), head)
                began = time.monotonic()
                self.fails(self.workspace.apply(environment=self.bare), *wanted)
                self.assertLess(time.monotonic() - began, 40)
                self.assertIsNone(self.workspace.instance(ADDRESS))

    def test_an_unreachable_server_removes_nothing(self):
        self.configure(resource(self.name), self.direct())
        self.apply(environment=self.bare)
        self.configure(resource(self.name), self.direct(host="https://127.0.0.1:1"))
        self.fails(self.workspace.plan(environment=self.bare), "127.0.0.1:1")
        self.assertIsNotNone(self.workspace.instance(ADDRESS))
        self.configure(resource(self.name), self.direct())
        self.assert_empty(environment=self.bare)

    def test_a_missing_namespace(self):
        self.configure(resource(self.name, PLAIN + '  namespace = "absent"\n'), self.direct())
        self.fails(self.workspace.apply(environment=self.bare), "absent", "does not exist")

    def test_mistakes_in_the_block(self):
        for label, text, wanted in (
            ("misspelt", '  kubernetes {\n    hosts = "x"\n  }\n', "Unsupported argument"),
            ("misspelt_root", '  cluster = "x"\n', "Unsupported argument"),
            ("half", '  kubernetes {\n    host = "https://x"\n    client_key = "x"\n  }\n', "client_certificate"),
            ("keys", '  access_key = "x"\n', "secret_key"),
            ("name", '  cluster_name = "a b"\n', "letters"),
        ):
            with self.subTest(label):
                self.configure(resource(self.name), provider(text))
                self.fails(self.workspace.plan(), wanted)


class ClusterData(ProviderScenario):
    """The data source cluster."""

    TEXT = 'data "gpushare_cluster" "this" {\n}\n'

    def test_what_a_cluster_is(self):
        plugin = {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": {
                "name": self.name,
                "namespace": "kube-system",
                "annotations": {"meta.helm.sh/release-name": "nvdp", "meta.helm.sh/release-namespace": "kube-system"},
            },
            "spec": {
                "selector": {"matchLabels": {"a": "b"}},
                "template": {
                    "metadata": {"labels": {"a": "b"}},
                    "spec": {"containers": [{"name": "p", "image": "nvcr.io/nvidia/k8s-device-plugin:v0.19.0"}]},
                },
            },
        }
        self.kubectl("create", "-f", "-", given=json.dumps(plugin))
        self.addCleanup(self.kubectl, "delete", "daemonset", self.name, "-n", "kube-system")
        self.configure(self.TEXT)
        self.apply()
        found = self.workspace.attributes("data.gpushare_cluster.this")
        self.assertEqual("sandbox", found["cluster_name"])
        self.assertEqual("1.34", found["version"])
        self.assertEqual(self.environment["GPUSHARE_SANDBOX_CLUSTER_ENDPOINT"], found["endpoint"])
        self.assertEqual(self.certificate_authority(), found["certificate_authority"])
        self.assertEqual("API_AND_CONFIG_MAP", found["authentication_mode"])
        self.assertIn("karpenter.sh/v1 NodePool", found["custom_resources"])
        self.assertIsNone(found["gpu_operator"])
        plugin = found["device_plugins"][f"kube-system/{self.name}"]
        self.assertIn("v0.19.0", plugin)
        self.assertIn("nvdp", plugin)
        self.assert_empty()

    def test_no_such_cluster(self):
        self.configure(self.TEXT.replace("{\n", '{\n  cluster_name = "nope"\n'))
        self.fails(self.workspace.plan(), "nope", "No such cluster")

    def test_an_unknown_cluster_advises_depends_on(self):
        self.configure(self.TEXT, UnknownClusters.UNKNOWN)
        self.fails(self.workspace.plan(), "depends_on")
        self.configure(self.TEXT.replace("{\n", "{\n  depends_on = [terraform_data.cluster]\n"), UnknownClusters.UNKNOWN)
        self.assertEqual(2, self.workspace.plan().code)
        self.apply()
        self.assertEqual("ACTIVE", self.workspace.attributes("data.gpushare_cluster.this")["status"])
        self.assert_empty()

    def test_past_eks(self):
        head = provider(f'  kubernetes {{\n    config_path = "{self.environment["KUBECONFIG"]}"\n  }}\n')
        self.configure(self.TEXT, head)
        self.apply(environment=self.without("AWS_", "KUBECONFIG"))
        found = self.workspace.attributes("data.gpushare_cluster.this")
        self.assertIsNone(found["arn"])
        self.assertIn("karpenter.sh/v1 NodePool", found["custom_resources"])
