-- Which chips are in dispute, and where were they seen?
SELECT c.chip, d.kind, d.party_a, d.party_b, c.seen_site, c.discrepancy
FROM discrepancy_chip AS c
INNER JOIN discrepancy AS d ON d.discrepancy = c.discrepancy
WHERE c.closed_index IS NULL
ORDER BY c.chip, c.discrepancy;
