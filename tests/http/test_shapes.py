"""Every answer has the shape the document gives."""

import pytest

from api.http import book_shapes, inspection_shapes, plan_shapes, shapes
from tests.http.scene import CHIPS
from tests.http.test_reads import told

SHAPES = [
    ("watch", f"/chips/{CHIPS[3]}", book_shapes.ChipWithDiscrepancies),
    (None, "/checkpoints", shapes.List[shapes.CheckpointSize]),
    ("watch", f"/chips/{CHIPS[0]}/history", shapes.List[book_shapes.ChipEvent]),
    ("watch", "/chips?serial=S0001", shapes.List[book_shapes.Chip]),
    ("maker", "/parties/me", book_shapes.Party),
    ("maker", "/parties/me/holdings", shapes.List[book_shapes.Chip]),
    ("maker", "/shipments", shapes.List[book_shapes.Shipment]),
    ("maker", "/shipments/maker/s1", book_shapes.Shipment),
    ("maker", "/discrepancies/11.0", book_shapes.DiscrepancyWithLines),
    ("maker", "/discrepancies", shapes.List[book_shapes.Discrepancy]),
    ("watch", "/entries", shapes.Entries),
    ("watch", "/inspections/watch/i1", inspection_shapes.Inspection),
    ("watch", "/inspections/watch/i1/sample", inspection_shapes.Sample),
    ("watch", "/inspections/frame?provers=holder", book_shapes.Frame),
    ("watch", "/inspections/frame?provers=holder&direction=floor_to_book", book_shapes.Frame),
    ("watch", "/inspections?series=watch/yearly&state=drawn", shapes.List[inspection_shapes.InspectionShort]),
    (None, "/inspections/plan?planner=presence&frame=10&missing=1&beta_ppm=1", plan_shapes.Plan),
    (None, "/proofs/inclusion?index=0&size=2", shapes.Proof),
    (None, "/readyz", shapes.Health),
    ("quant", "/snapshots", shapes.List[book_shapes.SnapshotShape]),
    ("quant", "/sql?q=SELECT 1 AS a", book_shapes.SqlRows),
]


@pytest.mark.parametrize(("party", "path", "shape"), SHAPES, ids=[path for _, path, _ in SHAPES])
def test_an_answer_has_the_shape_the_document_gives(post, party, path, shape):
    shape.model_validate(told(post.ask(party, path)), strict=True)


def test_the_shapes_of_statements_fit_too(post, scene):
    shapes.Receipt.model_validate(told(post.ask("maker", f"/statements/{scene.dispatch}")))
    shapes.Refused.model_validate(told(post.ask("outsider", f"/refusals/{scene.refusal}")))
    shapes.Problem.model_validate(post.ask("maker", "/chips/none").json())
