"""The parts of the sandbox: what builds them, starts and stops them, and the servers that are ours."""
