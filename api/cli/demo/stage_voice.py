"""How does the demo speak: headings, and commands shown as a user would type them."""

from collections.abc import Sequence

from rich.rule import Rule

from api.cli.demo.backstage import Backstage
from api.cli.terminal import Ended, out, say


def scene(title: str) -> None:
    """A heading between two scenes."""
    out.print()
    out.print(Rule(f"[bold]{title}[/]", align="left"))


def tell(backstage: Backstage, words: Sequence[str], *, expect: int = 0) -> None:
    """Show a command as a user would type it, run it, and end the demo if it ends as it should not."""
    shown = " ".join(f'"{word}"' if " " in word else word for word in words)
    say(f"[cyan]$ chipledger {shown.replace(str(backstage.folder) + '/', '')}[/]")
    code = backstage.run(words).returncode
    if code != expect:
        raise Ended(
            f"`chipledger {words[0]}` ended with {code}, not {expect}", f"the folder is {backstage.folder}"
        )
