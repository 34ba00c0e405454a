"""Faults that tests ask for: which requests they meet, and what a client then sees."""

import socket
import struct
import threading

KINDS = ("status", "reset", "slow", "truncate", "garbage", "html")
UNLIMITED = 0


class Fault:
    """One fault: it meets the nth matching request, or the first count of them."""

    def __init__(self, given):
        known = {
            "match",
            "target",
            "nth",
            "count",
            "kind",
            "status",
            "code",
            "message",
            "retry_after_ms",
            "delay_s",
            "after",
            "headers",
        }
        if set(given) - known or given.get("kind") not in KINDS:
            raise ValueError(f"a fault has a kind ({', '.join(KINDS)}) and these members: {', '.join(sorted(known))}")
        self.given = given
        self.kind = given["kind"]
        self.after = bool(given.get("after"))
        self.seen = 0
        self.met = 0

    def meets(self, operation, target):
        """Counts a request, and says whether the fault is for it."""
        if self.given.get("match", "*") not in ("*", operation) or self.given.get("target", "") not in target:
            return False
        self.seen += 1
        if "nth" in self.given:
            hit = self.seen == self.given["nth"]
        else:
            count = self.given.get("count", 1)
            hit = count == UNLIMITED or self.seen <= count
        self.met += hit
        return hit

    def show(self):
        """The fault with how often it was met."""
        return {**self.given, "seen": self.seen, "met": self.met}


class Faults:
    """All faults that wait for their requests."""

    def __init__(self):
        self.lock = threading.Lock()
        self.waiting = []

    def add(self, given):
        """Takes a list of faults, or refuses all of it."""
        made = [Fault(one) for one in (given if isinstance(given, list) else [given])]
        with self.lock:
            self.waiting += made

    def clear(self):
        """Forgets all faults."""
        with self.lock:
            self.waiting = []

    def show(self):
        """All faults with how often each was met."""
        with self.lock:
            return [fault.show() for fault in self.waiting]

    def for_request(self, operation, target):
        """The first fault for a request; all that match count it."""
        with self.lock:
            hits = [fault for fault in self.waiting if fault.meets(operation, target)]
        return hits[0] if hits else None


def reset(connection):
    """Ends a connection the hard way, so that the client sees a reset."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
