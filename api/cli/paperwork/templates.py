"""What does a file for a kind look like, and how is it signed?

An example for each kind that `sign` takes: rows that could be real, and the options that go with them. A
test signs every one of them. Knows no file or key.
"""

from api.cli.paperwork.examples.chips import CHIPS
from api.cli.paperwork.examples.registry import REGISTRY
from api.cli.paperwork.examples.template import Template
from api.cli.paperwork.examples.trade import TRADE
from ledger.book.kinds import FORMS

NOT_FOR_FILES = {
    "log.opened": "chipledger init",
    "inspection.committed": "chipledger inspect commit",
    "inspection.drawn": "chipledger inspect draw",
    "inspection.found": "chipledger inspect record",
    "inspection.closed": "chipledger inspect close",
}
TEMPLATES: dict[str, Template] = CHIPS | TRADE | REGISTRY
assert TEMPLATES.keys() | NOT_FOR_FILES.keys() == FORMS.keys()
