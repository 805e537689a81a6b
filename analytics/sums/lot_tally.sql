-- How many present chips name the same lots?
SELECT c.lots, c.model, c.class, c.status = 'replaced' AS is_replaced, COUNT(*) AS chips
FROM record.chip_state AS c
WHERE c.lots IS NOT NULL
GROUP BY 1, 2, 3, 4;
