"""What a report says of a day: exactly the size at its end, or why not; the same to programs and browsers."""

import re

import pytest

from api.analysis import FOLLOW_SECONDS
from ledger.book.times import format_seconds
from tests.http.trading import CLOCK, DAY_S, enrolment, make_folder, serving

SECONDS = 300  # to wait for a snapshot at most
NEVER_S = 10**9
HOURS_S = 6 * 3_600
PAGE = {"Accept": "text/html"}


class Days:
    """A ledger that was busy for some days, its clock set; `ends`: the size at the end of each but today."""

    def __init__(self, post):
        self.post = post
        self.ends = {}
        self.first = CLOCK.now_s
        for party, role in (("quant", "analyst"), ("oslo", "holder")):
            assert post.send(enrolment(party, role)).status_code == 201
        self.size = 3
        for _ in range(3 * 4):
            day = self.today
            self.forward(HOURS_S)
            if self.today != day:
                self.ends[day] = self.size
            self.declare()

    @property
    def today(self):
        """The day by the clock."""
        return format_seconds(CLOCK.now_s)[:10]

    def forward(self, seconds):
        """Time passes, and tokens with it."""
        CLOCK.forward(seconds)
        self.post._tokens.clear()

    def declare(self):
        """One more entry."""
        body = {"site": f"oslo/s{self.size}", "name": "S", "country": "NO", "positions": 1}
        self.post.say("oslo", "site.declared", body)
        self.size += 1

    def ask(self, way, status=200):
        """The answer to the analyst."""
        answer = self.post.ask("quant", way)
        assert answer.status_code == status, answer.text
        return answer.json()

    def page(self, way, status=200):
        """The same as words on a page."""
        headers = {**PAGE, "Authorization": f"Bearer {self.post.token('quant')}"}
        answer = self.post.http.get(way, headers=headers)
        assert answer.status_code == status, answer.text
        return " ".join(re.sub(r"<[^>]*>", " ", answer.text).replace("&#x27;", "'").split())


@pytest.fixture(scope="module")
def days(tmp_path_factory):
    """Four days of it; the newest snapshot is of all there is, save one entry."""
    before = CLOCK.ahead_ms
    CLOCK.forward(DAY_S - CLOCK.now_s % DAY_S + 3_600)  # an hour into a day
    try:
        folder = make_folder(tmp_path_factory.mktemp("days") / "ledger")
        with serving(folder, snapshot_seconds=NEVER_S) as post:
            days = Days(post)
            assert post.ledger.analysis.take_snapshot(SECONDS)
            yield days
    finally:
        CLOCK.ahead_ms = before


def test_each_day_that_is_over_is_answered_of_its_very_size(days):
    assert len(days.ends) == 3
    for day, size in days.ends.items():
        told = days.ask(f"/reports/capacity?date={day}&as_of={day}T23:59:59Z")
        assert told["size"] == size and told["as_of"] == f"{day}T23:59:59Z"
        assert days.ask(f"/reports/balance?date={day}")["cautions"] == []
        assert f"size {size}," in days.page(f"/reports/capacity?date={day}")
    last = days.post.ledger.store.entries(size - 1, size)[0].admitted_at
    (caution,) = days.ask(f"/reports/overdue?date={day}")["cautions"]
    assert caution.startswith(f"Compared is with {format_seconds(last // 1000)}, the time of the last entry")
    assert f"as_of={day}T23:59:59Z" in caution and caution in days.page(f"/reports/overdue?date={day}")


def test_of_a_day_that_is_not_over_the_answer_says_after_when_nothing_is_known(days):
    for day in (days.today, "2999-12-31"):
        told = days.ask(f"/reports/balance?date={day}")
        assert told["size"] == days.size
        (caution,) = told["cautions"]
        assert caution.startswith("Nothing is known after ") and f"before the end of {day} is not" in caution
        assert caution in days.page(f"/reports/balance?date={day}")
        assert len(days.ask(f"/reports/overdue?date={day}")["cautions"]) == 2, "what falls due is told too"
    newest = days.ask("/reports/balance")
    assert newest["size"] == days.size and newest["cautions"] == [], (
        "the control: of the newest none is needed"
    )


