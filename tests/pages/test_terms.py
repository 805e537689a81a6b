"""From a figure of an account to the chips behind it, each with the entry that put it on or took it off."""

from tests.pages.reading import faults, read


def test_every_figure_of_an_account_leads_to_as_many_chips(client):
    page = read(client.get("/reports/balance?beside=none").text)
    assert faults(page) == []
    ways = {each.get("href"): each.text for each in page.every("a") if "term=" in (each.get("href") or "")}
    assert len(ways) > 5
    wanted = {"closing", "registered", "missing", "destroyed", "received"}
    seen = set()
    for way, figure in ways.items():
        term = way.partition("term=")[2].partition("&")[0]
        if term in seen or term not in wanted:
            continue
        seen.add(term)
        line = read(client.get(way).text)
        assert faults(line) == []
        (chips,) = [each.get("href") for each in line.every("a") if each.text.startswith("chips of")]
        rows = client.get(chips, headers={"Accept": "application/json"}).json()["rows"]
        assert f"{len(rows):,}" == figure and {row["term"] for row in rows} == {term}
        assert all(row["entry_index"] is not None and row["said_by"] for row in rows)
    assert len(seen) > 2
