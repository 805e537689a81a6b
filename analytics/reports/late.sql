-- Which shipments were due before, whatever became of them since? One row a shipment.
SELECT
    s.shipment,
    s.sender,
    s.receiver,
    s.country,
    s.due_by,
    s.due_by_s,
    s.sent,
    s.received,
    s.state,
    s.born,
    s.changed
FROM (
    SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.shipment ORDER BY v.changed DESC) AS latest
    FROM record.shipment_version AS v
) AS s
WHERE s.latest = 1 AND s.due_by_s < CAST($as_of_s AS BIGINT);
