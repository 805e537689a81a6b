-- Which shipments of these two is this series of?
SELECT s.shipment, s.sent, s.received, s.state, s.changed AS entry_index
FROM (
    SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.shipment ORDER BY v.changed DESC) AS latest
    FROM record.shipment_version AS v
    WHERE v.changed < CAST($to_size AS BIGINT)
) AS s
WHERE
    s.latest = 1
    AND s.sender = $party
    AND s.receiver = $with
    AND s.changed >= CAST($from_size AS BIGINT)
ORDER BY s.changed
