"""The part karpenter: Karpenter's own custom resource definitions in the part kube."""

from parts import kube, toolchain
from parts.places import SandboxError

PROCESSES = ()
DEFINITIONS = (
    "nodepools.karpenter.sh",
    "nodeclaims.karpenter.sh",
    "nodeoverlays.karpenter.sh",
    "ec2nodeclasses.karpenter.k8s.aws",
)
PATIENCE = "60s"


def up():
    """Installs the definitions, and waits until the API server serves them."""
    files = [argument for path in toolchain.custom_resources(quiet=True) for argument in ("-f", str(path))]
    kube.kubectl("apply", "--server-side", "--force-conflicts", *files)
    names = [f"customresourcedefinition/{name}" for name in DEFINITIONS]
    kube.kubectl("wait", "--for=condition=Established", f"--timeout={PATIENCE}", *names)


def ready():
    """Whether the definitions are there."""
    try:
        kube.kubectl("get", "customresourcedefinitions", *DEFINITIONS)
        return {"karpenter-crds": True}
    except (SandboxError, OSError):
        return {"karpenter-crds": False}
