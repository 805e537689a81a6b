-- Which chips passed through the most hands?
SELECT chip, COUNT(DISTINCT custodian) AS hands, COUNT(*) AS versions
FROM chip_span
GROUP BY chip
HAVING COUNT(DISTINCT custodian) > 1
ORDER BY hands DESC, chip;
