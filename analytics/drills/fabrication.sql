-- Which chips name a lot of this group?
SELECT DISTINCT c.chip, c.model, c.class, c.lot, c.entry_index
FROM chip AS c
INNER JOIN lot AS t ON POSITION(' ' || t.lot || ' ' IN ' ' || c.lot || ' ') > 0
WHERE
    c.status <> 'replaced'
    AND CASE $grouping
        WHEN 'lot' THEN t.lot
        WHEN 'fab' THEN t.fab
        WHEN 'for_party' THEN t.for_party
        WHEN 'product' THEN t.product
    END = $grouped
ORDER BY c.chip
