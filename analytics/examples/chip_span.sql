-- Who held how many chips as of entry 20?
SELECT custodian, COUNT(*) AS chips
FROM chip_span
WHERE from_index <= 20 AND (to_index IS NULL OR to_index > 20) AND status = 'held'
GROUP BY custodian
ORDER BY chips DESC, custodian;
