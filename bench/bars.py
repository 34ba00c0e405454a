"""The bars that the provider has to meet, and where each comes from.

They were set beside the best of the Go providers, measured on a machine with two cores of the usual cloud
class.  There, hashicorp/kubernetes 3.2 and kubectl (alekc v3) took 38.9 and 31.1 ms to the handshake line
(a static C program: 0.9 ms), 85 and 82 MB on disk, 63 and 51 MB after the handshake; 5.06 and 12.5 s for a
plan of 1,000 unchanged ConfigMaps (core alone 0.95 s, a Go provider that does nothing 1.60 s); 2.3 and 4.6 s
for an apply of 200 new ones (core alone 0.67 s); 108 and 224 MB at most with 1,000 objects; 2 requests to
refresh an object, 2 or more to create one.

Seconds depend on the machine, so each of those bars also stands as its ratio to the floor of the same run:
3 ms of 0.9 ms, 1.5 s of 0.95 s, 1.1 s of 0.67 s.  Both are judged.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """A limit for one measure of ours: absolute, or as a multiple of another column in the same round."""

    size: int
    quantity: str
    limit: float
    unit: str
    beside: str = ""

    def text(self):
        """The bar as the table shows it."""
        return f"<= {self.limit:g} x {self.beside}" if self.beside else f"<= {self.limit:g} {self.unit}".rstrip()


# Measures of the start have size 0; the others are for that many objects.
BARS = (
    Bar(0, "plain", 3, "ms"),
    Bar(0, "plain", 3.3, "", "C floor"),
    Bar(0, "tls", 3, "ms"),
    Bar(0, "tls", 3.3, "", "C floor"),
    Bar(0, "rss", 6, "MB"),
    Bar(0, "size", 6, "MB"),
    Bar(0, "libraries", 0, "(static)"),
    Bar(0, "symbols", 0, "(stripped)"),
    Bar(1000, "plan seconds", 1.5, "s"),
    Bar(1000, "plan seconds", 1.58, "", "core alone"),
    Bar(200, "apply seconds", 1.1, "s"),
    Bar(200, "apply seconds", 1.64, "", "core alone"),
    Bar(1000, "peak", 16, "MB"),
    Bar(200, "apply requests", 1, "an object"),
    Bar(1000, "apply requests", 1, "an object"),
    Bar(200, "plan requests", 1, "an object"),
    Bar(1000, "plan requests", 1, "an object"),
)


def bars_of(size, quantity):
    """The bars of one row."""
    return [bar for bar in BARS if bar.size == size and bar.quantity == quantity]
