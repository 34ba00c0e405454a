"""The part eks: our EKS and STS server in front of the part kube."""

from parts import kube, processes
from parts.places import CERTIFICATES, CREDENTIALS, python, python_environment

PROCESSES = ("eks-server",)
PATIENCE = 30


def url():
    """Where the server answers."""
    return f"http://127.0.0.1:{kube.addresses().get('eks_server')}"


def up():
    """Starts the part."""
    (port,) = processes.free_ports(1)
    kube.remember(eks_server=port)
    processes.start(
        "eks-server",
        [
            python(),
            "-m",
            "parts.eks_server",
            "--port",
            port,
            "--credentials",
            CREDENTIALS,
            "--cluster-endpoint",
            kube.addresses()["cluster_endpoint"],
            "--certificate-authority",
            CERTIFICATES / "authority.crt",
        ],
        python_environment(),
    )
    processes.wait_until("eks-server", lambda: kube.answers(f"{url()}/_sandbox/health"), PATIENCE)


def ready():
    """Whether the server answers."""
    return {"eks-server": processes.alive("eks-server") and kube.answers(f"{url()}/_sandbox/health")}
