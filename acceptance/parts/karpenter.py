"""The part karpenter: its custom resource definitions in the part kube, then Karpenter itself with its kwok
provider, and kwok, which plays kubelets and NVIDIA's device plugin on the nodes that Karpenter launches."""

import json
import os

from parts import kube, processes, toolchain
from parts.places import KUBECONFIG, PARTS, REPOSITORY, STATE, SandboxError

PROCESSES = ("kwok", "karpenter")
DEFINITIONS = (
    "nodepools.karpenter.sh",
    "nodeclaims.karpenter.sh",
    "nodeoverlays.karpenter.sh",
    "ec2nodeclasses.karpenter.k8s.aws",
    "kwoknodeclasses.karpenter.kwok.sh",
)
NODE_CLASS = "sandbox"
PATIENCE = 60
STAGES = PARTS / "kwok_stages.yaml"
INSTANCE_TYPES = STATE / "instance_types.json"
GATES_VARIABLE = "GPUSHARE_SANDBOX_FEATURE_GATES"
GATES = "NodeOverlay=true"
FRACTIONS = ("g6f", "gr6f")
PLAIN_TYPES = (("m5.large", 2, 8192, 0.096), ("m5.4xlarge", 16, 65536, 0.768))


def requirement(key, *values):
    """One requirement of an offering, which makes its key well-known to Karpenter."""
    return {"key": key, "operator": "In", "values": list(values)}


def instance_type(name, cpu, memory_mib, price, pods, gpus=None, gpu=None):
    """One instance type in the form of the kwok provider."""
    resources = {"cpu": str(cpu), "memory": f"{memory_mib}Mi", "pods": str(pods), "ephemeral-storage": "100Gi"}
    requirements = [
        requirement("karpenter.sh/capacity-type", "on-demand"),
        requirement("topology.kubernetes.io/zone", "us-east-1a"),
        requirement("node.kubernetes.io/instance-type", name),
        requirement("karpenter.k8s.aws/instance-family", name.split(".")[0]),
        requirement("karpenter.k8s.aws/instance-category", name[0]),
    ]
    if gpu:
        if gpus:
            resources["nvidia.com/gpu"] = str(gpus)
        requirements += [
            requirement("karpenter.k8s.aws/instance-gpu-count", str(gpus)),
            requirement("karpenter.k8s.aws/instance-gpu-name", gpu),
            requirement("karpenter.k8s.aws/instance-gpu-manufacturer", "nvidia"),
        ]
    return {
        "name": name,
        "architecture": "amd64",
        "operatingSystems": ["linux"],
        "resources": resources,
        "offerings": [{"Price": price, "Available": True, "Requirements": requirements}],
    }


def instance_types():
    """The instance types of the sandbox: those of our table that have NVIDIA's GPUs, and a few without any."""
    table = json.loads((REPOSITORY / "gpu" / "instance_types.json").read_text())
    found = [instance_type(name, cpu, memory, price, 110) for name, cpu, memory, price in PLAIN_TYPES]
    for row in table["rows"]:
        if row["manufacturer"] != "nvidia" or row["arch"] != "amd64" or not row["vcpu"]:
            continue
        gpus = 0 if row["type"].split(".")[0] in FRACTIONS else row["gpus"]
        price = row["usd_per_hour_us_east_1"] or 100.0
        pods = row["max_pods"] or 110
        found.append(instance_type(row["type"], row["vcpu"], row["memory_mib"], price, pods, gpus, row["gpu"]))
    return found


def install_definitions():
    """Installs the definitions, and waits until the API server serves them."""
    files = [argument for path in toolchain.custom_resources(quiet=True) for argument in ("-f", str(path))]
    kube.kubectl("apply", "--server-side", "--force-conflicts", *files)
    names = [f"customresourcedefinition/{name}" for name in DEFINITIONS]
    kube.kubectl("wait", "--for=condition=Established", f"--timeout={PATIENCE}s", *names)


def install_node_class():
    """The node class that pools of the sandbox name: {group = karpenter.kwok.sh, kind = KWOKNodeClass}."""
    node_class = {
        "apiVersion": "karpenter.kwok.sh/v1alpha1",
        "kind": "KWOKNodeClass",
        "metadata": {"name": NODE_CLASS},
        "spec": {},
    }
    kube.kubectl("apply", "--server-side", "-f", "-", given=json.dumps(node_class))


def urls():
    """For each process of the part, the URL that answers when it is ready."""
    known = kube.addresses()
    return {
        "kwok": f"http://127.0.0.1:{known.get('kwok')}/healthz",
        "karpenter": f"http://127.0.0.1:{known.get('karpenter_health')}/readyz",
    }


def wait(name):
    """Waits until a process of the part answers."""
    processes.wait_until(name, lambda: kube.answers(urls()[name]), PATIENCE)


def start_kwok(programs):
    """Starts the player of kubelets and device plugins, for the nodes of the kwok provider only."""
    (port,) = processes.free_ports(1)
    kube.remember(kwok=port)
    processes.start(
        "kwok",
        [
            programs["kwok"],
            f"--kubeconfig={KUBECONFIG}",
            f"--config={STAGES}",
            f"--server-address=127.0.0.1:{port}",
            "--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake",
            "--node-lease-duration-seconds=0",
        ],
    )
    wait("kwok")


def start_karpenter(gates=None):
    """Starts Karpenter, with the feature gates given or those of the environment; ends the one that runs."""
    programs = toolchain.ensure(("karpenter",), quiet=True)
    processes.stop("karpenter")
    metrics, health = processes.free_ports(2)
    kube.remember(karpenter_metrics=metrics, karpenter_health=health)
    INSTANCE_TYPES.write_text(json.dumps(instance_types(), indent=1))
    processes.start(
        "karpenter",
        [programs["karpenter"]],
        {
            **os.environ,
            "KUBECONFIG": str(KUBECONFIG),
            "KARPENTER_SERVICE": "karpenter",
            "SYSTEM_NAMESPACE": "kube-system",
            "DISABLE_LEADER_ELECTION": "true",
            "FEATURE_GATES": gates or os.environ.get(GATES_VARIABLE) or GATES,
            "INSTANCE_TYPES_FILE_PATH": str(INSTANCE_TYPES),
            "METRICS_PORT": str(metrics),
            "HEALTH_PROBE_PORT": str(health),
        },
    )
    wait("karpenter")


def up():
    """Installs the definitions first, then starts what acts on them."""
    install_definitions()
    programs = toolchain.ensure(toolchain.FOR_KARPENTER, quiet=True)
    install_node_class()
    start_kwok(programs)
    start_karpenter()


def has_definitions():
    """Whether the definitions are there."""
    try:
        kube.kubectl("get", "customresourcedefinitions", *DEFINITIONS)
        return True
    except (SandboxError, OSError):
        return False


def ready():
    """Whether the definitions are there, and for each process of the part whether it answers."""
    answering = {name: processes.alive(name) and kube.answers(url) for name, url in urls().items()}
    return {"karpenter-crds": has_definitions(), **answering}
