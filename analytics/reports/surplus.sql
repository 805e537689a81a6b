-- Which chips did somebody see that the book has elsewhere, twice, ended, or not at all? One row a sighting.
SELECT
    l.discrepancy,
    d.kind,
    l.chip,
    l.seen,
    d.observer,
    d.counterparty,
    d.site,
    d.shipment,
    d.born AS opened_index,
    e.admitted_at AS opened
FROM (
    SELECT
        v.*, ROW_NUMBER() OVER (PARTITION BY v.discrepancy, v.chip, v.seen ORDER BY v.changed DESC) AS latest
    FROM record.discrepancy_chip_version AS v
) AS l
INNER JOIN (
    SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.discrepancy ORDER BY v.changed DESC) AS latest
    FROM record.discrepancy_version AS v
) AS d ON d.discrepancy = l.discrepancy
LEFT JOIN record.entry AS e ON e.entry_index = d.born
WHERE
    l.latest = 1
    AND d.latest = 1
    AND d.kind IN ('extra', 'unknown_chip', 'duplicate', 'after_end')
    AND d.state IN ('open', 'answered')
    AND l.closed IS NULL
ORDER BY d.born, l.discrepancy, l.chip, l.seen;
