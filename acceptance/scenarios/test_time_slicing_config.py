"""time_slicing_config: its life against a real API server."""

import json

from scenarios.scenario import Scenario

PLAIN = """  config {
    name     = "any"
    replicas = { "nvidia.com/gpu" = 10 }
  }
"""
ADDRESS = "gpushare_time_slicing_config.this"


def resource(name, body=PLAIN, label="this"):
    """A time_slicing_config of kube-system."""
    return f'resource "gpushare_time_slicing_config" "{label}" {{\n  name = "{name}"\n{body}}}\n'


def config_map(name, data, namespace="kube-system", **metadata):
    """A ConfigMap as someone writes it by hand."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": name, "namespace": namespace, **metadata},
            "data": data,
        }
    )


class ConfigMapScenario(Scenario):
    """What scenarios about ConfigMaps of kube-system share."""

    namespace = "kube-system"

    def map(self, name=None):
        """The live ConfigMap, or None."""
        return self.live("configmap", name or self.name, self.namespace)

    def data(self):
        """The live ConfigMap's data."""
        return self.map()["data"]

    def write_by_hand(self, data, **metadata):
        """Creates the ConfigMap as `kubectl create` would."""
        self.kubectl("create", "-f", "-", given=config_map(self.name, data, self.namespace, **metadata))

    def apply_by(self, manager, **members):
        """Server-side apply of some members by another manager."""
        document = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": self.name, "namespace": self.namespace, **members.pop("metadata", {})},
            **members,
        }
        self.kubectl(
            "apply", "--server-side", f"--field-manager={manager}", "-f", "-", given=json.dumps(document)
        )

    def patch_by(self, manager, patch):
        """A merge patch by another manager."""
        arguments = ["-n", self.namespace, "--type=merge", f"--field-manager={manager}", "-p", json.dumps(patch)]
        self.kubectl("patch", "configmap", self.name, *arguments)

    def remove_map(self):
        """Deletes the ConfigMap behind everybody's back."""
        self.kubectl("delete", "configmap", self.name, "-n", self.namespace)


