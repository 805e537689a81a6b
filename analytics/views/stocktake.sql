-- What did each count that stands come to, model by model, against what the book had there?
CREATE OR REPLACE VIEW stocktake AS
SELECT
    m.entry_index,
    m.model,
    s.party,
    s.site,
    s.scope,
    m.book,
    m.counted,
    m.absent,
    m.surplus,
    m.in_motion
FROM record.stocktake_model AS m
INNER JOIN (
    SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.stocktake ORDER BY v.changed DESC) AS latest
    FROM record.stocktake_version AS v
) AS s ON s.stocktake = m.stocktake AND s.changed = m.entry_index
WHERE s.latest = 1 AND s.born >= 0;
