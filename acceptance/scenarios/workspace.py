"""A folder with a configuration, and the core (tofu or terraform) that works on it."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import threading
from pathlib import Path

HEAD = """terraform {
  required_providers {
    gpushare = {
      source = "gpushare/gpushare"
    }
  }
}
"""
CLUSTER = 'provider "gpushare" {\n  cluster_name = "sandbox"\n}\n'
OVERRIDDEN = "Provider development overrides are in effect"
PATIENCE = 300


processes = set()


def end_all():
    """Ends all cores that still run, for a run that is interrupted."""
    for process in list(processes):
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            os.killpg(process.pid, signal.SIGINT)
            process.wait(5)


def squeezed(text):
    """A text without the frames and line ends that a core draws around messages."""
    return re.sub(r"\s+", " ", re.sub(r"[│╷╵]", " ", text))


class Run:
    """What one run of a core did: exit status, messages, and the changes that it planned."""

    def __init__(self, command, code, output, errors):
        self.command, self.code, self.output, self.errors = command, code, output, errors
        self.diagnostics, self.changes, self.drift, self.summary = [], {}, {}, {}
        for line in output.splitlines():
            self.take(line)

    def take(self, line):
        """Reads one line of a core's JSON output; others are left alone."""
        try:
            event = json.loads(line)
        except ValueError:
            return
        if not isinstance(event, dict):
            return
        kind = event.get("type")
        if kind == "diagnostic" and event["diagnostic"]["summary"] != OVERRIDDEN:
            self.diagnostics.append(event["diagnostic"])
        elif kind == "planned_change":
            self.changes[event["change"]["resource"]["addr"]] = event["change"]["action"]
        elif kind == "resource_drift":
            self.drift[event["change"]["resource"]["addr"]] = event["change"]["action"]
        elif kind == "change_summary":
            self.summary = event["changes"]

    def messages(self, severity):
        """All errors or warnings, each as one line."""
        return [
            squeezed(f"{one['summary']}: {one.get('detail', '')}")
            for one in self.diagnostics
            if one["severity"] == severity
        ]

    @property
    def error(self):
        """All errors as one text."""
        return "\n".join(self.messages("error")) or squeezed(self.errors)

    @property
    def warning(self):
        """All warnings as one text."""
        return "\n".join(self.messages("warning"))

    def __str__(self):
        return f"{' '.join(self.command)}: exit status {self.code}\n{self.told()}"

    def told(self):
        """What a person would have read."""
        lines = []
        for line in self.output.splitlines():
            try:
                event = json.loads(line)
                lines.append(str(event.get("@message", line)) if isinstance(event, dict) else line)
            except ValueError:
                lines.append(line)
        lines += [f"{one['severity']}: {one['summary']}: {one.get('detail', '')}" for one in self.diagnostics]
        return "\n".join([*lines, self.errors])[-6000:]


