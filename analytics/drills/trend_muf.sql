-- Which full counts is this series of? Those of `counts`, each with all models that it counted.
SELECT m.entry_index, m.model, m.book, m.counted, m.absent, m.surplus
FROM record.stocktake_model AS m
INNER JOIN counted AS c
    ON c.entry_index = m.entry_index AND ($grouping <> 'model' OR COALESCE(c.model, '') = COALESCE(m.model, ''))
WHERE
    c.party = $party
    AND COALESCE(c.site, '') = $with
    AND CASE $grouping
        WHEN 'model' THEN COALESCE(m.model, '')
        ELSE $grouped
    END = $grouped
ORDER BY m.entry_index, m.model
