-- What was summed up of present chips is of an earlier size: it gives way to what is counted now (`sums/`).
DELETE FROM record.evidence;
DELETE FROM record.chip_tally;
DELETE FROM record.lot_tally;
UPDATE record.standing SET summed_size = log_size;
