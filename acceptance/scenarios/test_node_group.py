"""node_group: its life against an EKS API that obeys the service model."""

import signal
import time

from scenarios.scenario import ROLE, SUBNETS, Scenario, wait_until
from scenarios.workspace import CLUSTER

ADDRESS = "gpushare_node_group.this"
SCALING = "  scaling_config {\n    min_size     = 1\n    max_size     = 3\n    desired_size = 1\n  }\n"
TYPES = '  instance_types = ["p3.8xlarge"]\n'
PLAIN = TYPES + SCALING
SHARED = PLAIN + '  sharing {\n    config_key = "any"\n  }\n'


def resource(name, body=PLAIN, label="this"):
    """A node group; NAME may be a line of its own."""
    named = name if "=" in name else f'node_group_name = "{name}"'
    head = f'resource "gpushare_node_group" "{label}" {{\n  {named}\n  node_role_arn = "{ROLE}"\n'
    return f"{head}  subnet_ids = {SUBNETS}\n{body}}}\n"


def taint(effect, key="nvidia.com/gpu", value="true"):
    """A taint block."""
    return f'  taint {{\n    key = "{key}"\n    value = "{value}"\n    effect = "{effect}"\n  }}\n'


class NodeGroupScenario(Scenario):
    """What scenarios about node groups share; the EKS API is their own."""

    own_cloud = True

    def setUp(self):
        super().setUp()
        self.name = self.name[-60:].lstrip("-")
        self.cloud.settings(create_seconds=0.05, update_seconds=0.05, delete_seconds=0.05, looks=0)

    def group(self, name=None):
        """The node group as the API has it, or None."""
        return self.cloud.group(name or self.name)

    def made(self, body=PLAIN):
        """Creates a node group and forgets the requests that it took."""
        self.configure(resource(self.name, body))
        run = self.apply()
        self.cloud.forget_requests()
        return run

    def updated(self, body, *operations):
        """Applies a new body and returns the bodies of the requests that it took."""
        self.configure(resource(self.name, body))
        self.assert_planned(ADDRESS, "update")
        self.cloud.forget_requests()
        self.apply()
        sent = [one for one in self.cloud.requests() if one["method"] in ("POST", "DELETE")]
        self.assertEqual(list(operations), [one["operation"] for one in sent])
        self.assert_empty()
        bodies = [one["body"] or one["target"] for one in sent]
        for body in bodies:
            if isinstance(body, dict):
                body.pop("clientRequestToken", None)
        return bodies


