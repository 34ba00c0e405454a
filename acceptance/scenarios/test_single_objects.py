"""Resources that are one object each, or a part of one: EC2NodeClass, DRA's kinds, ClusterPolicy."""

import json
from pathlib import Path

from scenarios.scenario import Scenario

CRD = Path(__file__).resolve().parents[1] / "testdata" / "clusterpolicy-crd.yaml"
NODE_CLASS = """resource "gpushare_karpenter_ec2_node_class" "this" {{
  name = "{name}"
  role = "node"
  ami_selector_term {{
    alias = "bottlerocket@latest"
  }}
  subnet_selector_term {{
    id = "subnet-0123456789abcdef0"
  }}
  security_group_selector_term {{
    name = "nodes"
  }}
  bottlerocket_settings {{
    time_slicing {{
      replicas = {replicas}
    }}
  }}
}}
"""
CLAIM = """resource "gpushare_dra_{kind}" "this" {{
  name = "{name}"
  request {{
    name              = "gpu"
    device_class_name = "gpu.nvidia.com"
    {more}
  }}
  config {{
    sharing {{
      strategy = "TimeSlicing"
      time_slicing_config {{
        interval = "Long"
      }}
    }}
  }}
}}
"""
DEVICE_CLASS = """resource "gpushare_dra_device_class" "this" {{
  name = "{name}"
  selector {{
    expression = "device.attributes['gpu.nvidia.com'].profile == '{profile}'"
  }}
}}
"""
SETTINGS = """resource "gpushare_gpu_operator_settings" "this" {{
  name                 = "{name}"
  device_plugin_config = "time-slicing"
  default_config       = "any"
  {more}
}}
"""


class SingleObject(Scenario):
    """What the scenarios below share."""

    kind = address = namespace = None

    def setUp(self):
        super().setUp()
        where = ["-n", self.namespace] if self.namespace else []
        self.addCleanup(
            self.kubectl, "delete", self.kind, self.name, *where, "--ignore-not-found", "--wait=false", check=False
        )

    def object(self):
        """The live object, or None."""
        return self.live(self.kind, self.name, self.namespace)

    def patch_by(self, manager, patch):
        """A merge patch by another manager."""
        where = ["-n", self.namespace] if self.namespace else []
        arguments = [*where, "--type=merge", f"--field-manager={manager}", "-p", json.dumps(patch)]
        self.kubectl("patch", self.kind, self.name, *arguments)

    def live_through(self, identifier):
        """Created: empty plan, import, empty plan, destroyed."""
        self.apply()
        self.assert_empty()
        other = self.new_workspace()
        other.write(self.workspace_text)
        self.assertEqual(0, other.take_in(self.address, identifier).code)
        run = other.plan()
        self.assertEqual(0, run.code, self.shown(run))
        self.destroy()
        self.assertIsNone(self.object())

    def configure(self, text, **more):
        """Keeps the text for a second workspace."""
        self.workspace_text = text
        super().configure(text, **more)


class NodeClassLife(SingleObject):
    """karpenter_ec2_node_class."""

    kind = "ec2nodeclasses.karpenter.k8s.aws"
    address = "gpushare_karpenter_ec2_node_class.this"

    def test_life(self):
        self.configure(NODE_CLASS.format(name=self.name, replicas=10))
        self.live_through(self.name)

    def test_drift_and_update(self):
        self.configure(NODE_CLASS.format(name=self.name, replicas=10))
        self.apply()
        self.patch_by("hand", {"spec": {"userData": "[settings.motd]\n", "detailedMonitoring": True}})
        run = self.assert_planned(self.address, "update")
        self.assert_has(run.warning, ".spec.userData", "hand")
        self.apply()
        self.assert_has(self.object()["spec"]["userData"], "replicas = 10")
        self.assertTrue(self.object()["spec"]["detailedMonitoring"])
        self.configure(NODE_CLASS.format(name=self.name, replicas=4))
        self.apply()
        self.assert_has(self.object()["spec"]["userData"], "replicas = 4")
        self.assert_empty()


