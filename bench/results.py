"""What was measured, by round, and how it compares with the bars."""

import statistics
from collections import defaultdict

OURS = "ours"


class Results:
    """Values by size, quantity and column; each value belongs to a round, so that columns can be paired."""

    def __init__(self):
        self.values = defaultdict(dict)
        self.failures = []
        self.notes = []
        self.verbs = {}

    def add(self, size, quantity, column, number, value):
        """Keeps the value of a round."""
        self.values[size, quantity, column][number] = value

    def fail(self, text):
        """Keeps the reason why a value is missing."""
        self.failures.append(text)

    def rounds(self, size, quantity, column):
        """All values of a cell."""
        return list(self.values.get((size, quantity, column), {}).values())

    def ratio(self, size, quantity, column, beside):
        """The median of the ratios of two columns in the same rounds, or None."""
        one, other = (self.values.get((size, quantity, name), {}) for name in (column, beside))
        pairs = [one[number] / other[number] for number in one if other.get(number)]
        return statistics.median(pairs) if pairs else None

    def cell(self, size, quantity, column):
        """A cell as text: the median, and the least and the most where they differ."""
        values = self.rounds(size, quantity, column)
        if not values:
            return "-"
        middle, least, most = (number(value) for value in (statistics.median(values), min(values), max(values)))
        return middle if least == most else f"{middle} ({least}-{most})"

    def judge(self, bar):
        """What became of a bar: its text with `met` or `missed by`, and whether it was missed."""
        if bar.beside:
            value = self.ratio(bar.size, bar.quantity, OURS, bar.beside)
        else:
            values = self.rounds(bar.size, bar.quantity, OURS)
            value = statistics.median(values) if values else None
        if value is None:
            return f"{bar.text()}: not measured", True
        found = f" ({value:.2f} x)" if bar.beside else ""
        if value <= bar.limit:
            return f"{bar.text()}: met{found}", False
        unit = "x" if bar.beside else bar.unit.partition(" ")[0]
        unit = "" if unit.startswith("(") else unit
        return f"{bar.text()}: missed by {number(value - bar.limit)} {unit}".rstrip() + found, True


def number(value):
    """A number with about three digits."""
    if value == int(value) and value < 1000:
        return str(int(value))
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def table(results, rows, columns, judged):
    """The lines of a table; ROWS are (title, size, quantity).  Returns them and the bars that were missed."""
    lines, missed = [["", *columns, "bar" if judged else ""]], []
    for title, size, quantity in rows:
        verdicts = [(bar, *results.judge(bar)) for bar in judged(size, quantity)] if judged else []
        missed += [f"{title.strip()}: {text}" for bar, text, bad in verdicts if bad]
        texts = [text for bar, text, bad in verdicts] or [""]
        cells = [results.cell(size, quantity, column) for column in columns]
        lines.append([title, *cells, texts[0]])
        lines += [["", *("" for _ in columns), text] for text in texts[1:]]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns) + 2)]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
    return [shown[0], "-" * max(len(line) for line in shown), *shown[1:]], missed
