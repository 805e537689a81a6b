"""By which controls is a report asked for in a browser?

A form whose inputs all end in the page's address: the snapshot or the day, the time it is judged at, the
grouping, one group alone, and every parameter the report has, each with its label and what it means. Made of
the report's own list of parameters, so a new one has its input here without further word.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from analytics.report import Question
from analytics.reporting.parameters import SIZE_MAX, Parameter
from analytics.snapshots import Snapshot
from api.web.asof import as_of, field, select
from api.web.reports.telling import asked_as, named

GROUPS_SHOWN_MAX = 200
TIME_FORM = "[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?"


def filters(
    question: Question,
    name: str,
    asked: Mapping[str, str],
    snapshots: Sequence[Snapshot],
    groups: Iterable[str | None],
) -> str:
    """The form, filled as it was asked."""
    fields = [as_of(snapshots, asked.get("at")), _date(asked)]
    if question.is_timed:
        fields.append(_moment(asked))
    if len(question.groupings) > 1:
        options = [(each, each.replace("_", " ")) for each in question.groupings]
        told = "what the totals are of"
        fields.append(select("grouping", "Grouped by", options, asked.get("grouping"), told))
    every = sorted({(asked_as(group), named(group)) for group in groups})
    found = every[:GROUPS_SHOWN_MAX]
    chosen = asked.get("group")
    if chosen is not None and chosen not in dict(found):
        found.insert(0, next((each for each in every if each[0] == chosen), (chosen, chosen)))
    if found:
        options = [("", "all"), *found]
        told = "rows of one group; totals stay of all"
        if len(every) > GROUPS_SHOWN_MAX:
            told += f"; the first {GROUPS_SHOWN_MAX} of {len(every):,} are listed"
        fields.append(select("group", "Only", options, chosen, told))
    fields += [_parameter(each, asked.get(each.name)) for each in question.parameters]
    return (
        f'<form method="get" action="/reports/{escape(name)}" class="filters" aria-label="What is asked">\n'
        + "\n".join(fields)
        + '\n<p class="wide"><button type="submit">Show</button> '
        f'<a href="/reports/{escape(name)}">as at first</a></p></form>'
    )


def _date(asked: Mapping[str, str]) -> str:
    label, told = "Or at the end of a day, UTC", "in place of a snapshot"
    return field("date", label, _box("date", asked.get("date"), ' type="date"'), told)


def _moment(asked: Mapping[str, str]) -> str:
    told = "what is due later is not late: a day, or YYYY-MM-DDTHH:MM:SSZ; empty: as of the last entry"
    box = _box("as_of", asked.get("as_of"), f' type="text" pattern="{TIME_FORM}"')
    return field("as_of", "Judged at", box, told)


def _parameter(each: Parameter, value: str | None) -> str:
    label = each.name.replace("_", " ").capitalize()
    if each.words:
        options = [(word, word) for word in each.words]
        if each.default is None:
            options.insert(0, ("", "by the day"))
        return select(each.name, label, options, value or str(each.default or ""), each.told)
    if each.is_day:
        return field(each.name, label, _box(each.name, value, ' type="date"'), each.told)
    shown = value if value is not None or each.default is None else str(each.default)
    most = "" if each.high == SIZE_MAX else f' max="{each.high}"'
    more = f' type="number" min="{each.low}"{most} step="1"' + " required" * each.required
    return field(each.name, label, _box(each.name, shown, more), each.told)


def _box(name: str, value: str | None, more: str) -> str:
    filled = escape(value or "")
    return f'<input id="{name}" name="{name}" value="{filled}"{more} aria-describedby="{name}-told">'
