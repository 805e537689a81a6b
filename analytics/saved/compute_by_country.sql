-- How much compute stands in each country?
SELECT s.country, COUNT(*) AS chips, SUM(m.h100e) AS h100e, SUM(m.tpp) AS tpp
FROM chip AS c
INNER JOIN site AS s ON s.site = c.site
LEFT JOIN model AS m ON m.model = c.model
WHERE c.status = 'held'
GROUP BY s.country
ORDER BY h100e DESC NULLS LAST, s.country;
