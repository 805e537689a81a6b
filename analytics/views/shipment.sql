-- What was sent to whom, by when was it due, and what became of it?
CREATE OR REPLACE VIEW shipment AS
SELECT
    s.shipment,
    s.sender,
    s.receiver,
    s.country,
    s.due_by,
    s.sent,
    s.received,
    s.sent - s.received - s.refused - s.cancelled AS short,
    s.unexpected,
    s.state,
    s.changed AS entry_index
FROM (
    SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.shipment ORDER BY v.changed DESC) AS latest
    FROM record.shipment_version AS v
) AS s
WHERE s.latest = 1;
