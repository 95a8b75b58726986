"""How far a run has come, from its event log alone: by workload and method, with its pace and where it runs."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from suite.plan.plan import Missing
from suite.plan.units import Contestant, Unit

# A pace is that of so much time before the last event.
RECENT = timedelta(minutes=5)
PLANNED = "planned"
TRIAL = "trial"


def planned(missing: Missing, trials: Mapping[Contestant, int], stored: Collection[str]) -> Iterator[dict[str, Any]]:
    """An event for each contestant that has anything to do: units wanted, by kind. What two of them share counts once.

    trials: of those who search; stored: hashes of the states that are there.
    """
    seen: set[Hashable] = set()

    def new(units: Collection[Unit]) -> Iterator[str]:
        for unit in units:
            if unit.work not in seen:
                seen.add(unit.work)
                yield unit.kind

    for contestant, fits in missing.items():
        wanted: Counter[str] = Counter()
        untrained = [fit for fit in fits if fit.hash not in stored]
        if untrained and untrained[0].tune_hash not in seen:
            seen.add(untrained[0].tune_hash)
            wanted[TRIAL] = trials.get(contestant, 0)
        wanted.update(new(untrained))
        for readings in fits.values():
            wanted.update(new(readings))
            wanted.update(new([need for unit in readings for need in unit.needs if need.hash not in stored]))
        if wanted.total():
            yield {"status": PLANNED, "kind": "plan", **contestant.labels, "hash": "", "wanted": dict(+wanted)}


@dataclass
class Share:
    """What one contestant has of a run: units by kind."""

    wanted: Counter[str] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    running: int = 0

    @property
    def left(self) -> Counter[str]:
        """Those that have not ended, by kind."""
        return self.wanted - self.done - self.failed

    @property
    def ended(self) -> int:
        """Done or failed."""
        return self.done.total() + self.failed.total()


class Course:
    """Takes events as they come; what is told is of the last run."""

    def __init__(self) -> None:
        self._begin("")

    def _begin(self, run: str) -> None:
        self._run = run
        self.shares: dict[tuple[str, str], Share] = defaultdict(Share)
        # Processes that have ended units, by the address of their node.
        self.nodes: dict[str, set[str]] = defaultdict(set)
        # Of ended units: seconds in all, and how many they were.
        self._seconds: dict[tuple[str, str], tuple[float, int]] = defaultdict(lambda: (0.0, 0))
        self._recent: deque[datetime] = deque()

    def take(self, event: Mapping[str, Any]) -> None:
        """The next event of the log."""
        key = event["workload"], event["contestant"]
        if event["status"] == PLANNED:
            if event["run"] != self._run:
                self._begin(event["run"])
            self.shares[key].wanted.update(event["wanted"])
            return
        share = self.shares[key]
        if event["kind"] != TRIAL:
            # Trials that the store knew already, and those of a search that ended early, do not come any more.
            share.wanted[TRIAL] = share.done[TRIAL] + share.failed[TRIAL]
        if event["status"] == "started":
            share.running += 1
        else:
            self._end(share, event)

    def _end(self, share: Share, event: Mapping[str, Any]) -> None:
        share.running = max(0, share.running - 1)
        (share.failed if event["status"] == "failed" else share.done)[event["kind"]] += 1
        if event["worker"]:
            node, _, process = event["worker"].rpartition(":")
            self.nodes[node].add(process)
        seconds, count = self._seconds[event["workload"], event["kind"]]
        self._seconds[event["workload"], event["kind"]] = seconds + event["seconds"], count + 1
        now = datetime.fromisoformat(event["time"])
        self._recent.append(now)
        while self._recent[0] < now - RECENT:
            self._recent.popleft()

    @property
    def complete(self) -> bool:
        """Whether all that was planned has ended."""
        return bool(self.shares) and not any(share.left for share in self.shares.values())

    @property
    def per_minute(self) -> float | None:
        """Units ended per minute of late; None where too few have."""
        span = (self._recent[-1] - self._recent[0]).total_seconds() if self._recent else 0.0
        return 60 * (len(self._recent) - 1) / span if span else None

    @property
    def seconds_left(self) -> float | None:
        """By the mean time of each kind of unit on its workload, with as many workers as run now; None where nothing
        runs, or a kind that is left has not ended once."""
        running = sum(share.running for share in self.shares.values())
        left = [(key[0], kind, count) for key, share in self.shares.items() for kind, count in share.left.items()]
        if not running or any(not self._seconds[workload, kind][1] for workload, kind, _ in left):
            return None
        means = {key: seconds / count for key, (seconds, count) in self._seconds.items() if count}
        return sum(count * means[workload, kind] for workload, kind, count in left) / running
