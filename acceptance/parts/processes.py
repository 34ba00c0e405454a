"""Processes of the sandbox: started apart, known by their id and start time, ended by their id."""

import json
import os
import random
import signal
import socket
import subprocess
import time

from parts.places import LOGS, PROCESSES, SandboxError

PORTS = range(20000, 32000)
SHOWN_LINES = 25
SHOWN_COLUMNS = 300
PATIENCE_WITH_END = 10
POLL = 0.05


def stat_fields(pid):
    """The fields of a process after its name, or None when there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return None


def start_time(pid):
    """When a living process began, in the kernel's ticks, or None."""
    fields = stat_fields(pid)
    return None if fields is None or fields[0] == b"Z" else int(fields[19])


def free_ports(count):
    """Ports that nobody listens on, all different."""
    held = []
    try:
        for port in random.sample(PORTS, len(PORTS)):
            candidate = socket.socket()
            try:
                candidate.bind(("127.0.0.1", port))
            except OSError:
                candidate.close()
                continue
            held.append(candidate)
            if len(held) == count:
                return [one.getsockname()[1] for one in held]
    finally:
        for one in held:
            one.close()
    raise SandboxError("no free ports")


def record(name):
    """What is written down of a process, or None."""
    try:
        return json.loads((PROCESSES / f"{name}.json").read_text())
    except (OSError, ValueError):
        return None


def alive(name):
    """Whether the process that was started under a name still runs."""
    known = record(name)
    return known is not None and known["start_time"] is not None and start_time(known["pid"]) == known["start_time"]


def start(name, command, environment=None):
    """Starts a process that outlives this one, and writes down which it is."""
    LOGS.mkdir(parents=True, exist_ok=True)
    PROCESSES.mkdir(parents=True, exist_ok=True)
    with open(LOGS / f"{name}.log", "wb") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
            cwd=LOGS,
        )
    known = {"pid": process.pid, "start_time": start_time(process.pid), "command": os.path.basename(str(command[0]))}
    (PROCESSES / f"{name}.json").write_text(json.dumps(known))


def tail(name):
    """The end of a process's log."""
    try:
        lines = (LOGS / f"{name}.log").read_text(errors="replace").splitlines()
    except OSError:
        lines = []
    return "\n".join(line[:SHOWN_COLUMNS] for line in lines[-SHOWN_LINES:])


def wait_until(name, ready, seconds):
    """Waits until a process is ready; fails early when it ends, and in the end by the deadline."""
    deadline = time.monotonic() + seconds
    while not ready():
        if not alive(name):
            raise SandboxError(f"{name} ended before it was ready; the end of its log:\n{tail(name)}")
        if time.monotonic() > deadline:
            raise SandboxError(f"{name} was not ready after {seconds} s; the end of its log:\n{tail(name)}")
        time.sleep(POLL)


def stop(name):
    """Ends a process by its id, and waits until it is gone."""
    known = record(name)
    if known is not None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            deadline = time.monotonic() + PATIENCE_WITH_END
            if alive(name):
                os.kill(known["pid"], number)
            while alive(name) and time.monotonic() < deadline:
                time.sleep(POLL)
        (PROCESSES / f"{name}.json").unlink(missing_ok=True)


def names():
    """All processes that are written down."""
    return sorted(path.stem for path in PROCESSES.glob("*.json")) if PROCESSES.exists() else []
