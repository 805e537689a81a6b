"""What a chip can do, by model: `model.listed`. Dense rates in GFLOP/s (int8 in GOP/s), memory in GB."""

from ledger.book.records.form import Body, Form, Part


class Gflops(Part, frozen=True):
    """Dense peak rates; an absent format is one the model does not have or nobody has published."""

    fp64: int | None = None
    fp32: int | None = None
    tf32: int | None = None
    bf16: int | None = None
    fp16: int | None = None
    fp8: int | None = None
    int8: int | None = None
    fp4: int | None = None


class ModelListed(Body, frozen=True):
    """TPP in TOP/s times bits, as export rules count it; die area in square micrometres."""

    model: str
    vendor: str
    part_numbers: list[str]
    memory_gb: int
    memory_bandwidth_gbps: int
    interconnect_gbps: int
    gflops: Gflops
    tpp: int
    dies: int
    released: str
    die_area_um2: int | None = None
    hbm_stacks: int | None = None


FORMS = (Form("model.listed", ModelListed),)
