-- Which full counts is this series of?
SELECT m.entry_index, m.model, m.book, m.counted, m.absent, m.surplus
FROM record.stocktake_model AS m
INNER JOIN (
    SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.stocktake ORDER BY v.changed DESC) AS latest
    FROM record.stocktake_version AS v
    WHERE v.changed < CAST($to_size AS BIGINT)
) AS s ON s.stocktake = m.stocktake AND s.changed = m.entry_index
WHERE
    s.latest = 1
    AND s.born >= 0
    AND s.scope = 'full'
    AND s.party = $party
    AND COALESCE(s.site, '') = $with
    AND m.entry_index >= CAST($from_size AS BIGINT)
    AND CASE $grouping
        WHEN 'model' THEN COALESCE(m.model, '')
        ELSE $grouped
    END = $grouped
ORDER BY m.entry_index, m.model