class TimeSlicingLife(ConfigMapScenario):
    """Create, update, replace, defaults, destroy."""

    def test_create_update_replace_destroy(self):
        self.configure(resource(self.name))
        self.apply()
        live = self.map()
        self.assertEqual(["any"], list(live["data"]))
        self.assert_has(live["data"]["any"], "version: v1", "migStrategy: none", "timeSlicing:", "replicas: 10")
        self.assertEqual(["gpushare"], [one["manager"] for one in live["metadata"]["managedFields"]])
        state = self.workspace.attributes(ADDRESS)
        self.assertEqual(live["data"], state["rendered"])
        self.assertEqual({"any": {"nvidia.com/gpu": 10}}, state["advertised"])
        self.assertEqual(("sandbox", "us-east-1"), (state["cluster_name"], state["region"]))
        self.assert_empty()

        more = PLAIN.replace("10 }", "4 }\n    rename_by_default = true") + (
            '  config {\n    name = "a100"\n    mig_strategy = "mixed"\n'
            '    replicas = { "nvidia.com/mig-1g.5gb" = 3 }\n    fail_requests_greater_than_one = true\n  }\n'
            '  labels = { team = "ml" }\n'
        )
        self.configure(resource(self.name, more))
        self.assert_planned(ADDRESS, "update")
        self.apply()
        after = self.map()
        self.assertEqual(live["metadata"]["uid"], after["metadata"]["uid"])
        self.assert_has(after["data"]["any"], "replicas: 4", "renameByDefault: true")
        self.assert_has(after["data"]["a100"], "migStrategy: mixed", "nvidia.com/mig-1g.5gb", "failRequestsGreaterThanOne: true")
        self.assertEqual({"team": "ml"}, after["metadata"]["labels"])
        advertised = self.workspace.attributes(ADDRESS)["advertised"]
        self.assertEqual({"nvidia.com/gpu.shared": 4}, advertised["any"])
        self.assertEqual(3, advertised["a100"]["nvidia.com/mig-1g.5gb"])
        self.assert_empty()

        self.configure(resource(f"{self.name}-2", more))
        run = self.assert_planned(ADDRESS, "replace")
        self.apply()
        self.assertIsNone(self.map())
        self.assertIsNotNone(self.map(f"{self.name}-2"), str(run))
        self.assert_empty()
        self.destroy()
        self.assertIsNone(self.map(f"{self.name}-2"))

    def test_default_returns_when_its_argument_is_removed(self):
        single = PLAIN.replace("  replicas", '  mig_strategy = "single"\n    replicas', 1)
        self.configure(resource(self.name, single + '  labels = { a = "1", b = "2" }\n'))
        self.apply()
        self.assert_has(self.data()["any"], "migStrategy: single")
        self.configure(resource(self.name, PLAIN + '  labels = { b = "2" }\n'))
        change, _ = self.workspace.change(ADDRESS)
        self.assertEqual(("single", "none"), change["config[0].mig_strategy"])
        self.assertEqual(("1", None), change["labels.a"])
        self.apply()
        self.assert_has(self.data()["any"], "migStrategy: none")
        self.assertEqual({"b": "2"}, self.map()["metadata"]["labels"])
        self.assert_empty()

    def test_all_arguments_of_a_config(self):
        body = """  annotations = { "example.com/why" = "all of it" }
  config {
    name                              = "all"
    strategy                          = "mps"
    replicas                          = { "nvidia.com/gpu" = 8 }
    rename_by_default                 = false
    fail_on_init_error                = false
    mps_root                          = "/run/mps"
    nvidia_driver_root                = "/driver"
    nvidia_dev_root                   = "/dev-root"
    gdrcopy_enabled                   = true
    gds_enabled                       = false
    mofed_enabled                     = true
    use_node_feature_api              = true
    device_discovery_strategy         = "nvml"
    pass_device_specs                 = true
    device_list_strategy              = ["envvar", "cdi-cri"]
    device_id_strategy                = "index"
    cdi_annotation_prefix             = "cdi.example.com/"
    nvidia_ctk_path                   = "/usr/bin/nvidia-ctk"
    container_driver_root             = "/driver-root"
    gfd_oneshot                       = false
    gfd_no_timestamp                  = true
    gfd_sleep_interval                = "1m30s"
    gfd_output_file                   = "/etc/gfd"
    gfd_machine_type_file             = "/sys/machine"
  }
  config {
    name     = "whole"
    strategy = "none"
  }
"""
        self.configure(resource(self.name, body))
        self.apply()
        self.assert_has(self.data()["all"], "mps:", "1m30s", "cdi-cri", "/driver-root")
        self.assertNotIn("sharing", self.data()["whole"])
        self.assert_empty()
        self.configure(resource(self.name, body.replace('"1m30s"', '"90s"')))
        self.assert_empty()

    def test_dynamic_blocks_from_a_variable(self):
        text = f"""
variable "configs" {{
  type    = map(object({{ replicas = number, rename = optional(bool) }}))
  default = {{ any = {{ replicas = 10 }}, small = {{ replicas = 2, rename = true }} }}
}}
resource "gpushare_time_slicing_config" "this" {{
  name = "{self.name}"
  dynamic "config" {{
    for_each = var.configs
    content {{
      name              = config.key
      replicas          = {{ "nvidia.com/gpu" = config.value.replicas }}
      rename_by_default = config.value.rename
    }}
  }}
}}
"""
        self.configure(text)
        self.assertEqual({}, self.workspace.validate())
        self.apply()
        self.assertEqual({"any", "small"}, set(self.data()))
        self.assert_empty()
        variable = "configs={zebra={replicas=3},any={replicas=10}}"
        change, _ = self.workspace.change(ADDRESS, "-var", variable)
        self.assertIn("config", {path.split("[")[0] for path in change})
        self.apply("-var", variable)
        self.assertEqual({"any", "zebra"}, set(self.data()))
        self.assert_empty("-var", variable)

    def test_order_of_configs_is_the_configurations_own(self):
        blocks = [f'  config {{\n    name = "{name}"\n    replicas = {{ "nvidia.com/gpu" = 2 }}\n  }}\n' for name in "zma"]
        self.configure(resource(self.name, "".join(blocks)))
        self.apply()
        self.assert_empty()
        names = [one["name"] for one in self.workspace.attributes(ADDRESS)["config"]]
        self.assertEqual(["z", "m", "a"], names)

    def test_timeouts_in_state_only(self):
        self.configure(resource(self.name, PLAIN + '  timeouts {\n    create = "20s"\n    read   = "10s"\n  }\n'))
        self.apply()
        version = self.map()["metadata"]["resourceVersion"]
        self.assert_empty()
        self.configure(resource(self.name, PLAIN + '  timeouts {\n    create = "30s"\n  }\n'))
        self.assert_planned(ADDRESS, "update")
        self.apply()
        self.assert_empty()
        self.assertEqual(version, self.map()["metadata"]["resourceVersion"], "only the state changes")


