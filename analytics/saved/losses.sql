-- Who reported how many chips missing or destroyed, by month of admission?
SELECT
    v.liable, v.status, DATE_TRUNC('month', v.from_admitted_at) AS month, COUNT(*) AS chips
FROM chip_span AS v
WHERE v.status IN ('missing', 'destroyed')
GROUP BY v.liable, v.status, DATE_TRUNC('month', v.from_admitted_at)
ORDER BY month, v.liable, v.status;
