"""Which options do planning and committing share? One spelling and one sentence for each."""

from typing import Annotated

import typer

Text = str | None
Lines = list[str] | None

FrameChips = Annotated[int | None, typer.Option("--frame", min=1, help="Chips on the book.")]
Gone = Annotated[
    int | None, typer.Option("--missing", min=0, help="Chips gone, at least: what must not be missed.")
]
Visits = Annotated[int | None, typer.Option(min=0, help="What would so many visits catch?")]
Sizes = Annotated[Text, typer.Option(help="These sizes, a stratum each, commas between, are judged.")]
Budget = Annotated[Text, typer.Option(help="What may be spent on visits.")]
VisitCost = Annotated[Text, typer.Option(help="Cost of a visit, or a look.")]
StageRules = Annotated[Lines, typer.Option("--stage", help="ACCEPT:REJECT of a stage; repeat it.")]
Direction = Annotated[Text, typer.Option(help="book_to_floor, or floor_to_book for positions.")]
Evade = Annotated[bool, typer.Option("--evade", help="What would a cheat do against this?")]
Planner = Annotated[str, typer.Option(help="presence or activity.")]
StratumCounts = Annotated[
    Lines,
    typer.Option("--stratum", help="NAME@SITE:CHIPS:MISS_PPM:COST, of which NAME:CHIPS must be; repeat it."),
]
StratumPredicates = Annotated[
    Lines, typer.Option("--stratum", help="NAME:site=…,model=…,class=…,cost=…; the first match takes a chip.")
]
ProverCounts = Annotated[Lines, typer.Option("--prover", help="PARTY:CHIPS, pooled as one frame; repeat it.")]
ClassMisses = Annotated[
    Lines, typer.Option("--class-miss-ppm", help="CLASS=PPM: how often the test of a class overlooks one.")
]
RunFlop = Annotated[Text, typer.Option(help="FLOP of a run; for presence it says how many chips matter.")]
RunDays = Annotated[Text, typer.Option(help="Days the run takes.")]
ChipRate = Annotated[
    Text, typer.Option("--chip-flop-per-day", help="FLOP a chip does in a day, at full use.")
]
ChipsOwned = Annotated[int | None, typer.Option("--chips", help="activity: chips owned.")]
PeriodDays = Annotated[Text, typer.Option(help="activity: days of the monitoring period.")]
SnapshotsPerDay = Annotated[Text, typer.Option(help="activity: snapshots a chip logs in a day.")]
LongestDays = Annotated[Text, typer.Option(help="activity: the longest run to be thought of.")]
Model = Annotated[
    Text, typer.Option(help="The listed model whose rate counts. Default: the fastest that is listed.")
]