class DeviceClassLife(SingleObject):
    """dra_device_class."""

    kind = "deviceclasses.resource.k8s.io"
    address = "gpushare_dra_device_class.this"

    def test_life(self):
        self.configure(DEVICE_CLASS.format(name=self.name, profile="1g.5gb"))
        self.live_through(self.name)

    def test_update_in_place(self):
        self.configure(DEVICE_CLASS.format(name=self.name, profile="1g.5gb"))
        self.apply()
        uid = self.object()["metadata"]["uid"]
        self.configure(DEVICE_CLASS.format(name=self.name, profile="2g.10gb"))
        self.apply()
        self.assertEqual(uid, self.object()["metadata"]["uid"])
        self.assert_has(json.dumps(self.object()["spec"]), "2g.10gb")
        self.assert_empty()


class ClaimLife(SingleObject):
    """dra_resource_claim: what it asks for cannot be changed."""

    kind = "resourceclaims.resource.k8s.io"
    resource = "resource_claim"
    namespace = "default"
    address = "gpushare_dra_resource_claim.this"

    def test_life(self):
        self.configure(CLAIM.format(kind=self.resource, name=self.name, more=""))
        self.live_through(f"default/{self.name}")

    def test_change_makes_a_new_one(self):
        self.configure(CLAIM.format(kind=self.resource, name=self.name, more=""))
        self.apply()
        uid = self.object()["metadata"]["uid"]
        self.configure(CLAIM.format(kind=self.resource, name=self.name, more="count = 2"))
        self.apply()
        self.assertNotEqual(uid, self.object()["metadata"]["uid"])
        self.assert_empty()

    def test_saying_what_is_filled_in_keeps_it(self):
        self.configure(CLAIM.format(kind=self.resource, name=self.name, more=""))
        self.apply()
        uid = self.object()["metadata"]["uid"]
        self.configure(CLAIM.format(kind=self.resource, name=self.name, more="count = 1"))
        self.apply()
        self.assertEqual(uid, self.object()["metadata"]["uid"])
        self.assert_empty()


class TemplateLife(ClaimLife):
    """dra_resource_claim_template."""

    kind = "resourceclaimtemplates.resource.k8s.io"
    resource = "resource_claim_template"
    address = "gpushare_dra_resource_claim_template.this"


class OperatorSettingsLife(SingleObject):
    """gpu_operator_settings: some fields of an object that a chart makes."""

    kind = "clusterpolicies.nvidia.com"
    address = "gpushare_gpu_operator_settings.this"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kubectl("apply", "--server-side", "-f", str(CRD))
        cls.kubectl("wait", "--for=condition=Established", "--timeout=30s", "crd/clusterpolicies.nvidia.com")

    def make_policy(self):
        """The ClusterPolicy as a chart makes it."""
        spec = {"mig": {"strategy": "single"}, "devicePlugin": {"enabled": True}}
        policy = {"apiVersion": "nvidia.com/v1", "kind": "ClusterPolicy", "metadata": {"name": self.name}, "spec": spec}
        self.kubectl("create", "--field-manager=helm", "-f", "-", given=json.dumps(policy))

    def settings(self, more=""):
        """The resource with more arguments."""
        return SETTINGS.format(name=self.name, more=more)

    def test_absent(self):
        self.configure(self.settings())
        self.fails(self.workspace.apply(), "No such object", "depends_on")
        self.assertIsNone(self.object())

    def test_life(self):
        self.make_policy()
        before = self.object()["spec"]
        self.configure(self.settings())
        self.apply()
        self.assert_empty()
        self.assertEqual({"name": "time-slicing", "default": "any"}, self.object()["spec"]["devicePlugin"]["config"])
        self.patch_by("hand", {"spec": {"devicePlugin": {"config": {"default": "other"}}}})
        self.assert_planned(self.address, "update")
        self.apply()
        self.assertEqual("any", self.object()["spec"]["devicePlugin"]["config"]["default"])
        self.destroy()
        self.assertEqual(before, self.object()["spec"])

    def test_conflict(self):
        self.make_policy()
        self.configure(self.settings('mig_strategy = "mixed"'))
        self.fails(self.workspace.apply(), ".spec.mig.strategy", "helm", "force_conflicts")
        self.configure(self.settings('mig_strategy = "mixed"\n  force_conflicts = true'))
        self.apply()
        self.assertEqual("mixed", self.object()["spec"]["mig"]["strategy"])
        self.assert_empty()