class NodeGroupLife(NodeGroupScenario):
    """Create, update by each call, replace, destroy."""

    def test_create_with_defaults_and_destroy(self):
        self.configure(resource(self.name, SHARED + '  labels = { "eks-node" = "gpu" }\n' + taint("NO_SCHEDULE")))
        self.apply()
        group = self.group()
        self.assertEqual("AL2023_x86_64_NVIDIA", group["amiType"])
        self.assertEqual(["p3.8xlarge"], group["instanceTypes"])
        self.assertEqual({"minSize": 1, "maxSize": 3, "desiredSize": 1}, group["scalingConfig"])
        self.assertEqual(
            {"eks-node": "gpu", "nvidia.com/gpu.present": "true", "nvidia.com/device-plugin.config": "any"},
            group["labels"],
        )
        self.assertEqual([{"key": "nvidia.com/gpu", "value": "true", "effect": "NO_SCHEDULE"}], group["taints"])
        state = self.workspace.attributes(ADDRESS)
        self.assertEqual(("ACTIVE", "v100", 4), (state["status"], state["gpu"], state["gpus_per_node"]))
        self.assertEqual(group["nodegroupArn"], state["arn"])
        self.assertEqual([group["resources"]["autoScalingGroups"][0]["name"]], state["autoscaling_group_names"])
        self.assertEqual((group["version"], group["releaseVersion"]), (state["version"], state["release_version"]))
        self.assertEqual(20, state["disk_size"])
        self.assertEqual({"eks-node": "gpu"}, state["labels"])
        self.assert_empty()
        run = self.workspace.plan("-refresh-only")
        self.assertEqual((0, {}), (run.code, run.drift), str(run))
        self.configure(resource(self.name, SHARED + '  labels = { "eks-node" = "gpu" }\n' + taint("NoSchedule")))
        self.assert_empty()
        self.destroy()
        self.assertIsNone(self.group())

    def test_every_argument(self):
        body = (
            '  instance_types = ["p4d.24xlarge", "p4de.24xlarge"]\n  ami_type = "AL2023_x86_64_NVIDIA"\n'
            '  capacity_type = "SPOT"\n  disk_size = 100\n  version = "1.33"\n  release_version = "1.33.1-20261001"\n'
            + SCALING
            + '  update_config {\n    max_unavailable_percentage = 50\n    update_strategy = "MINIMAL"\n  }\n'
            '  remote_access {\n    ec2_ssh_key = "key"\n    source_security_group_ids = ["sg-0123456789abcdef0"]\n  }\n'
            "  node_repair_config {\n    enabled = true\n    max_parallel_nodes_repaired_count = 1\n"
            '    override {\n      node_monitoring_condition = "AcceleratedHardwareReady"\n'
            '      node_unhealthy_reason = "NvidiaXID64Error"\n      min_repair_wait_time_mins = 10\n'
            '      repair_action = "Replace"\n    }\n  }\n'
            "  warm_pool_config {\n    min_size = 1\n    reuse_on_scale_in = true\n  }\n"
            '  tags = { team = "ml" }\n  labels = { a = "b" }\n  sharing {\n    mig_layout = "all-1g.5gb"\n  }\n'
            '  timeouts {\n    create = "1m"\n    delete = "1m"\n  }\n'
        )
        self.made(body)
        group = self.group()
        self.assertEqual({"maxUnavailablePercentage": 50, "updateStrategy": "MINIMAL"}, group["updateConfig"])
        self.assertEqual("Replace", group["nodeRepairConfig"]["nodeRepairConfigOverrides"][0]["repairAction"])
        self.assertEqual(1, group["warmPoolConfig"]["minSize"])
        self.assertEqual({"ec2SshKey": "key", "sourceSecurityGroups": ["sg-0123456789abcdef0"]}, group["remoteAccess"])
        self.assertEqual("all-1g.5gb", group["labels"]["nvidia.com/mig.config"])
        self.assertEqual((100, "1.33.1-20261001"), (group["diskSize"], group["releaseVersion"]))
        self.assert_empty()
        (self.workspace.folder / "terraform.tfstate").unlink()
        run = self.workspace.take_in(ADDRESS, f"sandbox:{self.name}")
        self.assertEqual(0, run.code, str(run))
        plan = self.workspace.plan()
        changed = {name: what for name, what in plan.changes.items() if what != "noop"}
        self.assertIn(changed, ({}, {ADDRESS: "update"}), f"only timeouts may differ: {plan}")
        self.apply()
        self.assertEqual([], self.cloud.requests("UpdateNodegroupConfig", "UpdateNodegroupVersion", "TagResource"))
        self.assert_empty()

    def test_config_updates_are_deltas(self):
        self.made(PLAIN + '  labels = { a = "1", b = "2", c = "3" }\n' + taint("NO_SCHEDULE") + taint("NO_EXECUTE", "x", "1"))
        body = (
            PLAIN.replace("max_size     = 3", "max_size     = 5")
            + '  labels = { a = "1", b = "3", d = "4" }\n'
            + taint("NO_SCHEDULE", value="yes")
        )
        (sent,) = self.updated(body, "UpdateNodegroupConfig")
        self.assertEqual({"addOrUpdateLabels": {"b": "3", "d": "4"}, "removeLabels": ["c"]}, sent["labels"])
        self.assertEqual(
            {
                "addOrUpdateTaints": [{"key": "nvidia.com/gpu", "value": "yes", "effect": "NO_SCHEDULE"}],
                "removeTaints": [{"key": "x", "value": "1", "effect": "NO_EXECUTE"}],
            },
            sent["taints"],
        )
        self.assertEqual({"minSize": 1, "maxSize": 5, "desiredSize": 1}, sent["scalingConfig"])
        self.assertEqual({"labels", "taints", "scalingConfig"}, set(sent))
        (sent,) = self.updated(body + '  sharing {\n    config_key = "any"\n  }\n', "UpdateNodegroupConfig")
        self.assertEqual(
            {"addOrUpdateLabels": {"nvidia.com/gpu.present": "true", "nvidia.com/device-plugin.config": "any"}},
            sent["labels"],
        )
        self.assertEqual({"labels"}, set(sent))
        (sent,) = self.updated(PLAIN.replace("max_size     = 3", "max_size     = 5"), "UpdateNodegroupConfig")
        self.assertEqual({}, self.group()["labels"])
        self.assertEqual([], self.group()["taints"])

    def test_defaults_return(self):
        body = PLAIN + "  update_config {\n    max_unavailable = 2\n  }\n"
        self.made(body)
        self.updated(PLAIN + '  update_config {\n    update_strategy = "MINIMAL"\n  }\n', "UpdateNodegroupConfig")
        self.assertEqual({"maxUnavailable": 1, "updateStrategy": "MINIMAL"}, self.group()["updateConfig"])
        self.updated(PLAIN, "UpdateNodegroupConfig")
        self.assertEqual({"maxUnavailable": 1, "updateStrategy": "DEFAULT"}, self.group()["updateConfig"])
        percentage = "  update_config {\n    max_unavailable_percentage = 50\n  }\n"
        self.updated(PLAIN + percentage, "UpdateNodegroupConfig")
        self.assertEqual({"maxUnavailablePercentage": 50, "updateStrategy": "DEFAULT"}, self.group()["updateConfig"])
        self.updated(PLAIN + "  update_config {\n    update_strategy = \"DEFAULT\"\n  }\n", "UpdateNodegroupConfig")
        self.assertEqual({"maxUnavailable": 1, "updateStrategy": "DEFAULT"}, self.group()["updateConfig"])

    def test_version_update(self):
        self.made(PLAIN + '  version = "1.33"\n')
        self.configure(resource(self.name, PLAIN + '  version = "1.34"\n'))
        change, _ = self.workspace.change(ADDRESS)
        self.assertEqual(("1.33", "1.34"), change["version"])
        self.assertEqual(("1.33.1-20261101", "(unknown)"), change["release_version"])
        (sent,) = self.updated(PLAIN + '  version = "1.34"\n', "UpdateNodegroupVersion")
        self.assertEqual({"version": "1.34"}, sent)
        self.assertEqual("1.34.1-20261101", self.workspace.attributes(ADDRESS)["release_version"])
        (sent,) = self.updated(
            PLAIN + '  version = "1.34"\n  release_version = "1.34.1-20261001"\n  force_update_version = true\n',
            "UpdateNodegroupVersion",
        )
        self.assertEqual("1.34.1-20261001", sent["releaseVersion"])
        self.assertIs(True, sent["force"])

    def test_tags_by_their_own_calls(self):
        provider = 'provider "gpushare" {\n  cluster_name = "sandbox"\n  default_tags = { team = "ml", env = "dev" }\n}\n'
        self.configure(resource(self.name, PLAIN + '  tags = { env = "prod", a = "1" }\n'), provider)
        self.apply()
        self.assertEqual({"team": "ml", "env": "prod", "a": "1"}, self.group()["tags"])
        self.assertEqual({"team": "ml", "env": "prod", "a": "1"}, self.workspace.attributes(ADDRESS)["tags_all"])
        self.assert_empty()
        self.cloud.forget_requests()
        self.configure(resource(self.name, PLAIN + '  tags = { b = "2" }\n'), provider)
        self.apply()
        self.assertEqual({"team": "ml", "env": "dev", "b": "2"}, self.group()["tags"])
        sent = [one["operation"] for one in self.cloud.requests() if one["method"] in ("POST", "DELETE")]
        self.assertEqual({"TagResource", "UntagResource"}, set(sent))
        self.assert_empty()
        self.configure(resource(self.name, PLAIN), provider.replace('"ml"', '"web"'))
        change, _ = self.workspace.change(ADDRESS)
        self.assertEqual(("ml", "web"), change["tags_all.team"])
        self.apply()
        self.assertEqual({"team": "web", "env": "dev"}, self.group()["tags"])
        self.cloud.change_group(self.name, tags={"team": "web", "env": "dev", "foreign": "x"})
        self.configure(resource(self.name, PLAIN), provider.replace('"ml"', '"web"'))
        self.assert_empty()
        self.configure(resource(self.name, PLAIN), provider.replace('"ml"', '"ai"'))
        self.apply()
        self.assertEqual({"team": "ai", "env": "dev", "foreign": "x"}, self.group()["tags"])

    def test_ignored_tags_are_not_imported(self):
        self.made()
        self.cloud.change_group(self.name, tags={"team": "ml", "cost-x": "1", "cost-y": "2"})
        provider = 'provider "gpushare" {\n  cluster_name = "sandbox"\n  ignore_tags {\n    key_prefixes = ["cost-"]\n  }\n}\n'
        for head, changed in ((provider, []), (CLUSTER, ["tags.cost-x", "tags.cost-y"])):
            with self.subTest(changed):
                (self.workspace.folder / "terraform.tfstate").unlink()
                self.configure(resource(self.name, PLAIN + '  tags = { team = "ml" }\n'), head)
                run = self.workspace.take_in(ADDRESS, f"sandbox:{self.name}")
                self.assertEqual(0, run.code, str(run))
                change, _ = self.workspace.change(ADDRESS)
                self.assertEqual(changed, sorted(path for path in change if path.startswith("tags.")))

    def test_replace(self):
        self.made()
        first = self.group()["nodegroupArn"]
        self.configure(resource(self.name, PLAIN.replace("p3.8xlarge", "p3.2xlarge")))
        change, _ = self.workspace.change(ADDRESS)
        self.assertEqual(("p3.8xlarge", "p3.2xlarge"), change["instance_types[0]"])
        self.assertEqual((4, 1), change["gpus_per_node"])
        self.assert_planned(ADDRESS, "replace")
        self.apply()
        self.assertNotEqual(first, self.group()["nodegroupArn"])
        self.assert_empty()

    def test_names_are_generated_from_a_prefix(self):
        self.configure(resource('node_group_name_prefix = "pre-"') + resource("labels = {}", PLAIN, "other"))
        self.apply()
        name = self.workspace.attributes(ADDRESS)["node_group_name"]
        self.assertTrue(name.startswith("pre-") and len(name) > 10, name)
        self.assertIsNotNone(self.group(name))
        other = self.workspace.attributes("gpushare_node_group.other")["node_group_name"]
        self.assertIsNotNone(self.group(other))
        self.assert_empty()
        self.configure(resource('node_group_name_prefix = "other-"') + resource("labels = {}", PLAIN, "other"))
        self.assert_planned(ADDRESS, "replace")

    def test_launch_template_by_name(self):
        def body(version, more=""):
            return SCALING + TYPES + f'  launch_template {{\n    name = "sandbox"\n    version = "{version}"\n{more}  }}\n'

        self.made(body("1"))
        self.assertEqual("lt-0123456789abcdef0", self.workspace.attributes(ADDRESS)["launch_template"]["id"])
        self.assert_empty()
        (sent,) = self.updated(body("2"), "UpdateNodegroupVersion")
        self.assertEqual("2", sent["launchTemplate"]["version"])
        self.assertEqual("2", self.group()["launchTemplate"]["version"])
        self.configure(resource(self.name, PLAIN))
        self.assert_planned(ADDRESS, "replace")

    def test_launch_template_with_an_image(self):
        body = SCALING + TYPES + '  launch_template {\n    id = "lt-0123456789abcdef1"\n    version = "1"\n  }\n  ami_type = "CUSTOM"\n'
        self.made(body)
        self.assertEqual("CUSTOM", self.group()["amiType"])
        self.assert_empty()


