"""karpenter_node_overlay against the real Karpenter and scheduler: how many nodes come for how many pods.

Without an overlay this is https://github.com/kubernetes-sigs/karpenter/issues/729."""

import json

from parts import karpenter
from scenarios.scenario import Scenario, wait_until

ADDRESS = "gpushare_karpenter_node_overlay.this"
GPU = "nvidia.com/gpu"
ON_POOL = "node_pool = gpushare_karpenter_node_pool.this.name"
TEN = f'replicas = {{ "{GPU}" = 10 }}'


class KarpenterShares(Scenario):
    """One class, so that one test at a time starts nodes, and the one that turns the gate off is alone."""

    once = True

    def setUp(self):
        super().setUp()
        self.pods = 0
        self.addCleanup(self.remove_nodes)

    def remove_nodes(self):
        """Takes all away that a test that failed may have left."""
        self.empty()
        self.kubectl("delete", "nodepool", self.name, "--ignore-not-found", "--wait=false")
        self.kubectl("delete", "nodeoverlays", *self.names("nodeoverlays"), "--ignore-not-found")

    def empty(self):
        """Takes the pods away, then their nodes: no controller here removes what a deleted pool owned."""
        self.kubectl("delete", "pods", "-l", f"test={self.name}", "--wait=false", "--ignore-not-found")
        self.kubectl("delete", "nodeclaims", "-l", f"karpenter.sh/nodepool={self.name}", "--ignore-not-found")

    def names(self, kind):
        """The names of this test's objects of a cluster-wide kind."""
        listed = self.kubectl("get", kind, "-o", "jsonpath={.items[*].metadata.name}").split()
        return [name for name in listed if name.startswith(self.name)] or [self.name]

    def pool(self, types, labels, limits=""):
        """A NodePool of the kwok provider; LABELS are those by which the sandbox's device plugin shares."""
        return f"""resource "gpushare_karpenter_node_pool" "this" {{
  name = "{self.name}"
  {limits}
  node_class_ref {{
    group = "karpenter.kwok.sh"
    kind  = "KWOKNodeClass"
    name  = "{karpenter.NODE_CLASS}"
  }}
  requirement {{
    key      = "node.kubernetes.io/instance-type"
    operator = "In"
    values   = {json.dumps(types)}
  }}
  taint {{
    key    = "nvidia.com/gpu"
    value  = "true"
    effect = "NoSchedule"
  }}
  disruption {{
    consolidate_after = "Never"
  }}
  sharing {{
    {labels}
  }}
}}
"""

    def overlay(self, types, body=TEN, label="this", name=None, pool=ON_POOL):
        """The overlays of the pool."""
        return f"""resource "gpushare_karpenter_node_overlay" "{label}" {{
  name           = "{name or self.name}"
  instance_types = {json.dumps(types)}
  {pool}
  {body}
}}
"""

    def start(self, count, resource=GPU):
        """Starts pods that ask for one share each."""
        pods = []
        for _ in range(count):
            self.pods += 1
            pods.append(
                {
                    "apiVersion": "v1",
                    "kind": "Pod",
                    "metadata": {"name": f"{self.name}-{self.pods}", "labels": {"test": self.name}},
                    "spec": {
                        "nodeSelector": {"karpenter.sh/nodepool": self.name},
                        "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
                        "containers": [
                            {"name": "task", "image": "none", "resources": {"limits": {resource: "1"}}}
                        ],
                    },
                }
            )
        self.kubectl("create", "-f", "-", given=json.dumps({"apiVersion": "v1", "kind": "List", "items": pods}))

    def placed(self):
        """How many pods each node runs."""
        listed = json.loads(self.kubectl("get", "pods", "-l", f"test={self.name}", "-o", "json"))
        nodes = {}
        for pod in listed["items"]:
            if pod.get("status", {}).get("phase") == "Running":
                node = pod["spec"]["nodeName"]
                nodes[node] = nodes.get(node, 0) + 1
        return nodes

    def claims(self):
        """The NodeClaims of the pool."""
        text = self.kubectl("get", "nodeclaims", "-l", f"karpenter.sh/nodepool={self.name}", "-o", "json")
        return json.loads(text)["items"]

    def assert_nodes(self, expected):
        """All pods must run, and Karpenter must have launched as many nodes as expected for them."""
        wait_until(lambda: sum(self.placed().values()) == self.pods, 60, f"{self.pods} pods to run")
        self.assertEqual(expected, len(self.claims()))

    def assert_unschedulable(self, name):
        """Karpenter must say that no node it knows can hold the pod, and launch none."""

        def told():
            events = self.kubectl("get", "events", "--field-selector", f"involvedObject.name={name}", "-o", "json")
            found = [one for one in json.loads(events)["items"] if one["source"].get("component") == "karpenter"]
            return [one["message"] for one in found if one["reason"] == "FailedScheduling"]

        self.assertTrue(wait_until(told, 60, f"Karpenter to give up on {name}"))
        return len(self.claims())

    def overlays(self):
        """The live overlays of this test: name to spec."""
        listed = json.loads(self.kubectl("get", "nodeoverlays", "-o", "json"))["items"]
        return {
            one["metadata"]["name"].removeprefix(f"{self.name}-"): one["spec"]
            for one in listed
            if one["metadata"]["name"].startswith(self.name)
        }

    def capacities(self):
        """What the live overlays say."""
        return {name: spec["capacity"] for name, spec in self.overlays().items()}

    def test_ten_nodes_without(self):
        self.configure(self.pool(["p3.2xlarge"], 'config_key = "x10"'))
        self.apply()
        self.start(10)
        self.assert_nodes(10)

    def test_one_node_for_ten(self):
        self.configure(self.pool(["p3.2xlarge"], 'config_key = "x10"') + self.overlay(["p3.2xlarge"]))
        self.apply()
        self.assertEqual({"1": {GPU: "10"}}, self.capacities())
        self.start(10)
        self.assert_nodes(1)
        self.start(1)
        self.assert_nodes(2)
        self.assert_empty()
        self.empty()
        self.destroy()
        self.assertEqual({}, self.overlays())

    def test_two_nodes_for_eleven(self):
        self.configure(self.pool(["p3.2xlarge"], 'config_key = "x10"') + self.overlay(["p3.2xlarge"]))
        self.apply()
        self.start(11)
        self.assert_nodes(2)

    def test_counts_of_gpus(self):
        types = ["p3.2xlarge", "p3.8xlarge", "g6f.large"]
        self.configure(self.pool(["p3.8xlarge"], 'config_key = "x10"') + self.overlay(types))
        self.apply()
        self.assertEqual({"1": {GPU: "10"}, "4": {GPU: "40"}}, self.capacities())
        self.start(40)
        self.assert_nodes(1)

    def test_fraction_of_a_gpu(self):
        self.configure(self.pool(["g6f.large"], 'config_key = "x1"') + self.overlay(["g6f.large"], ""))
        self.apply()
        self.assertEqual({"1": {GPU: "1"}}, self.capacities())
        self.start(2)
        self.assert_nodes(2)

    def test_renamed(self):
        pool = self.pool(["p3.2xlarge"], 'config_key = "x10.shared"')
        self.configure(pool)
        self.apply()
        self.start(1, f"{GPU}.shared")
        self.assertEqual(0, self.assert_unschedulable(f"{self.name}-1"))
        self.configure(pool + self.overlay(["p3.2xlarge"], f"{TEN}\n  rename_by_default = true"))
        self.apply()
        self.assertEqual({"1": {GPU: "0", f"{GPU}.shared": "10"}}, self.capacities())
        self.start(10, f"{GPU}.shared")
        self.assert_nodes(2)

    def test_mig(self):
        resource = "nvidia.com/mig-3g.20gb"
        self.configure(
            self.pool(["p4d.24xlarge"], 'config_key = "x1"\n    mig_layout = "all-3g.20gb"')
            + self.overlay(["p4d.24xlarge"], 'mig_devices = { "3g.20gb" = 2 }')
        )
        self.apply()
        self.assertEqual({"8": {GPU: "0", resource: "16"}}, self.capacities())
        self.start(16, resource)
        self.assert_nodes(1)
        self.start(1, resource)
        self.assert_nodes(2)
        self.start(1)
        self.assertEqual(2, self.assert_unschedulable(f"{self.name}-18"))

    def test_replicas_change(self):
        pool = self.pool(["p3.2xlarge"], 'config_key = "x4"')
        self.configure(pool + self.overlay(["p3.2xlarge", "p3.8xlarge"]))
        self.apply()
        self.configure(pool + self.overlay(["p3.2xlarge"], TEN.replace("10", "4")))
        self.assert_planned(ADDRESS, "update")
        self.apply()
        self.assertEqual({"1": {GPU: "4"}}, self.capacities())
        self.start(5)
        self.assert_nodes(2)

    def test_drift(self):
        self.configure(
            self.pool(["p3.2xlarge"], 'config_key = "x10"') + self.overlay(["p3.2xlarge", "p3.8xlarge"])
        )
        self.apply()
        self.edit("nodeoverlay", f"{self.name}-4", 's/"40"/"4"/')
        run = self.assert_planned(ADDRESS, "update")
        self.assert_has(run.warning, f"{self.name}-4: .spec.capacity.{GPU}", "kubectl-edit")
        self.kubectl("delete", "nodeoverlay", f"{self.name}-1")
        self.assert_planned(ADDRESS, "update")
        self.apply()
        self.assertEqual({"1": {GPU: "10"}, "4": {GPU: "40"}}, self.capacities())
        self.assert_empty()

    def test_import(self):
        text = self.pool(["p3.2xlarge"], 'config_key = "x10"') + self.overlay(["p3.2xlarge", "p3.8xlarge"])
        self.configure(text)
        self.apply()
        self.workspace.run("state", "rm", ADDRESS)
        taken = self.workspace.take_in(ADDRESS, self.name)
        self.assertEqual(0, taken.code, str(taken))
        self.assert_empty()

    def test_overlap_with_foreign(self):
        foreign = {
            "apiVersion": "karpenter.sh/v1alpha1",
            "kind": "NodeOverlay",
            "metadata": {"name": f"{self.name}-foreign"},
            "spec": {
                "requirements": [
                    {"key": "karpenter.k8s.aws/instance-gpu-count", "operator": "In", "values": ["1"]},
                    {"key": "karpenter.sh/nodepool", "operator": "In", "values": [self.name]},
                ],
                "capacity": {GPU: "3"},
            },
        }
        self.kubectl("create", "-f", "-", given=json.dumps(foreign))
        pool = self.pool(["p3.2xlarge"], 'config_key = "x10"')
        self.configure(pool + self.overlay(["p3.2xlarge"]))
        self.fails(self.workspace.apply(), "NodeOverlays overlap", f"`{self.name}-foreign` sets {GPU} for p3.2xlarge")
        self.assertEqual(["foreign"], list(self.overlays()))
        self.configure(pool + self.overlay(["p3.2xlarge"], f"{TEN}\n  weight = 10"))
        self.apply()
        self.start(10)
        self.assert_nodes(1)

    def test_overlap_of_two_resources(self):
        both = self.overlay(["p3.2xlarge"]) + self.overlay(
            ["p3.2xlarge", "p3.8xlarge"], f"{TEN}\n  depends_on = [{ADDRESS}]", "other", f"{self.name}-other"
        )
        self.configure(self.pool(["p3.2xlarge"], 'config_key = "x10"') + both)
        self.fails(self.workspace.apply(), "NodeOverlays overlap", f"`{self.name}-1` sets {GPU} for p3.2xlarge")
        self.assertEqual(["1"], list(self.overlays()))

    def test_limits(self):
        def limited(shares):
            limits = f'limits = {{ "{GPU}" = "{shares}" }}'
            return self.pool(["p3.2xlarge"], 'config_key = "x10"', limits) + self.overlay(
                ["p3.2xlarge", "p3.8xlarge"]
            )

        self.configure(limited(5))
        self.fails(self.workspace.apply(), "The pool's limit holds no node", "to at least 10")
        self.assertEqual({}, self.overlays())
        self.configure(limited(20))
        run = self.apply()
        self.assert_has(run.warning, "The pool's limit holds not every node", "has 40 shares")
        self.start(10)
        self.assert_nodes(1)

    def test_gate_off(self):
        self.configure(
            self.pool(["p3.2xlarge"], 'config_key = "x10"')
            + self.overlay(["p3.2xlarge"], f'{TEN}\n  timeouts {{\n    create = "4s"\n  }}')
        )
        self.addCleanup(karpenter.start_karpenter)
        karpenter.start_karpenter("NodeOverlay=false")
        run = self.fails(self.workspace.apply(), "feature gate NodeOverlay seems to be off")
        self.assert_has(run.error, "settings.featureGates.nodeOverlay=true")
        karpenter.start_karpenter()
        self.apply()
        self.start(10)
        self.assert_nodes(1)
