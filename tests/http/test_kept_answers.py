"""An answer that its asker has already is not made again; whoever may not have it is told nothing of it."""

import os
import re
import shutil
from contextlib import contextmanager

import duckdb
import pytest
from starlette.requests import Request

from analytics.console import Console
from analytics.report import REPORTS
from analytics.steadiness import UNSTEADY, is_steady
from analytics.warehouse import VIEWS
from api.http.kept import Tag, program
from tests.http.scene import play
from tests.http.trading import make_folder, serving

CHIPS = "SELECT chip, custodian FROM chip ORDER BY chip"
PRIVATE = "private, no-cache"
COMMENT = re.compile(r"--.*")
SAID = {"mortality_ppm": "20000", "from_size": "0"}


def size_of(post):
    return post.ledger.analysis.snapshots.latest().size


def bearing(post, party="quant", **more):
    return {"Authorization": f"Bearer {post.token(party)}", **more}


def ways(post):
    """Addresses of a size, of the newest, and of a day; and whether each tag stands for the very bytes."""
    size = size_of(post)
    yield f"/at/{size}/sql?q={CHIPS}", False
    yield f"/at/{size}/sql?q={CHIPS}&format=parquet", False
    yield f"/sql?q={CHIPS}&format=csv", False
    yield f"/snapshots/{post.ledger.analysis.snapshots.latest().name}", True
    yield "/reports/capacity?date=2999-01-01", True
    for name, question in REPORTS.items():
        needed = "&".join(f"{each.name}={SAID[each.name]}" for each in question.parameters if each.required)
        for form in ("json", "csv"):
            yield f"/reports/{name}?at={size}&format={form}&{needed}".rstrip("&"), True


def test_what_the_asker_has_is_not_sent_again(post):
    asked = list(ways(post))
    tags = set()
    for path, is_strong in asked:
        first = post.http.get(path, headers=bearing(post))
        assert first.status_code == 200, (path, first.text)
        tag = first.headers["etag"]
        tags.add(tag)
        assert (not tag.startswith("W/")) == is_strong, path
        assert first.headers["cache-control"] == PRIVATE and "Authorization" in first.headers["vary"]
        held = post.http.get(path, headers=bearing(post, **{"If-None-Match": tag}))
        assert (held.status_code, held.content) == (304, b""), path
        for name in ("etag", "cache-control", "vary"):
            assert held.headers[name] == first.headers[name]
        if is_strong:
            again = post.http.get(path, headers=bearing(post, **{"If-None-Match": '"another"'}))
            assert again.status_code == 200, "the control"
            assert again.headers["etag"] == tag and again.content == first.content, path
    assert len(tags) == len(asked) == 5 + 2 * len(REPORTS)


@contextmanager
def dumb(analysis):
    """Questions in SQL have no answer meanwhile."""
    console, analysis.console = analysis.console, Console(child=("/bin/false",))
    try:
        yield
    finally:
        analysis.console = console


def test_a_question_that_is_held_is_not_asked(post):
    path = f"/at/{size_of(post)}/sql?q={CHIPS}"
    tag = post.http.get(path, headers=bearing(post)).headers["etag"]
    with dumb(post.ledger.analysis):
        held = post.http.get(path, headers=bearing(post, **{"If-None-Match": tag}))
        asked = post.http.get(path, headers=bearing(post, **{"If-None-Match": '"another"'}))
    assert held.status_code == 304
    assert asked.status_code == 422 and asked.json()["console"] == "stopped", "the control"


def test_who_may_not_see_it_is_not_told_that_it_is_the_same(post):
    size = size_of(post)
    for path in (
        f"/at/{size}/sql?q={CHIPS}",
        f"/reports/capacity?at={size}&format=csv",
        f"/snapshots/{post.ledger.analysis.snapshots.latest().name}",
    ):
        tag = post.http.get(path, headers=bearing(post)).headers["etag"]
        for known in (tag, "*"):
            outside = post.http.get(path, headers=bearing(post, "outsider", **{"If-None-Match": known}))
            assert outside.status_code == 404 and "etag" not in outside.headers
            assert outside.headers.get("cache-control") != PRIVATE
            assert post.http.get(path, headers={"If-None-Match": known}).status_code == 401
        watch = post.http.get(path, headers=bearing(post, "watch", **{"If-None-Match": tag}))
        assert watch.status_code == 200 and watch.headers["etag"] != tag, "another's tag is nobody else's"


def test_one_parameter_more_or_another_is_another_answer(post):
    size = size_of(post)
    alike = [
        f"/reports/capacity?at={size}",
        f"/reports/capacity?at={size}&grouping=site",
        f"/reports/capacity?at={size}&format=csv",
        f"/reports/capacity?at={size}&format=arrow",
        f"/reports/capacity?at={size}&window_days=30",
        f"/reports/capacity?at={size}&group=holder",
        f"/reports/capacity?at={size}&as_of=2999-01-01T00:00:00Z",
        f"/reports/unaccounted?at={size}",
        "/reports/capacity?date=2999-01-01",
        "/reports/capacity",
    ]
    tags = {post.http.get(path, headers=bearing(post)).headers["etag"] for path in alike}
    assert len(tags) == len(alike)
    turned = f"/reports/capacity?window_days=30&at={size}"
    assert post.http.get(turned, headers=bearing(post)).headers["etag"] in tags, "in whatever order"


