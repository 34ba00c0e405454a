"""What the provider renders, read by NVIDIA's own parser and by the core's YAML reader: nothing is lost."""

import json
import shutil
import subprocess

from scenarios.scenario import Scenario

GPU = 'replicas = { "nvidia.com/gpu" = 10 }'
# Bodies of config blocks, by their names.
CONFIGS = {
    "plain": GPU,
    "renamed": GPU + "\n    rename_by_default = true",
    "not-renamed": GPU + "\n    rename_by_default = false\n    fail_requests_greater_than_one = false",
    "strict": GPU + "\n    fail_requests_greater_than_one = true",
    "mps": 'strategy = "mps"\n    ' + GPU,
    "mps-strict": 'strategy = "mps"\n    fail_requests_greater_than_one = true\n    ' + GPU,
    "mps-all": 'strategy = "mps"\n    mps_root = "/run/mps"\n    rename_by_default = true\n    ' + GPU,
    "whole": 'strategy = "none"',
    "whole-mixed": 'strategy = "none"\n    mig_strategy = "mixed"',
    "single": 'mig_strategy = "single"\n    ' + GPU,
    "mixed": 'mig_strategy = "mixed"\n    replicas = { "nvidia.com/mig-1g.5gb" = 3, "nvidia.com/mig-3g.20gb" = 2 }',
    "mixed-both": 'mig_strategy = "mixed"\n    replicas = { "nvidia.com/gpu" = 4, "nvidia.com/mig-1g.10gb.me" = 2 }',
    "flags": GPU
    + """
    fail_on_init_error        = false
    nvidia_driver_root        = "/run/nvidia/driver"
    nvidia_dev_root           = "/run/nvidia/dev"
    gdrcopy_enabled           = true
    gds_enabled               = false
    mofed_enabled             = true
    use_node_feature_api      = true
    device_discovery_strategy = "nvml"
    pass_device_specs         = true
    device_list_strategy      = ["envvar", "volume-mounts", "cdi-annotations", "cdi-cri"]
    device_id_strategy        = "index"
    cdi_annotation_prefix     = "cdi.example.com/"
    nvidia_ctk_path           = "/usr/bin/nvidia-ctk"
    container_driver_root     = "/driver: root # not a comment"
    gfd_oneshot               = false
    gfd_no_timestamp          = true
    gfd_sleep_interval        = "1m30s"
    gfd_output_file           = "/etc/kubernetes/node-feature-discovery/features.d/gfd"
    gfd_machine_type_file     = "/sys/class/dmi/id/product_name"
""",
    "odd-texts": GPU + '\n    nvidia_driver_root = "true"\n    mps_root = "1.5"\n    nvidia_ctk_path = "~"',
}
LAYOUTS = """
  layout {
    name = "all-1g.5gb"
    device_group {
      mig_enabled = true
      mig_devices = { "1g.5gb" = 7 }
    }
  }
  layout {
    name = "off"
    device_group {
      mig_enabled = false
    }
  }
  layout {
    name = "1e3"
    device_group {
      devices       = "0,1,7"
      device_filter = ["0x20B010DE", "0x20B210DE"]
      mig_enabled   = true
      mig_devices   = { "1g.5gb" = 2, "1g.5gb+me" = 1, "2g.10gb" = 2 }
    }
    device_group {
      devices     = "2"
      mig_enabled = true
    }
  }
"""


def without_nothing(value):
    """A value without null members and empty parts."""
    if isinstance(value, dict):
        kept = {name: without_nothing(part) for name, part in value.items()}
        return {name: part for name, part in kept.items() if part not in (None, {}, [])}
    if isinstance(value, list):
        return [without_nothing(part) for part in value]
    return value