def test_a_day_before_the_log_and_a_clock_before_it_are_refused(days):
    day = format_seconds(days.first - DAY_S)[:10]
    for way in (f"date={day}", f"as_of={day}T00:00:00Z", "date=0001-01-01", "as_of=0001-01-01T00:00:00Z"):
        refused = days.ask(f"/reports/overdue?{way}", 422)
        assert (
            refused["reason"] == "bad_field"
            and "before the log's first entry, admitted " in refused["detail"]
        )
        assert "before the log's first entry, admitted " in days.page(f"/reports/overdue?{way}", 422)
    first = format_seconds(days.first)[:10]
    assert days.ask(f"/reports/overdue?date={first}")["size"] == days.ends[first], "the control"


def test_a_clock_that_is_not_the_books_is_answered_with_a_word(days):
    first = format_seconds(days.first + 3_600)
    (earlier,) = days.ask(f"/reports/overdue?as_of={first}")["cautions"]
    assert f"The book is of size {days.size}" in earlier and f"{first}, is earlier" in earlier
    (later,) = days.ask("/reports/overdue?as_of=2999-01-01T00:00:00Z")["cautions"]
    assert (
        later.startswith("Nothing is known after ") and "falls due from then to 2999-01-01T00:00:00Z" in later
    )
    assert days.ask("/reports/fabrication?as_of=2999-01-01T00:00:00Z")["cautions"] == [], "it knows no time"
    csv = days.post.ask("quant", "/reports/overdue?as_of=2999-01-01T00:00:00Z&format=csv")
    assert csv.headers["X-Chipledger-Caution"] == later, "which has no head"
    assert "X-Chipledger-Caution" not in days.post.ask("quant", "/reports/overdue?format=csv").headers


def test_a_size_without_a_snapshot_has_neighbours_wherever_it_is_asked(days):
    below, above, *_ = sorted(days.ends.values())
    absent = below + 1
    for way in (f"/at/{absent}/sql?q=SELECT 1", f"/reports/capacity?at={absent}"):
        told = days.ask(way, 404)
        assert (told["below"], told["above"]) == (below, above)
        assert told["detail"].startswith(f"no snapshot has size {absent};")
    posted = days.post.http.post(
        f"/at/{absent}/sql",
        json={"q": "SELECT 1"},
        headers={"Authorization": f"Bearer {days.post.token('quant')}"},
    )
    assert posted.status_code == 404 and posted.json()["below"] == below
    assert f"No snapshot has size {absent}" in days.page(f"/reports/capacity?at={absent}", 404)


def test_a_day_that_went_on_after_the_newest_snapshot_names_it_and_gives_no_other_figure(days):
    """Last, for it adds an entry."""
    published = days.size
    days.declare()
    told = days.ask(f"/reports/balance?date={days.today}", 404)
    assert (told["below"], told["above"]) == (published, None)
    assert f"{days.today} is not known to be over: the log has {days.size} entries" in told["detail"]
    page = days.page(f"/reports/balance?date={days.today}", 404)
    assert f"{days.today} is not known to be over" in page and f"size {published}" in page
    assert days.post.ledger.analysis.take_snapshot(SECONDS)
    assert days.ask(f"/reports/balance?date={days.today}")["size"] == days.size
    assert days.ask(f"/reports/balance?date={max(days.ends)}")["size"] == max(days.ends.values())


def test_a_day_whose_end_is_being_published_is_told_with_when_to_ask_again(days):
    """The follower is stopped, so that it stays so."""
    days.post.ledger.analysis.close()
    days.declare()
    day, size = days.today, days.size
    days.forward(DAY_S)
    days.declare()
    way = f"/reports/balance?date={day}"
    answer = days.post.ask("quant", way)
    assert answer.status_code == 404 and answer.headers["Retry-After"] == str(FOLLOW_SECONDS)
    assert f"the end of {day}, when the log had {size} entries, is being published" in answer.json()["detail"]
    assert answer.json()["below"] < size
    assert "is being published: ask again" in days.page(way, 404)
    today = days.post.ask("quant", f"/reports/balance?date={days.today}")
    assert today.status_code == 404 and "Retry-After" not in today.headers, "the control: it is not over"
