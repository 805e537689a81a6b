-- Which chips did this count not find, by model those that the book had as one of it then?
SELECT l.chip, d.discrepancy, d.state, d.opened_index AS entry_index
FROM discrepancy_chip AS l
INNER JOIN discrepancy AS d ON d.discrepancy = l.discrepancy
INNER JOIN record.chip_mention AS m ON m.entry_index = d.opened_index AND m.chip = l.chip
LEFT JOIN (
    SELECT v.number, v.model, ROW_NUMBER() OVER (PARTITION BY v.number ORDER BY v.changed DESC) AS latest
    FROM record.chip_version AS v
    WHERE
        v.changed < CAST($entry_index AS BIGINT)
        AND v.number IN (
            SELECT k.number FROM record.chip_mention AS k WHERE k.entry_index = CAST($entry_index AS BIGINT)
        )
) AS s ON s.number = m.number AND s.latest = 1
WHERE
    d.kind = 'absent'
    AND d.opened_index = CAST($entry_index AS BIGINT)
    AND CASE $grouping
        WHEN 'model' THEN COALESCE(s.model, '')
        ELSE $grouped
    END = $grouped
ORDER BY l.chip
