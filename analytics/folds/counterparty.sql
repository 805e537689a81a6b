-- To or against which one party does each entry not settled yet speak?
INSERT INTO record.counterparty
SELECT o.entry_index, MIN(o.counterparty)
FROM (
    SELECT
        s.changed AS entry_index,
        CASE WHEN e.kind = 'shipment.arrived' THEN s.sender ELSE s.receiver END AS counterparty
    FROM record.shipment_version AS s
    INNER JOIN record.entry AS e ON e.entry_index = s.changed
    WHERE
        s.changed >= getvariable('settled')
        AND e.kind IN ('shipment.dispatched', 'shipment.arrived', 'shipment.cancelled')
    UNION ALL
    SELECT
        t.changed AS entry_index,
        CASE WHEN e.kind = 'title.accepted' THEN t.owner ELSE t.offeree END AS counterparty
    FROM record.transfer_version AS t
    INNER JOIN record.entry AS e ON e.entry_index = t.changed
    WHERE
        t.changed >= getvariable('settled')
        AND e.kind IN ('title.offered', 'title.accepted', 'title.withdrawn')
    UNION ALL
    SELECT
        d.changed AS entry_index,
        CASE WHEN d.observer = e.party THEN d.counterparty ELSE d.observer END AS counterparty
    FROM record.discrepancy_version AS d
    INNER JOIN record.entry AS e ON e.entry_index = d.changed
    WHERE
        d.changed >= getvariable('settled')
        AND e.kind = 'discrepancy.answered'
        AND (d.observer = e.party OR d.counterparty = e.party)
) AS o
WHERE o.counterparty IS NOT NULL
GROUP BY o.entry_index
HAVING MIN(o.counterparty) = MAX(o.counterparty);
