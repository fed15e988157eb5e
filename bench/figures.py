"""Figures taken side by side, and the tables that are made of them."""

import dataclasses
import json
import statistics


def interleave(contenders, runs):
    """Calls each contender once a round, `runs` rounds; each call returns a list of figures."""
    samples = {name: [] for name in contenders}
    for _ in range(runs):
        for name, measure in contenders.items():
            samples[name] += measure()
    return samples


def p99(values):
    return sorted(values)[max(0, round(0.99 * len(values)) - 1)]


@dataclasses.dataclass
class Target:
    """What reeve is to reach, of medians; None where there is none of its kind."""

    of_floor: float | None = None  # at most so many times the floor
    of_peer: tuple[str, float] | None = None  # at most so many times that peer; "best" is the best
    at_most: float | None = None  # as a figure

    def __str__(self):
        said = []
        if self.of_floor is not None:
            said.append(f"{self.of_floor} x floor")
        if self.of_peer:
            said.append(f"{self.of_peer[1]} x {self.of_peer[0]}".replace("1.0 x best", "the best peer"))
        if self.at_most is not None:
            said.append(f"{self.at_most:g}")
        return ", ".join(said) or "-"


@dataclasses.dataclass
class Row:
    what: str
    unit: str
    samples: dict
    target: Target
    places: int = 2
    has_tail: bool = False  # p99 is worth a look

    def median(self, name):
        return statistics.median(self.samples[name])

    def best_peer(self):
        peers = [name for name in self.samples if name not in ("floor", "reeve") and self.samples[name]]
        return min(peers, key=self.median, default=None)

    def ratio(self, name):
        """Of reeve to that one; None where there is no such figure."""
        if not self.samples.get(name) or not self.median(name):
            return None
        return self.median("reeve") / self.median(name)

    def is_met(self):
        checks = []
        if self.target.of_floor is not None and self.ratio("floor") is not None:
            checks.append(self.ratio("floor") <= self.target.of_floor)
        if self.target.of_peer:
            peer = self.best_peer() if self.target.of_peer[0] == "best" else self.target.of_peer[0]
            if self.ratio(peer) is not None:
                checks.append(self.ratio(peer) <= self.target.of_peer[1])
        if self.target.at_most is not None:
            checks.append(self.median("reeve") <= self.target.at_most)
        return all(checks) if checks else None

    def cell(self, name):
        if not self.samples.get(name):
            return "-"
        median = f"{self.median(name):.{self.places}f}"
        return f"{median} ({p99(self.samples[name]):.{self.places}f})" if self.has_tail else median


def _ratio(value):
    return "-" if value is None else f"{value:.2f}"


def markdown(title, rows):
    """A table with a column for each contender that a row knows."""
    names = list(dict.fromkeys(name for row in rows for name in row.samples))
    lines = [f"## {title}", "", f"| median | {' | '.join(names)} | of floor | of best peer | target | |",
             "|---" * (len(names) + 5) + "|"]  # fmt: skip
    for row in rows:
        tail = ", and p99" if row.has_tail else ""
        met = {True: "met", False: "missed", None: ""}[row.is_met()]
        best = row.best_peer()
        lines.append(f"| {row.what}, {row.unit}{tail} | {' | '.join(row.cell(name) for name in names)} "
                     f"| {_ratio(row.ratio('floor'))} | {_ratio(row.ratio(best) if best else None)} | {row.target} | {met} |")  # fmt: skip
    return "\n".join(lines) + "\n"


def as_json(machine, tables):
    def row_of(row):
        return {
            "what": row.what,
            "unit": row.unit,
            "median": {name: row.median(name) for name in row.samples if row.samples[name]},
            "p99": {name: p99(row.samples[name]) for name in row.samples if row.samples[name]},
            "runs": {name: len(row.samples[name]) for name in row.samples},
            "of_floor": row.ratio("floor"),
            "of_best_peer": row.ratio(row.best_peer()) if row.best_peer() else None,
            "target": str(row.target),
            "met": row.is_met(),
        }

    return json.dumps({"machine": machine, "tables": {title: list(map(row_of, rows)) for title, rows in tables.items()}}, indent=1)
