"""karpenter_node_pool: its life with Karpenter's real definition in a real API server."""

import json
import threading

from scenarios.scenario import Scenario, wait_until

ADDRESS = "gpushare_karpenter_node_pool.this"
CLASS = '  node_class_ref {\n    name = "default"\n  }\n'


def requirement(key, operator, *values, more=""):
    """A requirement block."""
    listed = f"    values = {json.dumps(list(values))}\n" if values else ""
    return f'  requirement {{\n    key = "{key}"\n    operator = "{operator}"\n{listed}{more}  }}\n'


FAMILY = requirement("karpenter.k8s.aws/instance-family", "In", "p3")
TAINT = '  taint {\n    key = "nvidia.com/gpu"\n    value = "true"\n    effect = "NoSchedule"\n  }\n'
PLAIN = CLASS + FAMILY + TAINT
FULL = (
    """  labels      = { team = "ml" }
  annotations = { "example.com/owner" = "ml@example.com" }
  node_class_ref {
    group = "karpenter.k8s.aws"
    kind  = "EC2NodeClass"
    name  = "gpu"
  }
"""
    + requirement("karpenter.k8s.aws/instance-family", "In", "p3", "p4d", more="    min_values = 2\n")
    + requirement("kubernetes.io/arch", "In", "amd64")
    + requirement("karpenter.sh/capacity-type", "NotIn", "spot")
    + requirement("karpenter.k8s.aws/instance-gpu-count", "Gt", "0")
    + requirement("karpenter.k8s.aws/instance-gpu-count", "Lt", "9")
    + requirement("karpenter.k8s.aws/instance-gpu-name", "Exists")
    + TAINT
    + """  startup_taint {
    key    = "example.com/starting"
    effect = "NoExecute"
  }
  expire_after             = "48h"
  termination_grace_period = "30m"
  limits                   = { cpu = "1000", memory = "2048Gi", "nvidia.com/gpu" = "80" }
  weight                   = 10
  disruption {
    consolidate_after    = "5m"
    consolidation_policy = "WhenEmpty"
    budget {
      nodes = "20%"
    }
    budget {
      nodes    = "0"
      schedule = "0 9 * * 1-5"
      duration = "8h"
      reasons  = ["Empty", "Drifted"]
    }
  }
  sharing {
    config_key = "any"
    mig_layout = "all-1g.5gb"
  }
"""
)


def resource(name, body=PLAIN, label="this"):
    """A NodePool."""
    return f'resource "gpushare_karpenter_node_pool" "{label}" {{\n  name = "{name}"\n{body}}}\n'


class NodePoolScenario(Scenario):
    """What scenarios about NodePools share."""

    def pool(self, name=None):
        """The live NodePool, or None."""
        return self.live("nodepools.karpenter.sh", name or self.name)

    def spec(self):
        """The live NodePool's spec."""
        return self.pool()["spec"]

    def patch(self, patch, kind="json", manager="kubectl-edit"):
        """A patch behind Terraform's back."""
        arguments = [f"--type={kind}", f"--field-manager={manager}", "-p", json.dumps(patch)]
        self.kubectl("patch", "nodepools.karpenter.sh", self.name, *arguments)