class NodeGroupOthers(NodeGroupScenario):
    """What others do to a node group: autoscaler, console, deletion, import."""

    def test_an_autoscaler_keeps_its_number(self):
        body = PLAIN + '  desired_size_managed_by = "autoscaler"\n'
        self.made(body)
        self.cloud.change_group(self.name, scalingConfig={"minSize": 1, "maxSize": 3, "desiredSize": 3})
        self.assert_empty()
        run = self.workspace.plan("-refresh-only")
        self.assertEqual({}, run.drift, str(run))
        (sent,) = self.updated(body.replace("max_size     = 3", "max_size     = 6"), "UpdateNodegroupConfig")
        self.assertEqual({"minSize": 1, "maxSize": 6}, sent["scalingConfig"])
        self.assertEqual(3, self.group()["scalingConfig"]["desiredSize"])

    def test_terraform_takes_its_number_back(self):
        self.made()
        self.cloud.change_group(self.name, scalingConfig={"minSize": 1, "maxSize": 3, "desiredSize": 3})
        change, _ = self.workspace.change(ADDRESS)
        change.pop("status", None)
        self.assertEqual({"scaling_config.desired_size": (3, 1)}, change)
        self.apply()
        self.assertEqual(1, self.group()["scalingConfig"]["desiredSize"])
        self.assert_empty()

    def test_drift_of_labels_and_taints(self):
        self.made(SHARED + '  labels = { a = "1" }\n' + taint("NO_SCHEDULE"))
        self.cloud.change_group(
            self.name, labels={"a": "2", "nvidia.com/device-plugin.config": "other", "theirs": "x"}, taints=[]
        )
        change, _ = self.workspace.change(ADDRESS)
        self.assertEqual(("2", "1"), change["labels.a"])
        self.assertEqual(("other", "any"), change["sharing.config_key"])
        self.assertTrue(any(path.startswith("taint") for path in change), change)
        self.apply()
        labels = self.group()["labels"]
        self.assertEqual(("1", "any"), (labels["a"], labels["nvidia.com/device-plugin.config"]))
        self.assertEqual(1, len(self.group()["taints"]))
        self.assert_empty()

    def test_a_lost_sharing_label_comes_back(self):
        self.made(SHARED)
        labels = {**self.group()["labels"], "nvidia.com/gpu.present": None}
        self.cloud.change_group(self.name, labels=labels)
        if "nvidia.com/gpu.present" in self.group()["labels"]:
            self.group()["labels"].pop("nvidia.com/gpu.present")
        self.assert_planned(ADDRESS, "update")
        self.apply()
        self.assertEqual("true", self.group()["labels"]["nvidia.com/gpu.present"])
        self.assert_empty()

    def test_a_newer_release_is_no_drift_without_the_argument(self):
        self.made()
        self.cloud.change_group(self.name, releaseVersion="1.34.1-20261201")
        self.assert_empty()

    def test_disappears(self):
        self.made()
        self.cloud.remove_group(self.name)
        self.assert_planned(ADDRESS, "create")
        self.apply()
        self.cloud.remove_group(self.name)
        self.destroy()

    def test_import(self):
        self.made(SHARED + '  labels = { a = "1" }\n' + taint("NoSchedule") + '  tags = { team = "ml" }\n')
        for identifier in (f"sandbox:{self.name}", f"sandbox:{self.name}@us-east-1"):
            with self.subTest(identifier):
                (self.workspace.folder / "terraform.tfstate").unlink()
                run = self.workspace.take_in(ADDRESS, identifier)
                self.assertEqual(0, run.code, str(run))
                self.assert_empty()
        run = self.workspace.take_in("gpushare_node_group.absent", f"sandbox:{self.name}-absent")
        self.assertEqual(1, run.code, str(run))
        self.assertEqual([], self.cloud.requests("UpdateNodegroupConfig"))

    def test_exists_already(self):
        self.made()
        (self.workspace.folder / "terraform.tfstate").unlink()
        self.configure(resource(self.name, PLAIN + '  labels = { a = "1" }\n'))
        self.fails(self.workspace.apply(), "import", f"sandbox:{self.name}@us-east-1")
        self.assertIsNone(self.workspace.instance(ADDRESS))
        self.configure(resource(self.name, PLAIN))
        self.cloud.cloud.account.groups["sandbox"][self.name].token = None
        run = self.apply()
        self.assert_has(run.warning, "Adopted", self.name)
        self.assert_empty()


