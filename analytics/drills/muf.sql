-- Which chips did this count not find?
SELECT l.chip, d.discrepancy, d.state, d.opened_index AS entry_index
FROM discrepancy_chip AS l
INNER JOIN discrepancy AS d ON d.discrepancy = l.discrepancy
WHERE d.kind = 'absent' AND d.opened_index = CAST($entry_index AS BIGINT)
ORDER BY l.chip
