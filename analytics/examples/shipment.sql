-- Which shipments have not come in full, the oldest promise first?
SELECT shipment, sender, receiver, due_by, sent, received, short
FROM shipment
WHERE state = 'open' AND short > 0
ORDER BY due_by, shipment;
