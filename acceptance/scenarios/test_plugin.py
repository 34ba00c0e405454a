"""The plugin as a process: handshake, stdout, TLS, debugging, interrupts."""

import os
import re
import signal
import subprocess
import time
from pathlib import Path

from scenarios.scenario import Scenario
from scenarios.test_time_slicing_config import ADDRESS, PLAIN, resource
from scenarios.workspace import Reader

COOKIE = {"TF_PLUGIN_MAGIC_COOKIE": "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"}
LINE = re.compile(r"1\|6\|unix\|/[^|]+\|grpc\|[A-Za-z0-9+/]*(\|true|\|false)?")


class PluginProcess(Scenario):
    """What a core would see of the process."""

    once = True

    def program(self, *arguments, environment=None):
        """Starts the provider."""
        process = subprocess.Popen(
            [self.environment["GPUSHARE_ACCEPTANCE_PROVIDER"], *arguments],
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def test_nothing_but_the_handshake_on_stdout(self):
        process = self.program(environment={**COOKIE, "PLUGIN_PROTOCOL_VERSIONS": "5,6", "TF_LOG": "TRACE"})
        output = Reader(process.stdout)
        self.assertIsNotNone(output.wait_for("|"), "no handshake")
        self.assertRegex(output.text().rstrip("\n"), LINE)
        address = Path(output.text().split("|")[3])
        self.assertTrue(address.is_socket())
        self.assertEqual(0o700, address.parent.stat().st_mode & 0o777)
        process.send_signal(signal.SIGTERM)
        process.wait(5)
        output.join(5)
        self.assertEqual(1, output.text().count("\n"))
        self.assertFalse(address.parent.exists(), "the socket's folder is left behind")

    def test_a_wrong_cookie(self):
        for given in ({}, {"TF_PLUGIN_MAGIC_COOKIE": "wrong"}):
            with self.subTest(given):
                process = self.program(environment=given)
                output, errors = process.communicate(timeout=5)
                self.assertEqual((1, "", 1), (process.returncode, output, errors.count("\n")), errors)
                self.assertIn("plugin", errors)

    def test_an_old_protocol(self):
        process = self.program(environment={**COOKIE, "PLUGIN_PROTOCOL_VERSIONS": "4,5"})
        output, errors = process.communicate(timeout=5)
        self.assertEqual((1, "", 1), (process.returncode, output, errors.count("\n")), errors)

    def test_unknown_arguments(self):
        process = self.program("-frobnicate")
        output, errors = process.communicate(timeout=5)
        self.assertEqual((1, ""), (process.returncode, output))
        self.assertIn("usage", errors)

    def test_a_closed_stdout(self):
        reading, writing = os.pipe()
        os.close(reading)
        process = subprocess.run(
            [self.environment["GPUSHARE_ACCEPTANCE_PROVIDER"]],
            env={**self.environment, **COOKIE},
            stdout=writing,
            stderr=subprocess.PIPE,
            timeout=5,
            check=False,
        )
        os.close(writing)
        self.assertNotEqual(0, process.returncode)


class PluginWithCore(Scenario):
    """Plain mode, debugging, and leftovers, with a core."""

    def test_without_tls(self):
        self.configure(resource(self.name))
        environment = {**self.workspace.environment, "TF_DISABLE_PLUGIN_TLS": "1"}
        self.apply(environment=environment)
        self.assert_empty(environment=environment)

    def test_debug_serves_many_runs(self):
        process = subprocess.Popen(
            [self.environment["GPUSHARE_ACCEPTANCE_PROVIDER"], "-debug"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        line = Reader(process.stdout).wait_for("TF_REATTACH_PROVIDERS")
        self.assertIsNotNone(line, "no TF_REATTACH_PROVIDERS")
        value = re.search(r"TF_REATTACH_PROVIDERS='(.*)'", line).group(1)
        kept = {key: what for key, what in self.workspace.environment.items() if key != "TF_CLI_CONFIG_FILE"}
        environment = {**kept, "TF_REATTACH_PROVIDERS": value}
        self.configure(resource(self.name))
        self.assert_planned(ADDRESS, "create", environment=environment)
        self.apply(environment=environment)
        self.assert_empty(environment=environment)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        self.assertEqual(0, process.wait(5))

    def test_no_socket_is_left_behind(self):
        temporary = self.workspace.folder / "tmp"
        temporary.mkdir()
        self.configure(resource(self.name))
        self.apply(environment={**self.workspace.environment, "TMPDIR": str(temporary)})
        deadline = time.monotonic() + 5
        while list(temporary.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual([], [path.name for path in temporary.iterdir() if path.name.startswith("gpushare")])

    def test_concurrent_runs(self):
        spaces = [self.new_workspace() for _ in range(4)]
        for index, space in enumerate(spaces):
            space.write(resource(f"{self.name}-{index}", PLAIN))
        processes = [space.start("apply", "-json", "-auto-approve", "-input=false") for space in spaces]
        for process in processes:
            output, errors = process.communicate(timeout=120)
            self.assertEqual(0, process.returncode, output + errors)
