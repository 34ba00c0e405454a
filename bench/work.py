"""How long a core and a provider need for many objects: apply, a plan without changes, destroy."""

import json
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from cluster import LABEL, NAMESPACE
from results import OURS
from watch import Watch

CORE_ALONE, ECHO, KUBECTL = "core alone", "echo", "kubectl"
COLUMNS = (OURS, CORE_ALONE, ECHO, KUBECTL)
COMMAND_SECONDS = 150
ENDING_SECONDS = 10
SHOWN = 1500
COMMANDS = {
    "apply": ("apply", "-auto-approve", "-input=false", "-no-color"),
    "plan": ("plan", "-detailed-exitcode", "-input=false", "-no-color"),
    "destroy": ("destroy", "-auto-approve", "-input=false", "-no-color"),
}
HEADS = {
    OURS: """terraform {
  required_providers {
    gpushare = {
      source = "gpushare/gpushare"
    }
  }
}
provider "gpushare" {
  kubernetes {
    config_path = "KUBECONFIG"
  }
}
""",
    CORE_ALONE: "",
    ECHO: """terraform {
  required_providers {
    echo = {
      source = "gpushare/echo"
    }
  }
}
""",
    KUBECTL: """terraform {
  required_providers {
    kubectl = {
      source = "gavinbunney/kubectl"
    }
  }
}
provider "kubectl" {
  config_path = "KUBECONFIG"
}
""",
}
BODIES = {
    OURS: """resource "gpushare_time_slicing_config" "this" {
  count     = COUNT
  name      = "NAME-${count.index}"
  namespace = "NAMESPACE"
  labels    = { LABEL = "RUN" }
  config {
    name     = "any"
    replicas = { "nvidia.com/gpu" = 10 }
  }
}
""",
    CORE_ALONE: """resource "terraform_data" "this" {
  count = COUNT
  input = {
    name = "NAME-${count.index}"
    data = { any = <<-TEXT
DOCUMENT
    TEXT
    }
  }
}
""",
    ECHO: """resource "echo_object" "this" {
  count = COUNT
  name  = "NAME-${count.index}"
  data = { any = <<-TEXT
DOCUMENT
    TEXT
  }
}
""",
    KUBECTL: """resource "kubectl_manifest" "this" {
  count     = COUNT
  yaml_body = <<-TEXT
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: NAME-${count.index}
      namespace: NAMESPACE
      labels:
        LABEL: "RUN"
    data:
      any: |
DOCUMENT
  TEXT
}
""",
}
DOCUMENT = """        version: v1
        flags:
          migStrategy: none
        sharing:
          timeSlicing:
            resources:
            - name: nvidia.com/gpu
              replicas: 10"""


def rows(sizes):
    """The rows of the two tables: what is judged and compared, and where the time goes."""
    compared, explained = [], []
    for size in sizes:
        compared += [(f"{command} of {size:,}, s", size, f"{command} seconds") for command in COMMANDS]
        compared.append((f"peak RSS of the provider at {size:,}, MB", size, "peak"))
        compared += [(f"requests an object, {command} of {size:,}", size, f"{command} requests") for command in COMMANDS]
        for command in COMMANDS:
            explained += [
                (f"{command} of {size:,}: CPU of the core, s", size, f"{command} core"),
                ("  CPU of the provider, s", size, f"{command} provider"),
                ("  CPU of API server and etcd, s", size, f"{command} server"),
                ("  connections to the API server", size, f"{command} connections"),
            ]
    return compared, explained


class WorkError(Exception):
    """A command of a core that did not do what it was to do."""


@dataclass
class Bench:
    """What all commands of a run share."""

    core: str
    environment: dict
    programs: dict
    cluster: object
    folder: Path
    run: str
    deadline: float


def write_configuration(bench, folder, column, size, number):
    """The configuration of so many objects, with names of their own."""
    text = HEADS[column] + BODIES[column]
    for name, value in (
        ("DOCUMENT", DOCUMENT),
        ("KUBECONFIG", bench.environment["KUBECONFIG"]),
        ("COUNT", str(size)),
        ("NAMESPACE", NAMESPACE),
        ("NAME", f"{bench.run}-{column.split()[0]}-{size}-{number}"),
        ("LABEL", LABEL),
        ("RUN", bench.run),
    ):
        text = text.replace(name, value)
    folder.mkdir()
    (folder / "main.tf").write_text(text)


