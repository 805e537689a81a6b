"""What do the carried figures say, as values the rest of the program can use?

Promises exact integers: GFLOP/s are the file's TFLOP/s times 1,000, never by way of binary fractions, and
a figure that would not come out whole is a mistake in our own file (an assert). Blank cells are None, or
left out where a model has no such number format. Knows no ledger, key or clock.
"""

import csv
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources

GFLOPS_PER_TFLOPS = 1000

# The statement's name of each number format, and the column its dense rate stands in.
RATE_COLUMNS = (
    ("fp64", "fp64_tflops"),
    ("fp32", "fp32_tflops"),
    ("tf32", "tf32_tflops"),
    ("bf16", "bf16_tflops"),
    ("fp16", "fp16_tflops"),
    ("fp8", "fp8_tflops"),
    ("int8", "int8_tops"),
    ("fp4", "fp4_tflops"),
)


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """One accelerator model, in the units of the statement `model.listed`.

    `name` is the part of the model's id after the registrar's prefix. Memory is in GB, bandwidth and
    interconnect in GB/s (both directions added), `gflops` pairs of format and dense GFLOP/s in the order of
    RATE_COLUMNS, `tpp` the highest dense TOPS times bits rounded down, `die_area_um2` all counted dies
    together in square micrometres, `released` a time, midnight UTC of the day of release.
    """

    name: str
    vendor: str
    part_numbers: tuple[str, ...]
    memory_gb: int
    memory_bandwidth_gbps: int
    interconnect_gbps: int
    gflops: tuple[tuple[str, int], ...]
    tpp: int
    dies: int
    die_area_um2: int | None
    hbm_stacks: int | None
    released: str


@dataclass(frozen=True, slots=True)
class ClusterFigures:
    """One site of one holder, with the number of chips reported there.

    `holder` is fit for a party's id, `site` for the second part of a site's id, `country` is alpha-2,
    `model` a ModelFigures.name, `power_kw` the reported capacity rounded down, `source_row` the data row of
    the public list, counted from 1.
    """

    holder: str
    holder_name: str
    site: str
    site_name: str
    country: str
    model: str
    chips: int
    power_kw: int | None
    source_row: int


def models() -> list[ModelFigures]:
    """Every listed model, in the file's order."""
    return [_model(row) for row in _rows("chip_models.csv")]


def clusters() -> list[ClusterFigures]:
    """Every carried site, in the file's order; sites of one holder stand together."""
    return [_cluster(row) for row in _rows("clusters.csv")]


def _model(row: dict[str, str]) -> ModelFigures:
    return ModelFigures(
        name=row["model"],
        vendor=row["vendor"],
        part_numbers=tuple(sorted(part for part in row["part_numbers"].split(";") if part)),
        memory_gb=int(row["memory_gb"]),
        memory_bandwidth_gbps=int(row["memory_bandwidth_gbps"]),
        interconnect_gbps=int(row["interconnect_gbps"]),
        gflops=tuple((rate, _gflops(row[column])) for rate, column in RATE_COLUMNS if row[column]),
        tpp=int(row["tpp"]),
        dies=int(row["dies"]),
        die_area_um2=_whole_or_none(row["die_area_um2"]),
        hbm_stacks=_whole_or_none(row["hbm_stacks"]),
        released=f"{row['released']}T00:00:00Z",
    )


def _cluster(row: dict[str, str]) -> ClusterFigures:
    return ClusterFigures(
        holder=row["holder"],
        holder_name=row["holder_name"],
        site=row["site"],
        site_name=row["site_name"],
        country=row["country"],
        model=row["model"],
        chips=int(row["chips"]),
        power_kw=_whole_or_none(row["power_kw"]),
        source_row=int(row["source_row"]),
    )


def _gflops(tflops: str) -> int:
    exact = Decimal(tflops) * GFLOPS_PER_TFLOPS
    assert exact == int(exact), f"{tflops} TFLOP/s is not a whole number of GFLOP/s"
    return int(exact)


def _whole_or_none(cell: str) -> int | None:
    return int(cell) if cell else None


def _rows(file: str) -> list[dict[str, str]]:
    text = resources.files(__package__).joinpath(file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
