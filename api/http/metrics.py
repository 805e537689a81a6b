"""How is the server doing, in numbers?

Counters of this process in the text format Prometheus reads. No label carries anything a client chose, so
the number of lines is bounded. Used from the event loop only, but for `statements`, which one lock guards.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from threading import Lock

BUCKETS_SECONDS = (0.005, 0.025, 0.1, 0.5, 2.5, 10.0)
PREFIX = "chipledger_"


class Metrics:
    """What has been counted since the start."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter()
        self._buckets: Counter[float] = Counter()
        self._seconds = 0.0
        self._statements: Counter[str] = Counter()
        self._lock = Lock()
        self.in_flight = 0

    def request(self, method: str, status: int, seconds: float) -> None:
        """One request was answered."""
        self._requests[method, status] += 1
        self._seconds += seconds
        self._buckets[next((bound for bound in BUCKETS_SECONDS if seconds <= bound), float("inf"))] += 1

    def statements(self, outcomes: Mapping[str, int]) -> None:
        """So many statements ended as admitted, known, or refused for a reason."""
        with self._lock:
            self._statements.update(outcomes)

    def text(self, gauges: Mapping[str, tuple[str, float]]) -> str:
        """The page. `gauges` are numbers of the moment, each with its help."""
        requests = [
            (f'requests_total{{method="{method}",status="{status}"}}', count)
            for (method, status), count in sorted(self._requests.items())
        ]
        with self._lock:
            ended = sorted(self._statements.items())
        statements = [(f'statements_total{{outcome="{outcome}"}}', count) for outcome, count in ended]
        lines = [
            *_series("requests_total", "counter", "Requests answered, by method and status.", requests),
            *_series("statements_total", "counter", "Statements, by what became of them.", statements),
            *_series("request_seconds", "histogram", "How long requests took.", self._durations()),
            *_series(
                "requests_in_flight",
                "gauge",
                "Requests not answered yet.",
                [("requests_in_flight", self.in_flight)],
            ),
        ]
        for name, (told, value) in sorted(gauges.items()):
            lines += _series(name, "gauge", told, [(name, value)])
        return "\n".join(lines) + "\n"

    def _durations(self) -> list[tuple[str, float]]:
        told: list[tuple[str, float]] = []
        total = 0
        for bound in BUCKETS_SECONDS:
            total += self._buckets[bound]
            told.append((f'request_seconds_bucket{{le="{bound}"}}', total))
        total += self._buckets[float("inf")]
        told.append(('request_seconds_bucket{le="+Inf"}', total))
        return [*told, ("request_seconds_sum", round(self._seconds, 6)), ("request_seconds_count", total)]


def _series(name: str, kind: str, told: str, values: Iterable[tuple[str, float]]) -> list[str]:
    lines = [f"# HELP {PREFIX}{name} {told}", f"# TYPE {PREFIX}{name} {kind}"]
    return lines + [f"{PREFIX}{labelled} {value}" for labelled, value in values]
