"""How is an example file shown?

The rows go to standard output, ready for a file; what they mean, and the command that signs them, to standard
error. Knows no key or ledger.
"""

import sys

from api.cli.paperwork.columns import Column, columns_of, other_spellings
from api.cli.paperwork.templates import NOT_FOR_FILES, TEMPLATES
from api.cli.screen.terminal import err, table_of, wrong_usage
from ledger.book.kinds import FORMS


def show_template(kind: str) -> None:
    """Print the example of a kind; `Ended` where there is none."""
    if kind in NOT_FOR_FILES:
        raise wrong_usage(f"{kind} is not signed from a file", f"use: {NOT_FOR_FILES[kind]}")
    if kind not in TEMPLATES:
        raise wrong_usage(f"there is no kind {kind!r}", f"one of {', '.join(TEMPLATES)}")
    template, form = TEMPLATES[kind], FORMS[kind]
    sys.stdout.write(template.csv)
    err.print(f"[bold]{kind}[/]: {template.says}")
    shape = form.body if form.line is None else form.line
    people = {column.field: (name, column.holds) for name, column in other_spellings(shape).items()}
    rows = [
        (column.field, "yes" if column.required else "", _holds(column, people.get(column.field)))
        for column in columns_of(shape).values()
        if column.field != "salt"
    ]
    if form.line is not None:
        rows.insert(1, ("serial, maker", "", "text, instead of chip"))
        body = [
            (f"--set {c.field}=", "yes" if c.required else "", c.holds)
            for c in columns_of(form.body).values()
        ]
        rows += body
    err.print(table_of("", ("column or option", "must be there", "holds"), rows))
    if template.hint:
        err.print(template.hint, markup=False)
    options = " ".join(template.options)
    say = "--key P.pem --party P --log ORIGIN --occurred-at now"
    err.print(
        f"chipledger sign {kind} FILE {say} {options}".strip(),
        markup=False,
        soft_wrap=True,
    )


def _holds(column: Column, other: tuple[str, str] | None) -> str:
    """What a column holds, and the column that people have in its place."""
    return column.holds if other is None else f"{column.holds}; or instead the column {other[0]}: {other[1]}"
