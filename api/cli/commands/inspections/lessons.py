"""What do the planning commands teach, in examples with their figures?

Paragraphs of help, added under the commands' own; the figures are those of the golden tables, and tests hold
the commands to them.
"""

LESSONS = {
    "plan": (
        "Are the chips where the book says? 294 of 10,000 find one of 100 missing but for 5 %; a test that "
        "overlooks 10 % needs 327; where it overlooks 60 % of 5 in 1,000 no sample is enough (0.0778).",
        "\b\n"
        "chipledger inspect plan --frame 10000 --missing 100\n"
        "chipledger inspect plan --frame 10000 --missing 100 --test-miss-ppm 100000\n"
        "chipledger inspect plan --frame 1000 --missing 5 --test-miss-ppm 600000",
        "Strata are planned against the worst split of what is missing. 177/88/27/3 leaves 4.96 %; with one "
        "less in the last it is 5.99 %, and --evade tells what a cheat would do then.",
        "\b\n"
        "chipledger inspect plan --missing 100 --stratum a:6000 --stratum b:3000 --stratum c:900 \\\n"
        "    --stratum d:100 --sizes 177,88,27,3 --evade",
        "The other way round: what would 400 visits catch? In stages: the second is drawn if one is found.",
        "\b\n"
        "chipledger inspect plan --frame 10000 --visits 400\n"
        "chipledger inspect plan --frame 10000 --missing 100 --stage 0:2 --stage 1:2",
        "Was a large run hidden (Shavit 2023, Eq. 1)? 243 looks a year among 1,000 chips, at 90 %.",
        "\b\n"
        "chipledger inspect plan --planner activity --chips 1000 --run-flop 3.14e23 --run-days 365 \\\n"
        "    --chip-flop-per-day 8.64e19 --period-days 30 --snapshots-per-day 0.1 --beta-ppm 100000",
        "Probabilities are exact to the last digit shown. What a rate or a run in FLOP is known to, no "
        "formula improves: two or three digits in, two or three out.",
    ),
    "commit": (
        "With strata, stages and tests that miss by identity class; the last stratum takes the rest:",
        "\b\n"
        "chipledger inspect commit visit-2 --provers north-dc,south-dc --beacon registry/quicknet \\\n"
        "    --missing 64 --stratum hall-1:site=north-dc/hall-1 --stratum old:class=C \\\n"
        "    --class-miss-ppm C=100000 --stage 0:2 --stage 1:2 --notice-days 1 --found-days 7",
        "Looking for a hidden run, with the rate of the log's own model list:",
        "\b\n"
        "chipledger inspect commit month-7 --provers north-dc --beacon registry/quicknet \\\n"
        "    --planner activity --run-flop 1e24 --run-days 90 --period-days 30 \\\n"
        "    --snapshots-per-day 1 --model registry/h100",
    ),
}