class TimeSlicingDrift(ConfigMapScenario):
    """What others write, and whose it is."""

    def test_an_edited_field_is_named_and_taken_back(self):
        body = PLAIN + '  config {\n    name     = "other"\n    replicas = { "nvidia.com/gpu" = 2 }\n  }\n'
        self.configure(resource(self.name, body))
        self.apply()
        before = self.data()
        self.edit("configmap", self.name, "s/replicas: 10/replicas: 4/", "kube-system")
        self.assertNotEqual(before, self.data(), "kubectl edit changed nothing")
        change, run = self.workspace.change(ADDRESS)
        self.assertEqual((4, 10), change.pop("config[0].replicas.nvidia.com/gpu"))
        allowed = {"rendered.any", "checksum", "advertised.any.nvidia.com/gpu", "replicas.any.nvidia.com/gpu"}
        self.assertEqual(set(), set(change) - allowed, "more than the edited field changes")
        self.assert_has(run.warning, "kubectl-edit", ".data.any", self.name)
        self.assertNotIn(".data.other", run.warning)
        run = self.apply()
        self.assertEqual(before, self.data())
        run = self.assert_empty()
        self.assertEqual("", run.warning)

    def test_what_changed_since_the_plan_is_not_overwritten(self):
        self.configure(resource(self.name))
        self.apply()
        self.edit("configmap", self.name, "s/replicas: 10/replicas: 4/", "kube-system")
        self.workspace.planned()
        self.edit("configmap", self.name, "s/replicas: 4/replicas: 6/", "kube-system")
        run = self.workspace.run("apply", "-json", "-input=false", "plan")
        self.fails(run, "Changed since the plan", ".data.any", "kubectl-edit")
        self.assert_has(self.data()["any"], "replicas: 6")
        self.apply()
        self.assert_has(self.data()["any"], "replicas: 10")
        self.assert_empty()

    def test_an_edited_label_is_named_and_taken_back(self):
        self.configure(resource(self.name, PLAIN + '  labels = { team = "ml" }\n'))
        self.apply()
        self.patch_by("someone", {"metadata": {"labels": {"team": "web"}}})
        change, run = self.workspace.change(ADDRESS)
        self.assertEqual({"labels.team": ("web", "ml")}, change)
        self.assert_has(run.warning, "someone", ".metadata.labels.team")
        self.apply()
        self.assertEqual({"team": "ml"}, self.map()["metadata"]["labels"])
        self.assert_empty()

    def test_a_removed_key_comes_back(self):
        self.configure(resource(self.name))
        self.apply()
        self.patch_by("someone", {"data": {"any": None, "mine": "x"}})
        self.assert_planned(ADDRESS, "update")
        self.apply()
        self.assert_has(self.data()["any"], "replicas: 10")
        self.assertEqual("x", self.data()["mine"])
        self.assert_empty()

    def test_what_others_add_is_not_drift(self):
        self.configure(resource(self.name, PLAIN + '  labels = { team = "ml" }\n'))
        self.apply()
        self.apply_by("helm", data={"foreign": "text"}, metadata={"labels": {"app": "x"}, "annotations": {"a/b": "c"}})
        self.assert_empty()
        run = self.workspace.plan("-refresh-only")
        self.assertEqual({}, run.drift, str(run))
        self.configure(resource(self.name, PLAIN.replace("10", "5") + '  labels = { team = "ml" }\n'))
        change, _ = self.workspace.change(ADDRESS)
        self.assertNotIn("rendered.foreign", change)
        self.apply()
        self.assertEqual("text", self.data()["foreign"])
        self.assertEqual({"team": "ml", "app": "x"}, self.map()["metadata"]["labels"])
        self.assert_empty()

    def test_a_foreign_path_needs_force(self):
        self.configure(resource(self.name))
        self.apply()
        self.apply_by("helm", metadata={"labels": {"app": "theirs"}})
        mine = PLAIN + '  labels = { app = "ours" }\n'
        self.configure(resource(self.name, mine))
        run = self.workspace.apply()
        self.fails(run, '"helm"', ".metadata.labels.app", "force_conflicts")
        self.assertEqual("theirs", self.map()["metadata"]["labels"]["app"])
        self.configure(resource(self.name, mine + "  force_conflicts = true\n"))
        self.apply()
        self.assertEqual("ours", self.map()["metadata"]["labels"]["app"])
        self.assert_empty()

    def test_disappears(self):
        self.configure(resource(self.name))
        self.apply()
        self.remove_map()
        self.assert_planned(ADDRESS, "create")
        self.apply()
        self.assert_has(self.data()["any"], "replicas: 10")
        self.assert_empty()
        self.remove_map()
        self.destroy()

    def test_refresh_only_of_the_untouched_is_empty(self):
        self.configure(resource(self.name))
        self.apply()
        run = self.workspace.plan("-refresh-only")
        self.assertEqual((0, {}), (run.code, run.drift), str(run))


