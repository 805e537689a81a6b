-- Whose statements come in how late? Median and worst lag, in seconds.
SELECT party, COUNT(*) AS entries, MEDIAN(lag_s) AS median_lag_s, MAX(lag_s) AS worst_lag_s
FROM entry
GROUP BY party
ORDER BY median_lag_s DESC, party;
