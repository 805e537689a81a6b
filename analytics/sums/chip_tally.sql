-- How many present chips are alike in all that standing questions group by? What one entry moved or confirmed is
-- alike, so that there are far fewer rows than chips. Reads `evidence`.
WITH
disputed AS (
    SELECT DISTINCT l.chip
    FROM discrepancy_chip AS l
    INNER JOIN discrepancy AS d ON d.discrepancy = l.discrepancy
    WHERE d.state IN ('open', 'answered') AND l.closed_index IS NULL
)
SELECT
    c.model,
    c.custodian,
    c.owner,
    c.liable,
    c.last_liable,
    c.site,
    c.status,
    c.shipment,
    c.system IS NOT NULL AS is_placed,
    x.chip IS NOT NULL AS is_disputed,
    e.number IS NOT NULL AS is_accused,
    c.confirmed_at,
    c.inspected_at,
    COUNT(*) AS chips
FROM record.chip_state AS c
LEFT JOIN disputed AS x ON x.chip = c.chip
LEFT JOIN record.evidence AS e ON e.number = c.number
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13;