class TimeSlicingExists(ConfigMapScenario):
    """An object that is there already is never taken over in silence."""

    def test_exists_already_then_adopt(self):
        self.write_by_hand({"any": "version: v1\n", "keep": "me"})
        self.configure(resource(self.name))
        run = self.workspace.apply()
        self.fails(run, "import", f"sandbox:kube-system/{self.name}@us-east-1", "adopt = true")
        self.assertEqual("version: v1\n", self.data()["any"])
        self.assertIsNone(self.workspace.instance(ADDRESS))
        self.configure(resource(self.name, PLAIN + "  adopt = true\n"))
        self.apply()
        self.assert_has(self.data()["any"], "replicas: 10")
        self.assertEqual("me", self.data()["keep"])
        self.assert_empty()

    def test_equal_and_ours_alone_is_adopted(self):
        self.configure(resource(self.name))
        self.apply()
        (self.workspace.folder / "terraform.tfstate").unlink()
        run = self.apply()
        self.assertIn("Adopted", run.warning)
        self.assert_empty()


SEED_001 = """version: v1
flags:
  migStrategy: none
sharing:
  timeSlicing:
    resources:
    - name: nvidia.com/gpu
      replicas: 10
"""
SEED_003 = """version: v1
flags:
  migStrategy: none  # MIG strategy disabled, using time-slicing instead
sharing:
  timeSlicing:
    resources:
    - name: nvidia.com/gpu
      replicas: 4  # 4 virtual GPUs per physical GPU (each pod gets 25% of a GPU)"""
SEED_002 = """version: v1
flages:
  migStrategy: single
sharing:
  timeSlicing:
    renameByDefault: false
    failRequestGreaterThanOne: true
    resources:
      - name: nvidia.com/gpu
        replicas: 10
"""


