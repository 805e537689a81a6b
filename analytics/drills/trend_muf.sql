-- Which full counts is this series of?
SELECT s.entry_index, s.model, s.book, s.counted, s.absent, s.surplus
FROM stocktake AS s
WHERE s.scope = 'full' AND s.party = $party AND COALESCE(s.site, '') = $with
ORDER BY s.entry_index, s.model
