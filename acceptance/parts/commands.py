"""What the sandbox's command line does, once Python has its requirements."""

import contextlib
import fcntl
import json
import os
import shlex
import shutil
import sys
import time

from parts import eks, karpenter, kube, processes, toolchain
from parts.places import (
    BINARIES,
    BUILD,
    CERTIFICATES,
    CREDENTIALS,
    KUBECONFIG,
    STATE,
    TERRAFORM_CONFIGURATION,
    SandboxError,
    python,
    python_environment,
)

PARTS = {"kube": kube, "eks": eks, "karpenter": karpenter}
REGION = "us-east-1"
ADDRESSES_OF_PROVIDER = ("registry.terraform.io/gpushare/gpushare", "registry.opentofu.org/gpushare/gpushare")
UNSET = (
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
)
NOT_RUNNING = 3


@contextlib.contextmanager
def only_one():
    """Lets one command change the sandbox at a time."""
    BUILD.mkdir(exist_ok=True)
    with open(BUILD / ".sandbox.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def running(part):
    """Whether all of a part is there."""
    return (STATE / f"{part}.up").exists() and all(PARTS[part].ready().values())


def write_terraform_configuration():
    """Tells Terraform and OpenTofu to take our provider from the build folder."""
    overrides = "".join(f'    "{address}" = {json.dumps(str(BUILD))}\n' for address in ADDRESSES_OF_PROVIDER)
    TERRAFORM_CONFIGURATION.write_text(
        f"provider_installation {{\n  dev_overrides {{\n{overrides}  }}\n  direct {{}}\n}}\n"
    )


def wanted_parts(names):
    """The parts to start, with kube before all that stands on it."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        raise SandboxError(f"no such part: {', '.join(unknown)} (there are {', '.join(PARTS)})")
    return [name for name in PARTS if not names or name in names or name == "kube"]


def up(names):
    """Starts parts, and waits until they are ready."""
    parts = wanted_parts(names)
    toolchain.ensure(toolchain.FOR_TESTS, quiet=True)
    with only_one():
        if not running("kube"):
            clear()
        STATE.mkdir(parents=True, exist_ok=True)
        os.chmod(STATE, 0o700)
        write_terraform_configuration()
        for part in parts:
            started = time.monotonic()
            if running(part):
                print(f"{part}: running", flush=True)
                continue
            for name in PARTS[part].PROCESSES:
                processes.stop(name)
            PARTS[part].up()
            (STATE / f"{part}.up").touch()
            print(f"{part}: ready in {time.monotonic() - started:.1f} s", flush=True)


def clear():
    """Ends all processes, those that others depend on last, and removes what they wrote."""
    order = [name for part in PARTS.values() for name in part.PROCESSES]
    known = processes.names()
    for name in sorted(known, key=lambda name: order.index(name) if name in order else -1, reverse=True):
        processes.stop(name)
    shutil.rmtree(STATE, ignore_errors=True)


def down():
    """Stops the sandbox and removes all that it wrote at run time."""
    with only_one():
        there = STATE.exists()
        clear()
    print("sandbox: down" if there else "sandbox: was not up")


def status():
    """Says what runs; returns the exit status."""
    if not STATE.exists():
        print("sandbox: not up")
        return NOT_RUNNING
    good = True
    for part, module in PARTS.items():
        if not (STATE / f"{part}.up").exists():
            print(f"{part}: not up")
            continue
        for name, ready in module.ready().items():
            known = processes.record(name)
            detail = f" (process {known['pid']})" if known else ""
            print(f"{part}: {name}: {'ready' if ready else 'not ready'}{detail}")
            good = good and ready
    return 0 if good else NOT_RUNNING


def environment():
    """The variables with which Terraform, OpenTofu, kubectl and the tests find the sandbox."""
    if not (STATE / "kube.up").exists():
        raise SandboxError("the sandbox is not up: acceptance/sandbox up")
    keys = {key["name"]: key for key in json.loads(CREDENTIALS.read_text())}
    known = kube.addresses()
    values = {"KUBECONFIG": str(KUBECONFIG)}
    if "eks_server" in known:
        values["AWS_ENDPOINT_URL_EKS"] = values["AWS_ENDPOINT_URL_STS"] = eks.url()
        values["GPUSHARE_SANDBOX_CONTROL"] = f"{eks.url()}/_sandbox"
    values |= {
        "AWS_ACCESS_KEY_ID": keys["admin"]["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": keys["admin"]["secret_access_key"],
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "TF_CLI_CONFIG_FILE": str(TERRAFORM_CONFIGURATION),
        "PATH": f"{BINARIES}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "GPUSHARE_SANDBOX_STATE": str(STATE),
        "GPUSHARE_SANDBOX_CA_FILE": str(CERTIFICATES / "authority.crt"),
        "GPUSHARE_SANDBOX_CLUSTER_ENDPOINT": known["cluster_endpoint"],
        "GPUSHARE_SANDBOX_TOKEN_CONTROL": f"https://127.0.0.1:{known['token_webhook']}/_sandbox",
    }
    if "karpenter_health" in known:
        values["GPUSHARE_SANDBOX_NODE_CLASS"] = karpenter.NODE_CLASS
        values["GPUSHARE_SANDBOX_KARPENTER_METRICS"] = f"http://127.0.0.1:{known['karpenter_metrics']}/metrics"
    for name in ("restricted", "session", "expired"):
        for member in ("access_key_id", "secret_access_key", "session_token"):
            if member in keys[name]:
                values[f"GPUSHARE_SANDBOX_{name.upper()}_{member.upper()}"] = keys[name][member]
    return values


def show_environment():
    """Prints the variables as shell exports."""
    values = environment()
    print(f"unset {' '.join(UNSET)}")
    for name, value in values.items():
        print(f"export {name}={shlex.quote(value)}")


def build(names):
    """Builds what tests need, or with bench what benchmarks need too."""
    if names not in ([], ["bench"]):
        raise SandboxError("build takes nothing or bench")
    toolchain.ensure(toolchain.PROGRAMS if names else (*toolchain.FOR_TESTS, *toolchain.FOR_KARPENTER))
    toolchain.custom_resources()


def tool(names):
    """Prints the path of a program, which is built first where it is missing."""
    if len(names) != 1 or names[0] not in toolchain.PROGRAMS:
        raise SandboxError(f"tool takes one of {', '.join(toolchain.PROGRAMS)}")
    with contextlib.redirect_stdout(sys.stderr):
        path = toolchain.ensure(names, quiet=True)[names[0]]
    print(path)


def run(command, arguments):
    """Does one command; returns the exit status."""
    if command == "python":
        os.execve(python(), [str(python()), *arguments], python_environment())
    if command in ("up", "build", "tool"):
        {"up": up, "build": build, "tool": tool}[command](arguments)
        return 0
    if arguments:
        raise SandboxError(f"{command} takes no arguments")
    return {"down": down, "status": status, "env": show_environment}[command]() or 0
