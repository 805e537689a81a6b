-- Which chips of this shipment has nobody signed for, of those this party answers for?
SELECT c.chip, c.model, c.liable, c.changed AS entry_index
FROM record.chip_state AS c
WHERE c.status = 'in_transit' AND c.shipment = $shipment AND c.liable = $liable
ORDER BY c.chip