class TimeSlicingImport(ConfigMapScenario):
    """Import of what we made, and of what someone wrote by hand."""

    def test_import_by_both_forms_of_id(self):
        self.configure(resource(self.name))
        self.apply()
        for identifier in (f"kube-system/{self.name}", f"sandbox:kube-system/{self.name}@us-east-1"):
            with self.subTest(identifier):
                (self.workspace.folder / "terraform.tfstate").unlink()
                run = self.workspace.take_in(ADDRESS, identifier)
                self.assertEqual(0, run.code, str(run))
                self.assert_empty()

    def test_import_by_a_block(self):
        self.configure(resource(self.name, PLAIN + '  labels = { team = "ml" }\n'))
        self.apply()
        (self.workspace.folder / "terraform.tfstate").unlink()
        block = f'import {{\n  to = {ADDRESS}\n  id = "kube-system/{self.name}"\n}}\n'
        self.configure(resource(self.name, PLAIN + '  labels = { team = "ml" }\n') + block)
        run = self.apply()
        self.assertEqual((1, 0, 0), tuple(run.summary[what] for what in ("import", "add", "change")), str(run))
        self.assert_empty()

    def test_import_by_identity(self):
        if not self.workspace.knows_identities():
            self.skipTest("this core imports by id only")
        self.configure(resource(self.name))
        self.apply()
        (self.workspace.folder / "terraform.tfstate").unlink()
        identity = f'{{\n    namespace = "kube-system"\n    name = "{self.name}"\n  }}'
        self.configure(resource(self.name) + f"import {{\n  to = {ADDRESS}\n  identity = {identity}\n}}\n")
        run = self.apply()
        self.assertEqual((1, 0, 0), tuple(run.summary[what] for what in ("import", "add", "change")), str(run))
        self.assert_empty()

    def test_seeds_001_and_003_as_given(self):
        for label, text, replicas in (("one", SEED_001, 10), ("three", SEED_003, 4)):
            with self.subTest(label):
                name = f"{self.name}-{label}"
                self.kubectl("apply", "-f", "-", given=config_map(name, {"any": text}))
                self.configure(resource(name, PLAIN.replace("10", str(replicas)), label))
                run = self.workspace.take_in(f"gpushare_time_slicing_config.{label}", f"kube-system/{name}")
                self.assertEqual(0, run.code, str(run))
                self.assertNotIn("mistake", run.told())
                run = self.assert_empty()
                self.assertNotIn("mistake", run.warning)
                self.workspace.run("state", "rm", f"gpushare_time_slicing_config.{label}")

    def test_seed_002_as_given_is_corrected(self):
        self.write_by_hand({"slice-10": SEED_002})
        body = """  config {
    name                           = "slice-10"
    mig_strategy                   = "single"
    rename_by_default              = false
    fail_requests_greater_than_one = true
    replicas                       = { "nvidia.com/gpu" = 10 }
  }
"""
        self.configure(resource(self.name, body))
        run = self.workspace.take_in(ADDRESS, f"kube-system/{self.name}")
        self.assertEqual(0, run.code, str(run))
        self.assert_has(run.told(), "flages", "failRequestGreaterThanOne", "failRequestsGreaterThanOne")
        change, run = self.workspace.change(ADDRESS)
        self.assertIn("rendered.slice-10", change)
        self.assertIn("flages", change["rendered.slice-10"][0])
        self.assertEqual(("none", "single"), change["config[0].mig_strategy"])
        self.assertEqual((None, True), change["config[0].fail_requests_greater_than_one"])
        run = self.workspace.apply()
        if run.code:
            self.fails(run, "force_conflicts")
            self.configure(resource(self.name, body + "  force_conflicts = true\n"))
            self.apply()
        self.assertNotIn("flages", self.data()["slice-10"])
        self.assert_has(self.data()["slice-10"], "migStrategy: single", "failRequestsGreaterThanOne: true")
        self.assert_empty()

    def test_wrong_ids(self):
        self.configure(resource(self.name))
        for identifier in (self.name, "a/b/c", f"sandbox:{self.name}", "/x", f":kube-system/{self.name}", "kube-system/x@"):
            with self.subTest(identifier):
                run = self.workspace.take_in(ADDRESS, identifier)
                self.assertEqual(1, run.code, str(run))
                self.assert_has(run.told(), "Malformed import id", "NAMESPACE/NAME")
        run = self.workspace.take_in(ADDRESS, f"kube-system/{self.name}-absent")
        self.assertEqual(1, run.code, str(run))


