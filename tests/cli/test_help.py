"""Every command teaches: a sentence, its options, an example."""

import pytest

from tests.cli.stage import chipledger

COMMANDS = [
    ["init"],
    ["serve"],
    ["keygen"],
    ["enrol"],
    ["sign"],
    ["check"],
    ["send"],
    ["receive"],
    ["import"],
    ["export"],
    ["receipt"],
    ["sql"],
    ["mirror"],
    ["report"],
    ["audit"],
    ["show", "chip"],
    ["show", "party"],
    ["show", "shipment"],
    ["show", "shipments"],
    ["show", "discrepancy"],
    ["show", "discrepancies"],
    ["show", "inspection"],
    ["show", "entry"],
    ["inspect", "plan"],
    ["inspect", "commit"],
    ["inspect", "draw"],
    ["redteam"],
    ["device", "verify"],
    ["device", "nonce"],
    ["device", "boards"],
]
SPEAKING_JSON = (
    *("receive", "import", "export", "receipt", "sql", "report", "mirror"),
    *("audit", "show", "device"),
)
READING = [words for words in COMMANDS if words[0] in SPEAKING_JSON]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_gives_an_example(words):
    result = chipledger(*words, "--help")
    assert result.exit_code == 0
    assert f"chipledger {' '.join(words)} " in result.stdout


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_every_reading_command_speaks_json(words):
    assert "--json" in chipledger(*words, "--help").stdout


def test_the_first_page_lists_every_command():
    shown = chipledger("--help").stdout
    for words in COMMANDS:
        assert f" {words[0]} " in shown


@pytest.mark.parametrize("words", [["nonsense"], ["send"], ["show", "chip"], ["audit"], ["inspect", "plan"]])
def test_wrong_words_exit_with_two(words):
    assert chipledger(*words).exit_code == 2
