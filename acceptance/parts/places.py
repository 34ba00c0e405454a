"""Where the sandbox keeps things: the repository, its run-time state, and the user's cache."""

import hashlib
import os
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ACCEPTANCE = REPOSITORY / "acceptance"
PARTS = ACCEPTANCE / "parts"
TOOLS = ACCEPTANCE / "tools"
BUILD = REPOSITORY / "build"
STATE = BUILD / "sandbox"
CERTIFICATES = STATE / "certificates"
LOGS = STATE / "logs"
PROCESSES = STATE / "processes"
BINARIES = STATE / "bin"
CREDENTIALS = STATE / "credentials.json"
ADDRESSES = STATE / "addresses.json"
KUBECONFIG = STATE / "kubeconfig"
TERRAFORM_CONFIGURATION = STATE / "terraformrc"
REQUIREMENTS = PARTS / "requirements.txt"

# The path under which our servers let tests steer them.
CONTROL = "/_sandbox"


class SandboxError(Exception):
    """Something that the person who ran the command has to know, in one sentence."""


def cache():
    """The folder in the user's cache that outlives a clone."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "terraform-provider-gpushare"


def digest(*pieces):
    """A short name for what the pieces say together."""
    total = hashlib.sha256()
    for piece in pieces:
        data = piece if isinstance(piece, bytes) else piece.encode()
        total.update(hashlib.sha256(data).digest())
    return total.hexdigest()[:16]


def python_home():
    """The virtual environment for the requirements and this Python."""
    release = f"{sys.version_info.major}.{sys.version_info.minor}"
    return cache() / f"python-{release}-{digest(REQUIREMENTS.read_bytes(), os.path.realpath(sys.base_prefix))}"


def python():
    """The interpreter that has the requirements."""
    return python_home() / "bin" / "python"


def python_environment():
    """The variables with which that interpreter finds the parts and leaves no files among them."""
    return {
        **os.environ,
        "PYTHONPATH": str(ACCEPTANCE),
        "PYTHONPYCACHEPREFIX": str(cache() / "bytecode"),
    }
