-- Who disagrees with whom about how many chips, and how did it end?
CREATE OR REPLACE VIEW discrepancy AS
SELECT
    d.discrepancy,
    d.kind,
    d.observer AS party_a,
    d.counterparty AS party_b,
    d.chips,
    d.born AS opened_index,
    d.closed AS closed_index,
    d.state,
    d.outcome,
    d.changed AS entry_index
FROM (
    SELECT v.*, ROW_NUMBER() OVER (PARTITION BY v.discrepancy ORDER BY v.changed DESC) AS latest
    FROM record.discrepancy_version AS v
) AS d
WHERE d.latest = 1;
