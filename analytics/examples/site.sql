-- Which places have the most room?
SELECT site, operator, country, positions, power_kw
FROM site
ORDER BY positions DESC NULLS LAST, site;