class TimeSlicingBadInput(ConfigMapScenario):
    """Mistakes are found before anything is asked of a cluster."""

    def bodies(self):
        """Wrong bodies and what the error has to say."""

        def block(text, name="any"):
            return f'  config {{\n    name = "{name}"\n{text}  }}\n'

        gpu = '    replicas = { "nvidia.com/gpu" = 10 }\n'
        return {
            "root": (PLAIN + "  rename_by_defualt = true\n", "Unsupported argument"),
            "inner": (block(gpu + "    rename_by_defualt = true\n"), "Unsupported argument"),
            "flages": (block(gpu) + "  flages {\n  }\n", "Unsupported block type"),
            "timeouts": (PLAIN + '  timeouts {\n    craete = "1m"\n  }\n', "Unsupported argument"),
            "one": (block('    replicas = { "nvidia.com/gpu" = 1 }\n'), "2"),
            "fraction": (block('    replicas = { "nvidia.com/gpu" = 2.5 }\n'), "whole"),
            "mps_mixed": (block('    strategy = "mps"\n    mig_strategy = "mixed"\n' + gpu), "mixed"),
            "mps_many": (block('    strategy = "mps"\n    replicas = { "nvidia.com/gpu" = 49 }\n'), "48"),
            "mig_alone": (block('    replicas = { "nvidia.com/mig-1g.5gb" = 3 }\n'), "mixed"),
            "profile": (
                block('    mig_strategy = "mixed"\n    replicas = { "nvidia.com/mig-1g.7gb" = 3 }\n'),
                "1g.5gb",
            ),
            "resource": (block('    replicas = { "amd.com/gpu" = 3 }\n'), "nvidia.com/gpu"),
            "twice": (block(gpu) + block(gpu), "twice"),
            "empty": ("", "config"),
            "nothing": (block(""), "resource must be shared"),
            "key": (block(gpu, "a b"), "letters"),
            "strategy": (block(gpu + '    strategy = "timeslicing"\n'), "time-slicing"),
            "duration": (block(gpu + '    gfd_sleep_interval = "soon"\n'), "duration"),
            "timeout": (PLAIN + '  timeouts {\n    create = "soon"\n  }\n', "duration"),
            "label": (PLAIN + '  labels = { "a b" = "c" }\n', "label"),
            "cluster": (PLAIN + '  cluster_name = "a b"\n', "starting with a letter"),
            "namespace": (PLAIN + '  namespace = "Kube_System"\n', "lower-case"),
        }

    def test_each_mistake_is_named(self):
        bodies = self.bodies()
        text = "".join(resource(f"{self.name}-{label.replace('_', '-')}", body, label) for label, (body, _) in bodies.items())
        text += resource("Bad_Name", PLAIN, "name")
        self.configure(text)
        found = self.workspace.validate()
        for label, (_, wanted) in {**bodies, "name": ("", "lower-case")}.items():
            with self.subTest(label):
                messages = [one for one in found.get(f"gpushare_time_slicing_config.{label}", []) if one.startswith("error")]
                self.assertTrue(any(wanted in one for one in messages), f"{wanted!r} not in {messages}")
                self.assertEqual(1, len(messages), f"one mistake, one error: {messages}")

    def test_unknown_values_are_judged_when_known(self):
        text = """
resource "terraform_data" "count" {
  input = 1
}
"""
        body = '  config {\n    name = "any"\n    replicas = { "nvidia.com/gpu" = terraform_data.count.output }\n  }\n'
        self.configure(text + resource(self.name, body))
        plan = self.workspace.plan()
        self.assertEqual(2, plan.code, str(plan))
        run = self.workspace.apply()
        self.fails(run, "2")
        self.assertIsNone(self.map())
        self.configure(text.replace("= 1", "= 6") + resource(self.name, body))
        self.apply()
        self.assert_has(self.data()["any"], "replicas: 6")
        self.assert_empty()