def end_group(pid, ended):
    """Ends a core that took too long, with the providers that it started."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(pid, number)
        except ProcessLookupError:
            return
        if ended.wait(ENDING_SECONDS):
            return


def wait_for(process, seconds):
    """Waits for a core for so long at most; returns its exit status and what it used with its children."""
    ended = threading.Event()
    timer = threading.Timer(seconds, end_group, [process.pid, ended])
    timer.start()
    try:
        _, status, usage = os.wait4(process.pid, 0)
    except BaseException:
        end_group(process.pid, ended)
        raise
    finally:
        ended.set()
        timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, usage


def execute(bench, folder, column, command):
    """Runs one command of the core; returns its seconds, the processor seconds of all, and the watch."""
    seconds = max(ENDING_SECONDS, min(COMMAND_SECONDS, bench.deadline + COMMAND_SECONDS / 2 - time.monotonic()))
    with open(folder / f"{command}.log", "wb") as log:
        began = time.perf_counter()
        process = subprocess.Popen(
            [bench.core, *COMMANDS[command]],
            cwd=folder,
            env={**bench.environment, "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        watch = Watch(process.pid, bench.programs.get(column), bench.cluster.port)
        watch.start()
        code, usage = wait_for(process, seconds)
        took = time.perf_counter() - began
    watch.end()
    if code:
        tail = (folder / f"{command}.log").read_text(errors="replace")[-SHOWN:]
        why = f"took more than {seconds:.0f} s" if took > seconds else f"ended with {code}"
        raise WorkError(f"{column}: {command} {why}: {tail}")
    return took, usage.ru_utime + usage.ru_stime, watch


def measure_command(bench, results, folder, column, size, number, command):
    """Runs one command, and keeps all that is known of it; returns the provider's peak memory."""
    before, server = bench.cluster.requests(), bench.cluster.seconds()
    took, processor, watch = execute(bench, folder, column, command)
    server = bench.cluster.seconds() - server
    after = bench.cluster.requests()

    def add(quantity, value):
        results.add(size, f"{command} {quantity}", column, number, value)

    add("seconds", took)
    add("core", max(0.0, processor - watch.seconds()))
    add("server", server)
    if column in bench.programs:
        add("provider", watch.seconds())
    if column in (OURS, KUBECTL):
        verbs = {verb: after[verb] - before.get(verb, 0) for verb in after if after[verb] != before.get(verb, 0)}
        add("requests", sum(verbs.values()) / size)
        add("connections", watch.connections())
        results.verbs[size, command, column] = verbs
    return watch.peak()


def check_state(folder, column, size):
    """Fails when an apply did not leave as many objects as were asked for."""
    held = json.loads((folder / "terraform.tfstate").read_text())["resources"]
    count = sum(len(one["instances"]) for one in held)
    if count != size:
        raise WorkError(f"{column}: the state holds {count} objects instead of {size}")


def cycle(bench, results, column, size, number):
    """Creates, plans and destroys so many objects with one provider."""
    folder = bench.folder / f"{column.split()[0]}-{size}-{number}"
    write_configuration(bench, folder, column, size, number)
    peaks = []
    for command in COMMANDS:
        peaks.append(measure_command(bench, results, folder, column, size, number, command))
        if command == "apply":
            check_state(folder, column, size)
    if column in bench.programs:
        results.add(size, "peak", column, number, max(peaks))


def measure(bench, results, columns, sizes, say):
    """Measures all columns in turn, round after round; SIZES are {objects: rounds}."""
    columns = list(columns)
    for size, rounds in sizes.items():
        for number in range(rounds):
            for column in list(columns):
                if time.monotonic() > bench.deadline:
                    results.notes.append(f"out of time: no round {number + 1} of {size:,} objects for {column}")
                    continue
                say(f"{size:,} objects, round {number + 1} of {rounds}: {column}")
                try:
                    cycle(bench, results, column, size, number)
                except WorkError as error:
                    results.fail(str(error))
                    columns.remove(column)
