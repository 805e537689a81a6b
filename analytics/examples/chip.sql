-- Who holds how many chips, worth how much?
SELECT c.custodian, c.status, COUNT(*) AS chips, SUM(m.h100e) AS h100e
FROM chip AS c
LEFT JOIN model AS m ON m.model = c.model
GROUP BY c.custodian, c.status
ORDER BY chips DESC, c.custodian, c.status;