def test_a_newer_snapshot_is_another_answer_and_a_size_stays_what_it_was(bench):
    post = bench
    play(post)
    assert post.ledger.analysis.take_snapshot(seconds=120)
    size = size_of(post)
    newest, fixed, day = (
        "/reports/capacity",
        f"/reports/capacity?at={size}",
        "/reports/capacity?date=2999-01-01",
    )
    tags = {path: post.http.get(path, headers=bearing(post)).headers["etag"] for path in (newest, fixed, day)}
    site = {"site": "maker/annex", "name": "Annex", "country": "NL", "positions": 6}
    post.say("maker", "site.declared", site)
    assert post.ledger.analysis.take_snapshot(seconds=120) and size_of(post) > size
    told = {
        path: post.http.get(path, headers=bearing(post, **{"If-None-Match": tag})).status_code
        for path, tag in tags.items()
    }
    assert told == {newest: 200, fixed: 304, day: 200}


def test_pages_refusals_and_questions_of_the_moment_have_no_tag(post):
    """A page lists the other snapshots too; what asks a clock or chance is answered anew."""
    size = size_of(post)
    for path in ("/reports/capacity", f"/at/{size}/sql?q={CHIPS}", "/reports"):
        page = post.http.get(path, headers=bearing(post, Accept="text/html"))
        assert page.status_code == 200 and "etag" not in page.headers
        assert page.headers["cache-control"] == "no-store"
    for q in ("SELECT now() AS n", "SELECT RANDOM() AS n", "SELECT current_timestamp = now() AS n",
              "SELECT chip FROM chip USING SAMPLE 2", "SELECT nonsense"):  # fmt: skip
        answer = post.http.get(f"/at/{size}/sql", params={"q": q}, headers=bearing(post))
        assert "etag" not in answer.headers, q
        assert answer.headers["cache-control"] == "no-store" and answer.status_code in (200, 422)
    sent = post.http.post("/sql", json={"q": CHIPS}, headers=bearing(post))
    assert "etag" not in sent.headers and sent.headers["cache-control"] == "no-store"
    for wrong in (f"/reports/capacity?at={size}&part=x", "/reports/capacity?at=999999"):
        refused = post.http.get(wrong, headers=bearing(post, **{"If-None-Match": '"x"'}))
        assert refused.status_code in (404, 422) and "etag" not in refused.headers


def test_a_head_has_the_tag_and_is_told_what_is_held(post):
    path = f"/reports/capacity?at={size_of(post)}"
    head = post.http.head(path, headers=bearing(post))
    held = post.http.head(path, headers=bearing(post, **{"If-None-Match": head.headers["etag"]}))
    assert (head.status_code, held.status_code) == (200, 304)


def test_the_same_name_made_again_is_another_file(tmp_path):
    """A program of other tables makes a snapshot again under its name: its answers are others."""
    with serving(make_folder(tmp_path / "ledger")) as post:
        play(post)
        assert post.ledger.analysis.take_snapshot(seconds=120)
        file = post.ledger.analysis.snapshots.latest().path
        paths = (f"/reports/capacity?at={size_of(post)}", f"/snapshots/{file.name}")
        tags = [post.http.get(path, headers=bearing(post)).headers["etag"] for path in paths]
        other = shutil.copy2(file, file.with_name("other"))
        os.utime(other, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns))
        os.replace(other, file)
        for path, tag in zip(paths, tags, strict=True):
            answer = post.http.get(path, headers=bearing(post, **{"If-None-Match": tag}))
            assert answer.status_code == 200 and answer.headers["etag"] != tag


@pytest.mark.parametrize(
    ("lines", "is_held"),
    [
        (['"a"'], True),
        (['W/"a"'], True),
        (['"b", "a"'], True),
        (['"b"', '"a"'], True),
        (['"b,a"'], False),
        (["a"], False),
        (["*"], False),
        (['"ab"'], False),
        ([], False),
    ],
)
def test_a_tag_is_held_where_it_is_one_of_those_told(lines, is_held):
    headers = [(b"if-none-match", line.encode()) for line in lines]
    assert Tag("a").is_held_by(Request({"type": "http", "headers": headers})) == is_held


def test_the_program_is_part_of_the_tag_and_known_by_its_files():
    assert re.fullmatch("[0-9a-f]{64}", program())


def test_what_the_database_answers_otherwise_each_time_is_known_by_its_word():
    asked = "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT'"
    with duckdb.connect() as connection:
        words = {name for (name,) in connection.execute(asked).fetchall()}
    assert len(words) > 20 and words <= UNSTEADY
    assert all(not is_steady(f'SELECT "{word.upper()}"(1)') for word in words)
    assert is_steady(CHIPS) and is_steady("SELECT nowhere, random_forest FROM chip"), "the control"
    bare = [COMMENT.sub("", text) for text in VIEWS.values()]
    assert all(map(is_steady, bare)), "no view asks a clock"