class NodeGroupFailures(NodeGroupScenario):
    """What goes wrong at EKS is told, and the state says what exists."""

    ISSUE = {"code": "AsgInstanceLaunchFailures", "message": "No capacity for p3.8xlarge.", "resourceIds": ["eks-x"]}

    def test_create_failed(self):
        self.cloud.settings(fail_create=self.ISSUE)
        self.configure(resource(self.name))
        self.fails(self.workspace.apply(), "AsgInstanceLaunchFailures", "No capacity for p3.8xlarge.", "CREATE_FAILED")
        self.assertEqual("tainted", self.workspace.instance(ADDRESS).get("status"))
        self.cloud.settings(fail_create=None)
        self.assert_planned(ADDRESS, "replace")
        self.apply()
        self.assertEqual("ACTIVE", self.group()["status"])
        self.assert_empty()

    def test_update_failed(self):
        self.made()
        self.cloud.settings(fail_update={"errorCode": "PodEvictionFailure", "errorMessage": "Pod a/b is held."})
        self.configure(resource(self.name, PLAIN.replace("max_size     = 3", "max_size     = 4")))
        self.fails(self.workspace.apply(), "PodEvictionFailure", "Pod a/b is held.")
        self.assertEqual(3, self.workspace.attributes(ADDRESS)["scaling_config"]["max_size"])
        self.cloud.settings(fail_update=None)
        self.apply()
        self.assertEqual(4, self.group()["scalingConfig"]["maxSize"])
        self.assert_empty()

    def test_half_an_update_is_in_the_state(self):
        self.made()
        self.cloud.fault(match="TagResource", kind="status", status=403, code="AccessDeniedException", count=0)
        self.configure(resource(self.name, PLAIN + '  labels = { a = "1" }\n  tags = { team = "ml" }\n'))
        self.fails(self.workspace.apply(), "AccessDeniedException", "eks:TagResource")
        state = self.workspace.attributes(ADDRESS)
        self.assertEqual(({"a": "1"}, {}), (state["labels"], state["tags_all"] or {}))
        self.assertNotEqual("tainted", self.workspace.instance(ADDRESS).get("status"))
        self.cloud.control("DELETE", "faults")
        change, _ = self.workspace.change(ADDRESS)
        self.assertNotIn("labels", change)
        self.apply()
        self.assertEqual({"team": "ml"}, self.group()["tags"])
        self.assert_empty()

    def test_delete_failed(self):
        self.made()
        issue = {"code": "NodeCreationFailure", "message": "Still in use.", "resourceIds": ["i-1"]}
        self.cloud.settings(fail_delete=issue)
        self.fails(self.workspace.destroy(), "Still in use.")
        self.assertIsNotNone(self.workspace.instance(ADDRESS))
        self.cloud.settings(fail_delete=None)
        self.destroy()
        self.assertIsNone(self.group())

    def test_create_takes_too_long(self):
        self.cloud.settings(create_seconds=30)
        self.configure(resource(self.name, PLAIN + '  timeouts {\n    create = "2s"\n  }\n'))
        began = time.monotonic()
        run = self.workspace.apply()
        self.assertLess(time.monotonic() - began, 15)
        self.fails(run, "ACTIVE", "timeouts", self.name)
        self.assertEqual("tainted", self.workspace.instance(ADDRESS).get("status"))
        self.assertEqual("CREATING", self.workspace.attributes(ADDRESS)["status"])
        self.cloud.settings(create_seconds=0)
        self.cloud.change_group(self.name, status="ACTIVE")
        self.destroy()
        self.assertIsNone(self.group())

    def test_interrupt_during_create(self):
        self.cloud.settings(create_seconds=60)
        self.configure(resource(self.name))
        process = self.workspace.start("apply", "-json", "-auto-approve", "-input=false")
        self.addCleanup(process.kill)
        wait_until(self.group, what="the node group")
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=60)
        took = time.monotonic() - began
        self.assertNotEqual(0, process.returncode, output + errors)
        self.assertLess(took, 10, output + errors)
        instance = self.workspace.instance(ADDRESS)
        self.assertIsNotNone(instance, output + errors)
        self.assertEqual(self.group()["nodegroupArn"], instance["attributes"]["arn"])
        self.cloud.change_group(self.name, status="ACTIVE")
        self.destroy()
        self.assertIsNone(self.group())

    def test_degraded_is_a_warning(self):
        self.made()
        self.cloud.change_group(self.name, status="DEGRADED", health={"issues": [self.ISSUE]})
        run = self.workspace.plan()
        self.assertEqual(0, run.code, str(run))

    def test_another_update_is_waited_for(self):
        self.made()
        self.cloud.fault(match="UpdateNodegroupConfig", kind="status", status=409, code="ResourceInUseException", count=1)
        self.configure(resource(self.name, PLAIN.replace("max_size     = 3", "max_size     = 4")))
        self.apply()
        self.assertEqual(4, self.group()["scalingConfig"]["maxSize"])


