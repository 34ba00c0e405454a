"""Watches the providers that a core starts: memory, processor time, connections to the API server."""

import os
import threading

INTERVAL = 0.02
TICKS = os.sysconf("SC_CLK_TCK")
MEGABYTE = 1e6


def stat_fields(pid):
    """The fields of a process after its name, or None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()
    except OSError:
        return None


def processor_seconds(pid):
    """The processor time that a process has used so far, in steps of one clock tick."""
    fields = stat_fields(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def status_bytes(path, name):
    """A size from a file of /proc that states it in kB, or 0."""
    try:
        with open(path) as file:
            for line in file:
                if line.startswith(name):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def resident(pid):
    """The resident memory of a process, shared pages included, in MB."""
    return status_bytes(f"/proc/{pid}/smaps_rollup", "Rss:") / MEGABYTE


class Provider:
    """What was seen of one process of a provider."""

    def __init__(self, pid):
        self.pid, self.seconds, self.peak = pid, 0.0, 0.0
        self.sockets, self.connections = set(), set()

    def sample(self, port):
        """Looks once; what is gone leaves the last look as it was."""
        self.seconds = max(self.seconds, processor_seconds(self.pid))
        self.peak = max(self.peak, status_bytes(f"/proc/{self.pid}/status", "VmHWM:") / MEGABYTE)
        fresh = self.open_sockets() - self.sockets
        if fresh:
            seen, connected = self.inet_sockets(port)
            self.connections |= fresh & connected
            # One that is not connected yet is looked at again.
            self.sockets |= fresh - (seen - connected)

    def open_sockets(self):
        """The inodes of the process's sockets."""
        found, folder = set(), f"/proc/{self.pid}/fd"
        try:
            for name in os.listdir(folder):
                try:
                    target = os.readlink(f"{folder}/{name}")
                except OSError:
                    continue
                if target.startswith("socket:["):
                    found.add(int(target[8:-1]))
        except OSError:
            pass
        return found

    @staticmethod
    def inet_sockets(port):
        """The inodes of all TCP sockets of the machine that are still connecting or talk to a port."""
        seen, connected = set(), set()
        for family in ("tcp", "tcp6"):
            try:
                with open(f"/proc/net/{family}") as file:
                    rows = [line.split() for line in file][1:]
            except OSError:
                continue
            for row in rows:
                remote = int(row[2].rpartition(":")[2], 16)
                if remote == port or remote == 0:
                    seen.add(int(row[9]))
                    if remote == port and row[3] != "02":
                        connected.add(int(row[9]))
        return seen, connected


class Watch(threading.Thread):
    """Samples all processes that a core starts from one program, until it is told to end."""

    def __init__(self, core, program, port):
        super().__init__(daemon=True)
        self.core, self.program, self.port = core, program and os.path.realpath(program), port
        self.ended, self.known, self.providers = threading.Event(), set(), {}
        self.known |= self.processes()

    @staticmethod
    def processes():
        """The ids of all processes."""
        return {name for name in os.listdir("/proc") if name.isdigit()}

    def look(self):
        """Finds new processes of the program, and samples all that were found."""
        for pid in self.processes() - self.known:
            try:
                program = os.readlink(f"/proc/{pid}/exe")
            except OSError:
                continue
            fields = stat_fields(pid)
            if program == self.program and fields and int(fields[1]) == self.core:
                self.providers[pid] = Provider(int(pid))
                self.known.add(pid)
            elif fields and int(fields[1]) != self.core:
                self.known.add(pid)
        for provider in self.providers.values():
            provider.sample(self.port)

    def run(self):
        while self.program and not self.ended.wait(INTERVAL):
            self.look()

    def end(self):
        """Ends the watch; then the totals are final."""
        self.ended.set()
        self.join()

    def seconds(self):
        """The processor time of all the providers."""
        return sum(one.seconds for one in self.providers.values())

    def peak(self):
        """The most memory that one of them held, in MB."""
        return max((one.peak for one in self.providers.values()), default=0.0)

    def connections(self):
        """How many connections to the API server they made in all."""
        return sum(len(one.connections) for one in self.providers.values())
