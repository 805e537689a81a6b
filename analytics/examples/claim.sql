-- What do others say, beside what the ledger has, of the same party?
SELECT
    k.subject, k.measure, k.unit, k.low, k.high,
    (SELECT COUNT(*) FROM chip AS c WHERE c.custodian = k.subject) AS chips_on_the_book
FROM claim AS k
ORDER BY k.subject, k.entry_index;