class Workspace:
    """A folder with a configuration and its state."""

    def __init__(self, core, folder, environment):
        self.core, self.folder, self.environment = core, Path(folder), dict(environment)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.environment["HOME"] = str(self.folder)

    def write(self, text, provider=CLUSTER):
        """Replaces the configuration."""
        (self.folder / "main.tf").write_text(f"{HEAD}{provider}{text}")

    def start(self, *arguments, environment=None):
        """Starts the core and returns its process."""
        process = subprocess.Popen(
            [self.core, *arguments],
            cwd=self.folder,
            env=self.environment if environment is None else environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        processes.add(process)
        return process

    def run(self, *arguments, environment=None, patience=PATIENCE):
        """Runs the core to its end."""
        process = self.start(*arguments, environment=environment)
        try:
            output, errors = process.communicate(timeout=patience)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            output, errors = process.communicate()
            errors += f"\nended by the test after {patience} s"
        finally:
            processes.discard(process)
        return Run([Path(self.core).name, *arguments], process.returncode, output, errors)

    def plan(self, *arguments, **more):
        """Plans; the exit status is 0 for no changes and 2 for changes."""
        return self.run("plan", "-json", "-detailed-exitcode", "-input=false", *arguments, **more)

    def apply(self, *arguments, **more):
        """Applies without asking."""
        return self.run("apply", "-json", "-auto-approve", "-input=false", *arguments, **more)

    def destroy(self, *arguments, **more):
        """Destroys without asking."""
        return self.run("destroy", "-json", "-auto-approve", "-input=false", *arguments, **more)

    def take_in(self, address, identifier, *arguments, **more):
        """Imports by id."""
        return self.run("import", "-no-color", "-input=false", *arguments, address, identifier, **more)

    def validate(self):
        """The messages of validate by resource address, each with severity, as one line."""
        run = self.run("validate", "-json")
        found = {}
        for one in json.loads(run.output)["diagnostics"]:
            if one["summary"] == OVERRIDDEN:
                continue
            context = (one.get("snippet") or {}).get("context") or ""
            address = ".".join(re.findall(r'"([^"]*)"', context))
            found.setdefault(address, []).append(squeezed(f"{one['severity']}: {one['summary']}: {one['detail']}"))
        return found

    def planned(self, *arguments):
        """The plan as a core shows it in JSON, after a plan that must succeed."""
        run = self.run("plan", "-json", "-input=false", "-out=plan", *arguments)
        if run.code:
            raise AssertionError(str(run))
        shown = self.run("show", "-json", "plan")
        if shown.code:
            raise AssertionError(str(shown))
        return json.loads(shown.output), run

    def change(self, address, *arguments):
        """What a plan changes of one resource, as {path: (before, after)}, with the run."""
        document, run = self.planned(*arguments)
        for one in document.get("resource_changes", []):
            if one["address"] == address:
                return differences(one["change"]["before"], merged(one["change"])), run
        return {}, run

    def knows_identities(self):
        """Whether this core's import blocks take identities; both cores do from 1.12 on."""
        shown = self.run("version", "-json")
        return tuple(int(part) for part in json.loads(shown.output)["terraform_version"].split(".")[:2]) >= (1, 12)

    def state(self):
        """The state file."""
        path = self.folder / "terraform.tfstate"
        return json.loads(path.read_text()) if path.exists() else {"resources": []}

    def attributes(self, address):
        """A resource's attributes in the state, or None; ADDRESS may have an index."""
        instance = self.instance(address)
        return instance and instance["attributes"]

    def instance(self, address):
        """A resource's instance in the state, or None."""
        for one in self.state()["resources"]:
            base = f"{one['type']}.{one['name']}"
            if one["mode"] == "data":
                base = f"data.{base}"
            for instance in one["instances"]:
                key = instance.get("index_key")
                index = "" if key is None else f"[{json.dumps(key)}]"
                if f"{base}{index}" == address:
                    return instance
        return None

    def remove(self):
        """Removes the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)


def merged(change):
    """The planned object with "(unknown)" where a value is not known yet."""

    def fill(after, unknown):
        if unknown is True:
            return "(unknown)"
        if isinstance(unknown, dict):
            after = dict(after or {})
            for name, part in unknown.items():
                if part not in ({}, [], False):
                    after[name] = fill(after.get(name), part)
        elif isinstance(unknown, list):
            after = list(after or [])
            for index, part in enumerate(unknown):
                if part not in ({}, [], False):
                    after[index : index + 1] = [fill(after[index] if index < len(after) else None, part)]
        return after

    return fill(change["after"], change.get("after_unknown"))


def differences(before, after, path=""):
    """{path: (before, after)} of all leaves that differ."""
    if isinstance(before, dict) and isinstance(after, dict):
        found = {}
        for name in [*before, *(name for name in after if name not in before)]:
            found |= differences(before.get(name), after.get(name), f"{path}.{name}" if path else name)
        return found
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        found = {}
        for index, (one, other) in enumerate(zip(before, after)):
            found |= differences(one, other, f"{path}[{index}]")
        return found
    return {} if before == after else {path: (before, after)}


class Reader(threading.Thread):
    """Collects what a process prints, so that a test can await a line."""

    def __init__(self, stream):
        super().__init__(daemon=True)
        self.stream, self.lines, self.changed = stream, [], threading.Condition()
        self.start()

    def run(self):
        for line in self.stream:
            with self.changed:
                self.lines.append(line)
                self.changed.notify_all()

    def wait_for(self, wanted, patience=60):
        """Waits until a line holds a text; returns that line, or None."""

        def find():
            return next((line for line in self.lines if wanted in line), None)

        with self.changed:
            self.changed.wait_for(find, patience)
            return find()

    def text(self):
        """All lines so far."""
        with self.changed:
            return "".join(self.lines)
