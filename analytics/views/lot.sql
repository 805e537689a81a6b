-- What did each lot give, and what became of it?
CREATE OR REPLACE VIEW lot AS
SELECT
    t.lot,
    t.fab,
    t.product,
    t.for_party,
    t.wafers,
    t.gross_units,
    t.good_units,
    t.lost,
    t.banked,
    t.other_product,
    CAST(COALESCE(r.units, 0) AS BIGINT) AS registered_units,
    t.changed AS entry_index
FROM (
    SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.lot ORDER BY v.changed DESC) AS latest
    FROM record.lot_version AS v
) AS t
LEFT JOIN (
    SELECT n.lot, SUM(n.chips * m.dies) AS units
    FROM (
        SELECT y.lots AS lot, y.model, y.chips
        FROM record.lot_tally AS y
        WHERE POSITION(' ' IN y.lots) = 0
        UNION ALL
        -- Few chips name more lots than one; only for them each lot is looked for among those named.
        SELECT w.lot, y.model, y.chips
        FROM (SELECT DISTINCT w.lot FROM record.lot_version AS w) AS w
        INNER JOIN record.lot_tally AS y ON POSITION(' ' || w.lot || ' ' IN ' ' || y.lots || ' ') > 0
        WHERE POSITION(' ' IN y.lots) > 0
    ) AS n
    INNER JOIN (
        SELECT w.*, ROW_NUMBER() OVER (PARTITION BY w.model ORDER BY w.changed DESC) AS latest
        FROM record.model_version AS w
    ) AS m ON m.model = n.model AND m.latest = 1
    GROUP BY n.lot
) AS r ON r.lot = t.lot
WHERE t.latest = 1 AND t.born >= 0;