def as_written(marshalled, rendered):
    """What NVIDIA's parser shows, without what it fills in by itself where a file says nothing."""
    shown = without_nothing(marshalled)
    flags = shown.get("flags", {})
    if "nvidiaDevRoot" not in rendered["flags"] and flags.get("nvidiaDevRoot") == flags.get("nvidiaDriverRoot"):
        flags.pop("nvidiaDevRoot", None)
    for strategy, sharing in shown.get("sharing", {}).items():
        for resource in sharing["resources"]:
            if resource.pop("devices") != "all":
                raise AssertionError(f"not all devices: {resource}")
            renamed = resource.pop("rename", None)
            if renamed != (f"{resource['name']}.shared" if sharing.get("renameByDefault") else None):
                raise AssertionError(f"renamed to {renamed}")
        said = rendered["sharing"][strategy]
        if strategy == "mps" and "failRequestsGreaterThanOne" not in said:
            if sharing.pop("failRequestsGreaterThanOne") is not True:
                raise AssertionError("MPS refuses larger requests unless told otherwise")
        for name in ("renameByDefault", "failRequestsGreaterThanOne"):
            if said.get(name) is False:
                sharing.setdefault(name, False)
    return shown


class Parsers(Scenario):
    """Rendered documents, read again."""

    def rendered(self, text, address):
        """The planned `rendered` of a resource, and each of its documents as the core's yamldecode reads it."""
        decoded = f'output "decoded" {{\n  value = jsonencode({{ for key, text in {address}.rendered : key => yamldecode(text) }})\n}}\n'
        self.configure(text + decoded)
        document, _ = self.workspace.planned()
        (planned,) = (one for one in document["resource_changes"] if one["address"] == address)
        return planned["change"]["after"]["rendered"], json.loads(document["planned_values"]["outputs"]["decoded"]["value"])

    def test_nvidias_parser_keeps_all_of_a_configuration(self):
        parser = shutil.which("device-plugin-config", path=self.environment["PATH"])
        blocks = "".join(f'  config {{\n    name = "{name}"\n    {body}\n  }}\n' for name, body in CONFIGS.items())
        text = f'resource "gpushare_time_slicing_config" "this" {{\n  name = "{self.name}"\n{blocks}}}\n'
        rendered, decoded = self.rendered(text, "gpushare_time_slicing_config.this")
        self.assertEqual(set(CONFIGS), set(rendered))
        for name, document in rendered.items():
            with self.subTest(name):
                result = subprocess.run([parser], input=document, capture_output=True, text=True, check=False)
                self.assertEqual(0, result.returncode, f"{result.stderr}\n{document}")
                self.assertEqual(decoded[name], as_written(json.loads(result.stdout), decoded[name]))

    def test_the_parser_is_a_judge(self):
        """The comparison finds what NVIDIA's parser drops."""
        parser = shutil.which("device-plugin-config", path=self.environment["PATH"])
        lost = "version: v1\nflags:\n  migStrategy: none\n  migStrategie: single\n"
        result = subprocess.run([parser], input=lost, capture_output=True, text=True, check=True)
        said = {"version": "v1", "flags": {"migStrategy": "none", "migStrategie": "single"}}
        self.assertNotEqual(said, as_written(json.loads(result.stdout), said))

    def test_mig_layouts_have_mig_parteds_form(self):
        text = f'resource "gpushare_mig_config" "this" {{\n  name = "{self.name}"\n{LAYOUTS}}}\n'
        rendered, decoded = self.rendered(text, "gpushare_mig_config.this")
        self.assertEqual(["config.yaml"], list(rendered))
        self.assertEqual(
            {
                "version": "v1",
                "mig-configs": {
                    "all-1g.5gb": [{"devices": "all", "mig-enabled": True, "mig-devices": {"1g.5gb": 7}}],
                    "off": [{"devices": "all", "mig-enabled": False}],
                    "1e3": [
                        {
                            "devices": [0, 1, 7],
                            "device-filter": ["0x20B010DE", "0x20B210DE"],
                            "mig-enabled": True,
                            "mig-devices": {"1g.5gb": 2, "1g.5gb+me": 1, "2g.10gb": 2},
                        },
                        {"devices": [2], "mig-enabled": True},
                    ],
                },
            },
            without_nothing(decoded["config.yaml"]),
        )
