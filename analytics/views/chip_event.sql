-- Which entries moved or spoke of each chip, who said so, and of or to whom?
CREATE OR REPLACE VIEW chip_event AS
SELECT
    t.chip,
    t.entry_index,
    e.kind,
    e.party,
    COALESCE(c.counterparty, CASE WHEN t.holder <> e.party THEN t.holder END) AS counterparty,
    e.occurred_at,
    e.admitted_at
FROM (
    SELECT v.chip, v.changed AS entry_index, CAST(NULL AS VARCHAR) AS holder
    FROM record.chip_version AS v
    UNION ALL
    SELECT m.chip, m.entry_index, m.holder
    FROM record.chip_mention AS m
) AS t
INNER JOIN record.entry AS e ON e.entry_index = t.entry_index
LEFT JOIN record.counterparty AS c ON c.entry_index = t.entry_index;
