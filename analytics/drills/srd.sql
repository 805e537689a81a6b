-- Which chips were in this shipment?
SELECT v.chip, MIN(v.changed) AS sent_index, MAX(v.changed) AS entry_index
FROM record.chip_version AS v
WHERE v.shipment = $shipment
GROUP BY v.chip
ORDER BY v.chip
