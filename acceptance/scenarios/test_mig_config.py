"""mig_config: its life against a real API server, and layouts that cannot be placed."""

from scenarios.test_time_slicing_config import ConfigMapScenario

ADDRESS = "gpushare_mig_config.this"
# Step 2 of the document that a user starts from: the ConfigMap as it is written there.
SEED_002 = """version: v1
mig-configs:
  # A100
  all-1g.5gb:
    - devices: all
      mig-enabled: true
      mig-devices:
        "1g.5gb": 7
"""


def group(profiles, devices=None, enabled="true"):
    """A device_group block."""
    lines = [f"mig_enabled = {enabled}"]
    if profiles:
        pairs = ", ".join(f'"{profile}" = {count}' for profile, count in profiles.items())
        lines.append(f"mig_devices = {{ {pairs} }}")
    if devices:
        lines.append(f'devices = "{devices}"')
    return "    device_group {\n" + "".join(f"      {line}\n" for line in lines) + "    }\n"


def layout(name, *groups):
    """A layout block."""
    return f'  layout {{\n    name = "{name}"\n{"".join(groups)}  }}\n'


def resource(name, *parts, types=("p4d.24xlarge",), label="this"):
    """A mig_config of gpu-operator."""
    listed = ", ".join(f'"{one}"' for one in types)
    head = f'resource "gpushare_mig_config" "{label}" {{\n  name = "{name}"\n'
    return head + (f"  instance_types = [{listed}]\n" if types else "") + "".join(parts) + "}\n"


SEVEN = layout("all-1g.5gb", group({"1g.5gb": 7}))


class MigConfigLife(ConfigMapScenario):
    """Create, update, replace, drift, import, destroy."""

    namespace = "gpu-operator"

    def test_create_update_replace_destroy(self):
        self.configure(resource(self.name, SEVEN))
        self.apply()
        self.assertEqual(["config.yaml"], list(self.data()))
        self.assert_has(self.data()["config.yaml"], "version: v1", "mig-configs:", "all-1g.5gb:", "mig-enabled: true")
        state = self.workspace.attributes(ADDRESS)
        self.assertEqual({"all-1g.5gb": {"nvidia.com/mig-1g.5gb": 7}}, state["advertised"])
        self.assertEqual(self.data(), state["rendered"])
        self.assert_empty()

        more = SEVEN + layout("mixed", group({"3g.20gb": 2}, "0,1"), group({"1g.5gb": 7}, "2,3,4,5,6,7"))
        more += layout("off", group({}, enabled="false"))
        self.configure(resource(self.name, more))
        self.assert_planned(ADDRESS, "update")
        self.apply()
        self.assert_has(self.data()["config.yaml"], "mixed:", "3g.20gb", '"off":', "mig-enabled: false")
        self.assert_empty()

        self.configure(resource(f"{self.name}-2", more, '  labels = { team = "ml" }\n'))
        self.assert_planned(ADDRESS, "replace")
        self.apply()
        self.assertIsNone(self.map())
        self.assertIsNotNone(self.map(f"{self.name}-2"))
        self.assert_empty()
        self.destroy()
        self.assertIsNone(self.map(f"{self.name}-2"))

    def test_drift_and_disappears(self):
        self.configure(resource(self.name, SEVEN))
        self.apply()
        before = self.data()
        self.edit("configmap", self.name, "s/1g.5gb: 7/1g.5gb: 5/;s/\"1g.5gb\": 7/\"1g.5gb\": 5/", "gpu-operator")
        self.assertNotEqual(before, self.data(), "kubectl edit changed nothing")
        change, run = self.workspace.change(ADDRESS)
        self.assertEqual((5, 7), change["layout[0].device_group[0].mig_devices.1g.5gb"])
        self.assertEqual({"layout", "rendered", "checksum", "advertised"}, {path.split(".")[0].split("[")[0] for path in change})
        self.assert_has(run.warning, "kubectl-edit", ".data.config.yaml")
        self.apply()
        self.assertEqual(before, self.data())
        self.assert_empty()
        self.remove_map()
        self.assert_planned(ADDRESS, "create")
        self.apply()
        self.assertEqual(before, self.data())

    def test_import_what_we_made(self):
        text = resource(self.name, SEVEN + layout("two", group({"3g.20gb": 2}, "0,1"), group({"2g.10gb": 3}, "2")), types=())
        self.configure(text)
        self.apply()
        (self.workspace.folder / "terraform.tfstate").unlink()
        run = self.workspace.take_in(ADDRESS, f"gpu-operator/{self.name}")
        self.assertEqual(0, run.code, str(run))
        self.assert_empty()

    def test_import_of_seed_002_as_given(self):
        self.write_by_hand({"config.yaml": SEED_002})
        self.configure(resource(self.name, SEVEN, types=()))
        run = self.workspace.take_in(ADDRESS, f"sandbox:gpu-operator/{self.name}")
        self.assertEqual(0, run.code, str(run))
        self.assertNotIn("mistake", run.told())
        self.assert_empty()
        self.configure(resource(self.name, SEVEN))
        self.apply()
        self.assert_empty()
        self.assertEqual(SEED_002, self.data()["config.yaml"], "naming the types writes nothing")

    def test_import_of_a_document_with_mistakes(self):
        wrong = SEED_002.replace("mig-enabled: true", "mig-enabled: true\n      mig-device: 3")
        self.write_by_hand({"config.yaml": wrong})
        self.configure(resource(self.name, SEVEN))
        run = self.workspace.take_in(ADDRESS, f"gpu-operator/{self.name}")
        self.assertEqual(0, run.code, str(run))
        self.assert_has(run.told(), "mistake", "mig-device")
        change, _ = self.workspace.change(ADDRESS)
        self.assertIn("rendered.config.yaml", change)

    def test_dynamic_layouts(self):
        text = f"""
variable "layouts" {{
  type    = map(map(number))
  default = {{ small = {{ "1g.5gb" = 7 }}, large = {{ "3g.20gb" = 2 }} }}
}}
resource "gpushare_mig_config" "this" {{
  name = "{self.name}"
  gpus = ["a100-40gb"]
  dynamic "layout" {{
    for_each = var.layouts
    content {{
      name = layout.key
      device_group {{
        mig_enabled = true
        mig_devices = layout.value
      }}
    }}
  }}
}}
"""
        self.configure(text)
        self.assertEqual({}, self.workspace.validate())
        self.apply()
        self.assert_has(self.data()["config.yaml"], "small:", "large:", "3g.20gb")
        self.assert_empty()


