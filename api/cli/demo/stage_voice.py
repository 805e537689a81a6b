"""How does the demo speak: headings, and commands shown as a user would type them."""

from collections.abc import Sequence

from rich.rule import Rule

from api.cli.demo.backstage import Backstage
from api.cli.screen.terminal import Ended, err, out


def scene(title: str) -> None:
    """A heading between two scenes."""
    out.print()
    out.print(Rule(f"[bold]{title}[/]", align="left"))


def tell(backstage: Backstage, words: Sequence[str], party: str | None = None, *, expect: int = 0) -> None:
    """Show a command as a user would type it, run it, and end the demo if it ends as it should not.

    Who speaks, and where the ledger is, stand in variables, as they would in a user's shell.
    """
    shown = " ".join(f'"{word}"' if " " in word else word for word in words)
    who = "" if party is None else f"[dim]{party}[/] "
    err.print(
        f"\n{who}[cyan]$ chipledger {shown.replace(str(backstage.folder) + '/', '')}[/]", soft_wrap=True
    )
    code = backstage.run(words, party)
    if code != expect:
        raise Ended(
            f"`chipledger {words[0]}` ended with {code}, not {expect}", f"the folder is {backstage.folder}"
        )
