-- Which chip ids are in more than one open dispute?
SELECT chip, COUNT(DISTINCT discrepancy) AS disputes, MIN(entry_index) AS first_entry
FROM discrepancy_chip
WHERE closed_index IS NULL
GROUP BY chip
HAVING COUNT(DISTINCT discrepancy) > 1
ORDER BY disputes DESC, chip;