class NodeGroupFaults(NodeGroupScenario):
    """Whatever happens to a request or an answer, a run converges or says why, and nothing is made twice."""

    def converges(self, **fault):
        """Plays a fault through a whole life: create, read, update, delete."""
        self.cloud.fault(**{"count": 2, **fault})
        self.configure(resource(self.name))
        self.apply()
        self.assert_empty()
        self.configure(resource(self.name, PLAIN.replace("max_size     = 3", "max_size     = 4")))
        self.apply()
        self.assertEqual(4, self.group()["scalingConfig"]["maxSize"])
        self.destroy()
        self.assertIsNone(self.group())
        self.assertTrue(all(one["met"] for one in self.cloud.faults()), f"a fault was not met: {self.cloud.faults()}")
        tokens = {one["body"]["clientRequestToken"] for one in self.cloud.requests("CreateNodegroup")}
        self.assertEqual(1, len(tokens), "one create, one token")

    def test_throttled_everywhere(self):
        for operation in ("CreateNodegroup", "DescribeNodegroup", "UpdateNodegroupConfig", "DescribeUpdate", "DeleteNodegroup"):
            self.cloud.fault(match=operation, kind="status", status=429, code="ThrottlingException", count=1)
        self.converges(match="CreateNodegroup", kind="status", status=429, code="TooManyRequestsException", retry_after_ms=200)

    def test_broken_answers_everywhere(self):
        for operation, kind in (
            ("CreateNodegroup", "status"),
            ("DescribeNodegroup", "reset"),
            ("UpdateNodegroupConfig", "reset"),
            ("DescribeUpdate", "truncate"),
            ("DeleteNodegroup", "html"),
        ):
            self.cloud.fault(match=operation, kind=kind, count=1)
        self.converges(match="DescribeNodegroup", kind="slow", delay_s=0.3)

    def test_answers_lost_after_the_work_was_done(self):
        self.cloud.fault(match="CreateNodegroup", kind="reset", after=True, count=1)
        self.cloud.fault(match="UpdateNodegroupConfig", kind="status", status=500, after=True, count=1)
        self.cloud.fault(match="DeleteNodegroup", kind="reset", after=True, count=1)
        self.converges(match="DescribeNodegroup", kind="html", count=1)

    def test_errors_without_end_are_told(self):
        self.cloud.fault(match="CreateNodegroup", kind="status", status=500, code="ServerException", message="Broken.", count=0)
        provider = 'provider "gpushare" {\n  cluster_name = "sandbox"\n  max_retries = 1\n}\n'
        self.configure(resource(self.name), provider)
        self.fails(self.workspace.apply(), "ServerException", "Broken.", "eks:CreateNodegroup")
        self.assertEqual(2, len(self.cloud.requests("CreateNodegroup")))
        self.cloud.control("DELETE", "faults")
        for kind, wanted in (("html", "502"), ("reset", "connection"), ("truncate", "")):
            with self.subTest(kind):
                self.cloud.fault(match="CreateNodegroup", kind=kind, count=0)
                run = self.workspace.apply()
                self.assertEqual(1, run.code, str(run))
                self.assertIn(wanted, run.error.lower())
                self.assertNotIn("panic", run.told())
                self.cloud.control("DELETE", "faults")

    def test_refusals_are_not_repeated(self):
        self.cloud.fault(
            match="CreateNodegroup", kind="status", status=403, code="AccessDeniedException", message="Not you.", count=0
        )
        self.configure(resource(self.name))
        self.fails(self.workspace.apply(), "AccessDeniedException", "Not you.", "eks:CreateNodegroup")
        self.assertEqual(1, len(self.cloud.requests("CreateNodegroup")))
        self.assertIsNone(self.workspace.instance(ADDRESS))

    def test_failing_reads_remove_nothing(self):
        self.made()
        for status, code in ((403, "AccessDeniedException"), (400, "InvalidRequestException")):
            with self.subTest(code):
                self.cloud.fault(match="DescribeNodegroup", kind="status", status=status, code=code, count=0)
                self.fails(self.workspace.plan(), code)
                self.cloud.control("DELETE", "faults")
        self.assert_empty()
        self.destroy()


