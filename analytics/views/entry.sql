-- Who said what, when did it happen and when was it admitted?
CREATE OR REPLACE VIEW entry AS
SELECT
    e.entry_index,
    e.statement,
    e.kind,
    e.party,
    e.key_id,
    e.occurred_at,
    e.admitted_at,
    e.lag_s,
    e.lines,
    b.entry_index AS corrected_by
FROM record.entry AS e
LEFT JOIN record.taken_back AS b ON b.of_index = e.entry_index;