class NodePoolLife(NodePoolScenario):
    """Create, defaults, update, replace, import, drift, delete."""

    def test_the_whole_spec(self):
        self.configure(resource(self.name, FULL))
        self.apply()
        spec = self.spec()
        template = spec["template"]
        self.assertEqual("48h", template["spec"]["expireAfter"])
        self.assertEqual("30m", template["spec"]["terminationGracePeriod"])
        self.assertEqual({"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "gpu"}, template["spec"]["nodeClassRef"])
        self.assertEqual(6, len(template["spec"]["requirements"]))
        self.assertEqual(2, template["spec"]["requirements"][0]["minValues"])
        self.assertEqual(
            {"key": "nvidia.com/gpu", "value": "true", "effect": "NoSchedule"}, template["spec"]["taints"][0]
        )
        self.assertEqual("NoExecute", template["spec"]["startupTaints"][0]["effect"])
        self.assertEqual(
            {
                "team": "ml",
                "nvidia.com/gpu.present": "true",
                "nvidia.com/device-plugin.config": "any",
                "nvidia.com/mig.config": "all-1g.5gb",
            },
            template["metadata"]["labels"],
        )
        self.assertEqual({"example.com/owner": "ml@example.com"}, template["metadata"]["annotations"])
        self.assertEqual({"cpu": "1000", "memory": "2048Gi", "nvidia.com/gpu": "80"}, spec["limits"])
        self.assertEqual(10, spec["weight"])
        self.assertEqual("WhenEmpty", spec["disruption"]["consolidationPolicy"])
        self.assertEqual(["20%", "0"], [one["nodes"] for one in spec["disruption"]["budgets"]])
        self.assert_empty()
        self.configure(resource(self.name, FULL.replace('"2048Gi"', '"2Ti"').replace('"48h"', '"2880m"')))
        self.assert_empty()
        self.configure(resource(self.name, FULL))
        (self.workspace.folder / "terraform.tfstate").unlink()
        run = self.workspace.take_in(ADDRESS, self.name)
        self.assertEqual(0, run.code, str(run))
        self.assert_empty()
        self.destroy()
        self.assertIsNone(self.pool())

    def test_what_karpenter_writes_itself_is_not_drift(self):
        self.configure(resource(self.name))
        self.apply()
        spec = self.spec()
        self.assertEqual("720h", spec["template"]["spec"]["expireAfter"], "the definition's default")
        self.assertIn("disruption", spec)
        self.assert_empty()
        run = self.workspace.plan("-refresh-only")
        self.assertEqual((0, {}), (run.code, run.drift), str(run))
        (self.workspace.folder / "terraform.tfstate").unlink()
        run = self.workspace.take_in(ADDRESS, f"sandbox:{self.name}@us-east-1")
        self.assertEqual(0, run.code, str(run))
        self.assert_empty()

    def test_defaults_of_parts(self):
        body = PLAIN + '  disruption {\n    consolidate_after = "Never"\n    budget {\n      reasons = ["Drifted"]\n    }\n  }\n'
        self.configure(resource(self.name, body))
        self.apply()
        self.assertEqual("10%", self.spec()["disruption"]["budgets"][0]["nodes"])
        self.assert_empty()

    def test_update_and_return_of_defaults(self):
        self.configure(resource(self.name, FULL))
        self.apply()
        identity = self.pool()["metadata"]["uid"]
        less = CLASS.replace("default", "gpu") + requirement("karpenter.k8s.aws/instance-family", "In", "p3")
        self.configure(resource(self.name, less))
        self.assert_planned(ADDRESS, "update")
        self.apply()
        spec = self.spec()
        self.assertEqual(identity, self.pool()["metadata"]["uid"])
        self.assertEqual("720h", spec["template"]["spec"]["expireAfter"])
        for absent in ("taints", "startupTaints", "terminationGracePeriod"):
            self.assertNotIn(absent, spec["template"]["spec"])
        for absent in ("limits", "weight"):
            self.assertNotIn(absent, spec)
        self.assertEqual({}, spec["template"].get("metadata", {}).get("labels", {}))
        self.assertEqual(1, len(spec["template"]["spec"]["requirements"]))
        self.assert_empty()
        self.configure(resource(self.name, less + '  sharing {\n    config_key = "a"\n    strategy = "mps"\n  }\n  weight = 3\n'))
        self.apply()
        self.assertEqual(
            {
                "nvidia.com/gpu.present": "true",
                "nvidia.com/device-plugin.config": "a",
                "nvidia.com/mps.capable": "true",
            },
            self.spec()["template"]["metadata"]["labels"],
        )
        self.assert_empty()

    def test_a_class_of_another_group_replaces(self):
        self.configure(resource(self.name))
        self.apply()
        identity = self.pool()["metadata"]["uid"]
        other = '  node_class_ref {\n    group = "karpenter.kwok.sh"\n    kind = "KWOKNodeClass"\n    name = "default"\n  }\n'
        self.configure(resource(self.name, PLAIN.replace(CLASS, other)))
        self.assert_planned(ADDRESS, "replace")
        self.apply()
        self.assertNotEqual(identity, self.pool()["metadata"]["uid"])
        self.assert_empty()
        self.configure(resource(self.name, PLAIN.replace(CLASS, other.replace('"default"', '"other"'))))
        self.assert_planned(ADDRESS, "update")

    def test_static_pool(self):
        self.configure(resource(self.name, CLASS + FAMILY + '  replicas = 2\n  limits = { nodes = "5" }\n'))
        self.apply()
        self.assertEqual(2, self.spec()["replicas"])
        self.assert_empty()
        self.configure(resource(self.name, CLASS + FAMILY))
        self.fails(self.workspace.plan(), "static")
        self.configure(resource(self.name, CLASS + FAMILY + '  replicas = 0\n  limits = { nodes = "5" }\n'))
        self.apply()
        self.assertEqual(0, self.spec()["replicas"])
        self.assert_empty()

    def test_drift(self):
        self.configure(resource(self.name, PLAIN + '  labels = { team = "ml" }\n'))
        self.apply()
        self.patch([{"op": "replace", "path": "/spec/template/spec/requirements/0/values", "value": ["g5"]}])
        change, run = self.workspace.change(ADDRESS)
        self.assertEqual({"requirement[0].values[0]": ("g5", "p3")}, change)
        self.assert_has(run.warning, "kubectl-edit", ".spec.template.spec.requirements")
        self.apply()
        self.assertEqual(["p3"], self.spec()["template"]["spec"]["requirements"][0]["values"])
        self.assert_empty()

        self.patch([{"op": "remove", "path": "/spec/template/spec/taints"}])
        self.assert_planned(ADDRESS, "update")
        self.apply()
        self.assertEqual("nvidia.com/gpu", self.spec()["template"]["spec"]["taints"][0]["key"])
        self.assert_empty()

    def test_what_others_add_is_not_drift(self):
        self.configure(resource(self.name))
        self.apply()
        theirs = {"labels": {"theirs": "x"}, "annotations": {"a/b": "c"}}
        self.patch({"metadata": theirs, "spec": {"template": {"metadata": theirs}, "weight": 5}}, "merge", "argo")
        self.assert_empty()
        self.configure(resource(self.name, PLAIN + '  annotations = { "d/e" = "f" }\n'))
        change, run = self.workspace.change(ADDRESS)
        self.assertEqual({"annotations": (None, {"d/e": "f"})}, change)
        self.assertEqual("", run.warning)
        self.apply()
        self.assertEqual({"a/b": "c", "d/e": "f"}, self.spec()["template"]["metadata"]["annotations"])
        self.assertEqual({"theirs": "x"}, self.spec()["template"]["metadata"]["labels"])
        self.assertEqual(5, self.spec()["weight"])
        self.assert_empty()
        self.configure(resource(self.name, PLAIN + '  annotations = { "d/e" = "f" }\n  weight = 6\n'))
        self.fails(self.workspace.apply(), '"argo"', ".spec.weight", "force_conflicts")

    def test_labels_of_the_template_are_one_value(self):
        """Karpenter's definition makes the map atomic: who adds a label there has taken all of it."""
        for more, left in (('  labels = { team = "ml" }\n', {"team": "ml"}), ("  sharing {\n  }\n", {"nvidia.com/gpu.present": "true"})):
            with self.subTest(more):
                self.configure(resource(self.name, PLAIN + more))
                self.apply()
                self.patch({"spec": {"template": {"metadata": {"labels": {"theirs": "x"}}}}}, "merge", "argo")
                run = self.assert_planned(ADDRESS, "update")
                self.assert_has(run.warning, "argo", ".spec.template.metadata.labels")
                self.apply()
                self.assertEqual(left, self.spec()["template"]["metadata"]["labels"])
                self.assert_empty()

    def test_disappears_and_exists(self):
        self.configure(resource(self.name))
        self.apply()
        self.kubectl("delete", "nodepools.karpenter.sh", self.name)
        self.assert_planned(ADDRESS, "create")
        self.apply()
        self.patch({"spec": {"weight": 7}}, "merge", "argo")
        (self.workspace.folder / "terraform.tfstate").unlink()
        self.fails(self.workspace.apply(), "import", f"sandbox:{self.name}@us-east-1")
        self.configure(resource(self.name, PLAIN + "  adopt = true\n"))
        self.apply()
        self.assert_empty()

    def test_delete_waits_for_finalizers_and_names_them(self):
        self.configure(resource(self.name, PLAIN + '  timeouts {\n    delete = "2s"\n  }\n'))
        self.apply()
        self.patch({"metadata": {"finalizers": ["example.com/hold"]}}, "merge", "holder")
        self.fails(self.workspace.destroy(), "example.com/hold", "timeouts")
        self.assertIsNotNone(self.workspace.instance(ADDRESS))
        release = threading.Timer(
            1, lambda: self.patch([{"op": "remove", "path": "/metadata/finalizers"}])
        )
        release.start()
        self.addCleanup(release.join)
        self.destroy()
        self.assertIsNone(self.pool())

    def test_delete_waits_for_node_claims(self):
        self.configure(resource(self.name))
        self.apply()
        claim = {
            "apiVersion": "karpenter.sh/v1",
            "kind": "NodeClaim",
            "metadata": {"name": f"{self.name[:50]}-claim", "labels": {"karpenter.sh/nodepool": self.name}},
            "spec": {
                "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "default"},
                "requirements": [{"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]}],
            },
        }
        self.kubectl("create", "-f", "-", given=json.dumps(claim))
        process = self.workspace.start("destroy", "-json", "-auto-approve", "-input=false")
        self.addCleanup(process.kill)
        wait_until(lambda: self.pool() is None, what="the end of the pool")
        with self.assertRaises(Exception, msg="the destroy did not wait for the claim"):
            process.wait(1.5)
        self.kubectl("delete", "nodeclaims.karpenter.sh", claim["metadata"]["name"])
        output, errors = process.communicate(timeout=60)
        self.assertEqual(0, process.returncode, output + errors)


class NodePoolBadInput(NodePoolScenario):
    """What the definition or Karpenter would refuse is refused at plan."""

    def bodies(self):
        """Wrong bodies and what the error has to say."""

        def disruption(text):
            return PLAIN + f"  disruption {{\n{text}  }}\n"

        def budget(text):
            return disruption(f'    consolidate_after = "1m"\n    budget {{\n{text}    }}\n')

        return {
            "instance_type": (CLASS + requirement("instance-type", "In", "p4d.24xlarge"), "node.kubernetes.io/instance-type"),
            "restricted": (CLASS + requirement("karpenter.sh/initialized", "In", "true"), "karpenter.sh/capacity-type"),
            "aws": (CLASS + requirement("karpenter.k8s.aws/instance-famly", "In", "p3"), "karpenter.k8s.aws/instance-family"),
            "hostname": (CLASS + requirement("kubernetes.io/hostname", "In", "a"), "hostname"),
            "in": (CLASS + requirement("kubernetes.io/arch", "In"), "at least one value"),
            "gt": (CLASS + requirement("karpenter.k8s.aws/instance-gpu-count", "Gt", "a"), "whole number"),
            "exists": (CLASS + requirement("kubernetes.io/arch", "Exists", "amd64"), "takes no values"),
            "operator": (CLASS + requirement("kubernetes.io/arch", "in", "amd64"), "`In`"),
            "min_values": (CLASS + requirement("kubernetes.io/arch", "In", "amd64", more="    min_values = 2\n"), "min_values"),
            "many": (CLASS + requirement("kubernetes.io/arch", "In", "amd64", more="    min_values = 51\n"), "50"),
            "capacity": (CLASS + requirement("karpenter.sh/capacity-type", "In", "ondemand"), "on-demand"),
            "no_requirement": (CLASS, "requirement"),
            "no_class": (FAMILY, "node_class_ref"),
            "empty_kind": (PLAIN.replace("    name", '    kind = ""\n    name', 1), "1"),
            "expire": (PLAIN + '  expire_after = "1.5h"\n', "720h"),
            "weight": (PLAIN + "  weight = 101\n", "100"),
            "limits": (PLAIN + '  limits = { cpu = "many" }\n', "quantity"),
            "static_weight": (PLAIN + "  replicas = 1\n  weight = 1\n", "weight"),
            "static_limits": (PLAIN + '  replicas = 1\n  limits = { cpu = "1" }\n', "nodes"),
            "schedule": (budget('      schedule = "0 9 * * *"\n'), "duration"),
            "cron": (budget('      schedule = "often"\n      duration = "1h"\n'), "schedule"),
            "budget_nodes": (budget('      nodes = "101%"\n'), "100%"),
            "budget_seconds": (budget('      schedule = "@daily"\n      duration = "30s"\n'), "minutes"),
            "after": (disruption('    consolidate_after = "soon"\n'), "duration"),
            "no_after": (disruption('    consolidation_policy = "WhenEmpty"\n'), "consolidate_after"),
            "taint": (PLAIN.replace("NoSchedule", "NoScedule"), "NoSchedule"),
            "taint_twice": (PLAIN + TAINT, "twice"),
            "label": (PLAIN + '  labels = { "karpenter.sh/nodepool" = "x" }\n', "karpenter.sh/nodepool"),
            "label_host": (PLAIN + '  labels = { "kubernetes.io/hostname" = "x" }\n', "kubernetes.io/hostname"),
            "label_aws": (PLAIN + '  labels = { "karpenter.k8s.aws/mine" = "x" }\n', "karpenter.k8s.aws"),
            "label_twice": (
                PLAIN + '  labels = { "nvidia.com/device-plugin.config" = "x" }\n  sharing {\n    config_key = "y"\n  }\n',
                "config_key",
            ),
            "misspelt": (PLAIN.replace("operator", "oprator"), "Unsupported argument"),
            "misspelt_deep": (budget('      node = "1"\n'), "Unsupported argument"),
            "misspelt_sharing": (PLAIN + '  sharing {\n    configkey = "any"\n  }\n', "Unsupported argument"),
            "misspelt_root": (PLAIN + '  expire_afer = "1h"\n', "Unsupported argument"),
        }

    def test_each_mistake_is_named(self):
        bodies = self.bodies()
        self.configure("".join(resource(f"p-{label.replace('_', '-')}", body, label) for label, (body, _) in bodies.items()))
        found = self.workspace.validate()
        for label, (_, wanted) in bodies.items():
            with self.subTest(label):
                messages = [one for one in found.get(f"gpushare_karpenter_node_pool.{label}", []) if one.startswith("error")]
                self.assertTrue(any(wanted in one for one in messages), f"{wanted!r} not in {messages}")

    def test_what_the_definition_takes_is_not_refused(self):
        self.configure(resource(self.name, FULL) + resource(self.name, PLAIN, "plain"))
        self.assertEqual({}, self.workspace.validate())