class NodeGroupBadInput(NodeGroupScenario):
    """Mistakes are found before EKS is asked."""

    def bodies(self):
        """Wrong bodies and what the error has to say."""
        return {
            "arm": (PLAIN.replace("p3.8xlarge", "g5g.xlarge") + '  ami_type = "AL2023_x86_64_NVIDIA"\n', "arm"),
            "no_driver": (PLAIN + '  ami_type = "AL2023_x86_64_STANDARD"\n', "AL2023_x86_64_NVIDIA"),
            "p2": (PLAIN.replace("p3.8xlarge", "p2.xlarge"), "p2"),
            "mixed": (PLAIN.replace('"p3.8xlarge"', '"g5.xlarge", "g5g.xlarge"'), "arm"),
            "sizes": (PLAIN.replace("min_size     = 1", "min_size     = 4"), "min_size"),
            "desired": (PLAIN.replace("desired_size = 1", "desired_size = 4"), "desired_size"),
            "zero": (PLAIN.replace("max_size     = 3", "max_size     = 0"), "1"),
            "template_disk": (
                PLAIN + '  disk_size = 50\n  launch_template {\n    name = "sandbox"\n    version = "1"\n  }\n',
                "launch_template",
            ),
            "template_two": (
                PLAIN + '  launch_template {\n    name = "a"\n    id = "lt-0123456789abcdef0"\n    version = "1"\n  }\n',
                "name",
            ),
            "template_none": (PLAIN + '  launch_template {\n    version = "1"\n  }\n', "name"),
            "no_types": (SCALING, "instance_types"),
            "no_scaling": (TYPES, "scaling_config"),
            "mig": (PLAIN + '  sharing {\n    mig_layout = "all-1g.5gb"\n  }\n', "MIG"),
            "label_twice": (SHARED + '  labels = { "nvidia.com/device-plugin.config" = "x" }\n', "config_key"),
            "taint": (PLAIN + taint("NoScedule"), "NoSchedule"),
            "taint_twice": (PLAIN + taint("NO_SCHEDULE") + taint("NoSchedule", value="x"), "twice"),
            "role": (PLAIN, "arn:aws:iam"),
            "managed": (PLAIN + '  desired_size_managed_by = "karpenter"\n', "autoscaler"),
            "update": (PLAIN + "  update_config {\n    max_unavailable = 1\n    max_unavailable_percentage = 5\n  }\n", "max_unavailable"),
            "both_names": (PLAIN + '  node_group_name_prefix = "a"\n', "node_group_name"),
            "tag": (PLAIN + '  tags = { "aws:x" = "y" }\n', "aws:"),
            "misspelt": (PLAIN + '  node_group_nam = "x"\n', "Unsupported argument"),
            "misspelt_deep": (PLAIN.replace("min_size", "minsize"), "Unsupported argument"),
            "misspelt_timeouts": (PLAIN + '  timeouts {\n    crate = "1m"\n  }\n', "Unsupported argument"),
        }

    def test_each_mistake_is_named(self):
        bodies = self.bodies()
        text = "".join(resource(f"g-{label}", body, label) for label, (body, _) in bodies.items())
        text = text.replace(
            f'"g-role"\n  node_role_arn = "{ROLE}"', '"g-role"\n  node_role_arn = "role/node"'
        )
        self.configure(text)
        found = self.workspace.validate()
        for label, (_, wanted) in bodies.items():
            with self.subTest(label):
                messages = [one for one in found.get(f"gpushare_node_group.{label}", []) if one.startswith("error")]
                self.assertTrue(any(wanted in one for one in messages), f"{wanted!r} not in {messages}")
        self.assertEqual([], self.cloud.requests())

    def test_an_unknown_type_is_a_warning(self):
        self.configure(resource(self.name, PLAIN.replace("p3.8xlarge", "p3.8xlarg") + '  ami_type = "AL2023_x86_64_NVIDIA"\n'))
        found = self.workspace.validate()
        (message,) = found[ADDRESS]
        self.assertTrue(message.startswith("warning"), message)
        self.assertIn("p3.8xlarge", message)
