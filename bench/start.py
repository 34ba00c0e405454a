"""How a plugin starts: the time to its handshake line, memory after it, and its size on disk."""

import os
import select
import signal
import subprocess
import time

import watch

COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
FLOOR = "C floor"
PATIENCE = 10
LINE_MAX = 65536
FLOOR_SOURCE = r"""
#include <unistd.h>

int main(void)
{
    static const char line[] = "1|6|unix|/nowhere|grpc|\n";
    if (write(1, line, sizeof line - 1) < 0)
        return 1;
    pause();
    return 0;
}
"""
ROWS = (
    ("exec to handshake line, ms", 0, "plain"),
    ("  the same with AutoMTLS, ms", 0, "tls"),
    ("RSS after the handshake, MB", 0, "rss"),
    ("program on disk, MB", 0, "size"),
    ("  shared libraries it names", 0, "libraries"),
    ("  tables of symbols in it", 0, "symbols"),
)


class StartError(Exception):
    """A program that did not start as a plugin must."""


def make_floor(folder):
    """A static C program that prints one line: what any program needs to start."""
    source, program = folder / "floor.c", folder / "floor"
    source.write_text(FLOOR_SOURCE)
    subprocess.run(["gcc", "-static", "-O2", "-s", "-o", program, source], check=True)
    return program


def make_client_certificate(folder):
    """A certificate like the one that a core makes for AutoMTLS: P-521, for localhost."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp521r1", "-noenc"]
    command += ["-keyout", folder / "client.key", "-out", folder / "client.crt", "-days", "1"]
    command += ["-subj", "/O=HashiCorp/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    command += ["-addext", "extendedKeyUsage=clientAuth,serverAuth"]
    command += ["-addext", "keyUsage=critical,digitalSignature,keyEncipherment,keyAgreement,keyCertSign"]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    return (folder / "client.crt").read_text()


def environment(folder, certificate):
    """The variables that a core gives to a plugin."""
    given = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "TF_PLUGIN_MAGIC_COOKIE": COOKIE,
        "PLUGIN_PROTOCOL_VERSIONS": "6,5",
        "PLUGIN_MIN_PORT": "10000",
        "PLUGIN_MAX_PORT": "25000",
    }
    return {**given, "PLUGIN_CLIENT_CERT": certificate} if certificate else given


def read_line(descriptor):
    """The first line that comes, within the time we have."""
    line, deadline = b"", time.monotonic() + PATIENCE
    while not line.endswith(b"\n") and len(line) < LINE_MAX:
        ready, _, _ = select.select([descriptor], [], [], max(0, deadline - time.monotonic()))
        part = os.read(descriptor, LINE_MAX) if ready else b""
        if not part:
            break
        line += part
    return line


def end(pid):
    """Ends a process that we started, and waits for it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        os.kill(pid, number)
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return
            time.sleep(0.001)


def launch(program, variables):
    """Starts a plugin and ends it; returns milliseconds to its line, the line, and MB of memory then."""
    reader, writer = os.pipe()
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, writer, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    began = time.perf_counter()
    pid = os.posix_spawn(program, [str(program)], variables, file_actions=actions)
    try:
        os.close(writer)
        line = read_line(reader)
        took = (time.perf_counter() - began) * 1000
        return took, line.decode(errors="replace").strip(), watch.resident(pid)
    finally:
        os.close(reader)
        end(pid)


def measure_once(results, column, program, variables, number):
    """One start without and one with a client certificate."""
    for quantity, given in variables.items():
        took, line, memory = launch(program, given)
        fields = line.split("|")
        if len(fields) < 6 or (quantity == "tls" and column != FLOOR and not fields[5]):
            raise StartError(f"{column} printed no handshake line: {line[:80]!r}")
        results.add(0, quantity, column, number, took)
        if quantity == "tls":
            results.add(0, "rss", column, number, memory)


def sections(program):
    """What readelf says of a program's sections and shared libraries."""
    command = ["readelf", "-W", "-S", "-d", program]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def is_static(program):
    """Whether a program names no shared libraries."""
    return "(NEEDED)" not in sections(program)


def describe(results, column, program):
    """What can be said of a program without starting it."""
    shown = sections(program)
    results.add(0, "size", column, 0, os.path.getsize(program) / watch.MEGABYTE)
    results.add(0, "libraries", column, 0, shown.count("(NEEDED)"))
    results.add(0, "symbols", column, 0, shown.count(".symtab "))


def measure(results, programs, folder, rounds):
    """Measures all programs in turn, round after round; the first start of each only warms caches."""
    certificate = make_client_certificate(folder)
    variables = {"plain": environment(folder, ""), "tls": environment(folder, certificate)}
    programs = {**programs, FLOOR: make_floor(folder)}
    for column, program in programs.items():
        describe(results, column, program)
        launch(program, variables["plain"])
    for number in range(rounds):
        for column, program in list(programs.items()):
            try:
                measure_once(results, column, program, variables, number)
            except (StartError, OSError) as error:
                results.fail(f"start: {error}")
                del programs[column]
