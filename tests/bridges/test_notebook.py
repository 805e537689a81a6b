"""The notebook runs from its first cell to its last, and its figures are those of the book."""

import asyncio
import os
from pathlib import Path

import duckdb
import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "notebooks" / "first_look.ipynb"
CELL_SECONDS_MAX = 300


def run(snapshot, folder, *more):
    """What each cell of code printed; `more` are cells that follow."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    notebook.cells += [nbformat.v4.new_code_cell(text) for text in more]
    client = NotebookClient(
        notebook,
        timeout=CELL_SECONDS_MAX,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
    )
    told = {**os.environ, "LEDGER_SNAPSHOT": str(snapshot), "IPYTHONDIR": str(folder / "ipython")}
    asyncio.run(client.async_execute(env=told))
    return [
        "".join(output.get("text", "") for output in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def test_it_says_what_the_book_says(second, tmp_path):
    printed = "\n".join(run(second.path, tmp_path))
    with duckdb.connect(str(second.path), read_only=True) as book:
        ((size, root),) = book.sql("SELECT log_size, root FROM snapshot").fetchall()
        held = book.sql(
            "SELECT custodian, COUNT(*) FROM record.chip_state"
            " WHERE status IN ('held', 'in_transit') GROUP BY 1"
        ).fetchall()
        open_ones = book.sql(
            "SELECT kind, COUNT(*), SUM(chips) FROM discrepancy"
            " WHERE closed_index IS NULL GROUP BY 1 ORDER BY 1"
        ).fetchall()
        shorts = book.sql("SELECT COUNT(*) FROM shipment WHERE short > 0").fetchall()
    assert f"at size {size:,}, root {root}" in printed
    assert len(held) >= 5
    for custodian, chips in held:
        assert f"{{'custodian': '{custodian}', 'chips': {chips}, 'h100e': " in printed
    assert len(open_ones) >= 3 and str([(kind, n, int(chips)) for kind, n, chips in open_ones]) in printed
    assert shorts[0][0] > 0 and "'shipment.arrived'" in printed


def test_a_cell_that_fails_is_seen(second, tmp_path):
    with pytest.raises(CellExecutionError):
        run(second.path, tmp_path, "assert held.num_rows == 0")


def test_no_outputs_are_committed():
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) >= 6
    assert all(cell.outputs == [] and cell.execution_count is None for cell in code)
