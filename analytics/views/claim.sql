-- Who is said by others to have, buy or sell how many chips?
CREATE OR REPLACE VIEW claim AS
SELECT
    c.born AS entry_index,
    c.subject,
    c.model,
    c.family,
    c.unit,
    c.measure,
    c.from_time AS from,
    c.as_of,
    c.status,
    c.low,
    c.high,
    c.source_sha256
FROM (
    SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.statement ORDER BY v.changed DESC) AS latest
    FROM record.claim_version AS v
) AS c
WHERE c.latest = 1 AND c.born >= 0;
