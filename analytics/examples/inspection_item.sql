-- What did inspectors find of the chips that were drawn?
SELECT inspection, stratum, result, COUNT(*) AS items
FROM inspection_item
GROUP BY inspection, stratum, result
ORDER BY inspection, stratum, result;
