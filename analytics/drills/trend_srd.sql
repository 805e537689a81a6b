-- Which shipments is this series of?
SELECT s.shipment, s.sent, s.received, s.state, s.entry_index
FROM shipment AS s
WHERE s.sender = $party AND s.receiver = $with
ORDER BY s.entry_index