class MigConfigBadInput(ConfigMapScenario):
    """Layouts that a node would refuse are refused at plan."""

    namespace = "gpu-operator"

    def bodies(self):
        """Wrong bodies, for which instance types, and what the error has to say."""
        a100, h100, b200 = ("p4d.24xlarge",), ("p5.48xlarge",), ("p6-b200.48xlarge",)
        return {
            "eight": (layout("x", group({"1g.5gb": 8})), a100, ("7",)),
            "four_four": (layout("x", group({"4g.20gb": 2})), a100, ("4g.20gb", "nearest")),
            "three_three_one": (layout("x", group({"3g.20gb": 2, "1g.5gb": 1})), a100, ("nearest", "3g.20gb")),
            "wrong_gpu": (layout("x", group({"1g.5gb": 7})), h100, ("1g.10gb",)),
            "b200": (layout("x", group({"2g.40gb": 2})), b200, ("2g.45gb",)),
            "no_mig": (layout("x", group({"1g.5gb": 7})), ("g5.xlarge",), ("cannot be divided",)),
            "mixed": (layout("x", group({"1g.5gb": 7})), ("p4d.24xlarge", "p5.48xlarge"), ("1g.5gb",)),
            "overlap": (layout("x", group({"1g.5gb": 7}, "0,1"), group({"3g.20gb": 2}, "1,2")), a100, ("GPU 1",)),
            "overlap_all": (layout("x", group({"1g.5gb": 7}), group({"3g.20gb": 2}, "1")), a100, ("GPU 1",)),
            "index": (layout("x", group({"1g.5gb": 7}, "8")), a100, ("7",)),
            "devices": (layout("x", group({"1g.5gb": 7}, "first")), a100, ("first",)),
            "disabled": (layout("x", group({"1g.5gb": 7}, enabled="false")), a100, ("mig_enabled",)),
            "twice": (SEVEN + SEVEN, a100, ("twice",)),
            "no_profile": (layout("x", group({"one": 1})), a100, ("1g.5gb",)),
            "groupless": (layout("x"), a100, ("device_group",)),
            "layoutless": ("", a100, ("layout",)),
            "misspelt": (layout("x", group({"1g.5gb": 7}).replace("mig_devices", "mig_device")), a100, ("Unsupported argument",)),
            "misspelt_layout": (SEVEN.replace("    device_group", "    labels = {}\n    device_group"), a100, ("Unsupported argument",)),
            "type": (SEVEN, ("p4d.24xlarg",), ("p4d.24xlarge",)),
            "fraction": (layout("x", group({"1g.5gb": 1.5})), a100, ("whole",)),
        }

    def test_each_mistake_is_named(self):
        bodies = self.bodies()
        self.configure("".join(resource(self.name, body, types=types, label=label) for label, (body, types, _) in bodies.items()))
        found = self.workspace.validate()
        for label, (_, _, wanted) in bodies.items():
            with self.subTest(label):
                messages = found.get(f"gpushare_mig_config.{label}", [])
                level = "warning" if label == "type" else "error"
                text = "\n".join(one for one in messages if one.startswith(level))
                self.assert_has(text, *wanted)

    def test_right_layouts_are_not_refused(self):
        right = {
            "a": (("p4d.24xlarge",), {"1g.5gb": 7}, {"2g.10gb": 3, "1g.5gb": 1}, {"3g.20gb": 2}, {"4g.20gb": 1, "3g.20gb": 1}),
            "b": (("p5.48xlarge",), {"1g.10gb": 7}, {"3g.40gb": 2}, {"7g.80gb": 1}, {"1g.20gb": 4}),
            "c": (("p6-b200.48xlarge",), {"2g.45gb": 3}, {"7g.180gb": 1}),
        }
        text = ""
        for label, (types, *layouts) in right.items():
            blocks = [layout(f"l{index}", group(profiles)) for index, profiles in enumerate(layouts)]
            text += resource(self.name, *blocks, types=types, label=label)
        self.configure(text)
        self.assertEqual({}, self.workspace.validate())
