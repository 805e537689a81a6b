-- What does the warehouse keep? Base tables: one row an entry, one a version of a thing, one a present chip.
-- A version with `born` -1 says that the thing's making was corrected away: from there on nothing is there.
CREATE SCHEMA record;

CREATE TABLE record.standing (
    log VARCHAR, log_size BIGINT, root VARCHAR, settled_size BIGINT, schema_sha256 VARCHAR, views_sha256 VARCHAR,
    summed_size BIGINT
);
INSERT INTO record.standing VALUES (NULL, 0, NULL, 0, NULL, NULL, 0);

CREATE TABLE record.entry (
    entry_index BIGINT, statement VARCHAR, kind VARCHAR, party VARCHAR, key_id VARCHAR,
    occurred_at TIMESTAMP, admitted_at TIMESTAMP, lag_s BIGINT, lines BIGINT
);

CREATE TABLE record.party_version (
    party VARCHAR, name VARCHAR, roles VARCHAR, country VARCHAR, parent VARCHAR, suspended BOOLEAN,
    succeeded_by VARCHAR, successors VARCHAR, born BIGINT, changed BIGINT
);

CREATE TABLE record.model_version (
    model VARCHAR, vendor VARCHAR,
    fp64_gflops BIGINT, fp32_gflops BIGINT, tf32_gflops BIGINT, bf16_gflops BIGINT,
    fp16_gflops BIGINT, fp8_gflops BIGINT, int8_gflops BIGINT, fp4_gflops BIGINT,
    memory_gb BIGINT, memory_bandwidth_gbps BIGINT, interconnect_gbps BIGINT, tpp BIGINT,
    dies BIGINT, die_area_um2 BIGINT, hbm_stacks BIGINT, h100e DOUBLE, born BIGINT, changed BIGINT
);

CREATE TABLE record.site_version (
    site VARCHAR, operator VARCHAR, country VARCHAR, power_kw BIGINT, positions BIGINT, born BIGINT, changed BIGINT
);

CREATE TABLE record.chip_version (
    chip VARCHAR, number BIGINT, model VARCHAR, class VARCHAR, custodian VARCHAR, owner VARCHAR,
    liable VARCHAR, site VARCHAR, system VARCHAR, slot VARCHAR, status VARCHAR, shipment VARCHAR,
    lots VARCHAR, last_liable VARCHAR, born BIGINT, changed BIGINT
);

CREATE TABLE record.chip_state (
    chip VARCHAR, number BIGINT, model VARCHAR, class VARCHAR, custodian VARCHAR, owner VARCHAR,
    liable VARCHAR, site VARCHAR, system VARCHAR, slot VARCHAR, status VARCHAR, shipment VARCHAR,
    lots VARCHAR, last_liable VARCHAR, born BIGINT, changed BIGINT,
    confirmed_at TIMESTAMP, inspected_at TIMESTAMP
);

-- A version with what the chip was before it: nothing where it is the first of its chip.
CREATE TABLE record.chip_step (
    number BIGINT, changed BIGINT, born BIGINT, maker VARCHAR, custodian VARCHAR, owner VARCHAR, liable VARCHAR,
    site VARCHAR, model VARCHAR, class VARCHAR, status VARCHAR, was_changed BIGINT, was_custodian VARCHAR,
    was_owner VARCHAR, was_liable VARCHAR, was_site VARCHAR, was_model VARCHAR
);

-- How many steps by an entry are alike in all that is counted of them. A chip whose making is taken back is nobody's.
CREATE TABLE record.step_tally (
    changed BIGINT, is_made BOOLEAN, maker VARCHAR, custodian VARCHAR, owner VARCHAR, liable VARCHAR, site VARCHAR,
    model VARCHAR, status VARCHAR, was_changed BIGINT, was_custodian VARCHAR, was_owner VARCHAR, was_liable VARCHAR,
    was_site VARCHAR, was_model VARCHAR, chips BIGINT
);

-- Which chips have another owner from an entry on, or are of class C and came with one: the bits of one number are
-- 62 chips from the one numbered `neighbours` on.
CREATE TABLE record.passing (
    neighbours BIGINT, changed BIGINT, model VARCHAR, owner VARCHAR, was_owner VARCHAR, from_maker BIGINT,
    bits BIGINT
);

CREATE TABLE record.shipment_version (
    shipment VARCHAR, sender VARCHAR, receiver VARCHAR, country VARCHAR, due_by TIMESTAMP, due_by_s BIGINT,
    title VARCHAR, sent BIGINT, received BIGINT, refused BIGINT, cancelled BIGINT, lost BIGINT,
    unexpected BIGINT, state VARCHAR, born BIGINT, changed BIGINT
);

CREATE TABLE record.discrepancy_version (
    discrepancy VARCHAR, kind VARCHAR, observer VARCHAR, counterparty VARCHAR, chips BIGINT, lines_open BIGINT,
    shipment VARCHAR, site VARCHAR, state VARCHAR, outcome VARCHAR, closed BIGINT, born BIGINT, changed BIGINT
);

CREATE TABLE record.discrepancy_chip_version (
    discrepancy VARCHAR, chip VARCHAR, seen VARCHAR, seen_ik_sha256 VARCHAR, seen_label VARCHAR,
    closed BIGINT, changed BIGINT
);

CREATE TABLE record.lot_version (
    lot VARCHAR, fab VARCHAR, product VARCHAR, for_party VARCHAR, wafers BIGINT, gross_units BIGINT,
    good_units BIGINT, lost BIGINT, banked BIGINT, other_product BIGINT, born BIGINT, changed BIGINT
);

CREATE TABLE record.transfer_version (
    transfer VARCHAR, owner VARCHAR, offeree VARCHAR, chips BIGINT, state VARCHAR, born BIGINT, changed BIGINT
);

CREATE TABLE record.stocktake_version (
    stocktake VARCHAR, party VARCHAR, site VARCHAR, scope VARCHAR, parts BIGINT, parts_in VARCHAR,
    state VARCHAR, began TIMESTAMP, counted BIGINT, expected BIGINT, absent BIGINT, born BIGINT, changed BIGINT
);

CREATE TABLE record.affiliation_version (
    statement VARCHAR, verifier VARCHAR, parties VARCHAR, evidence_sha256 VARCHAR, born BIGINT, changed BIGINT
);

CREATE TABLE record.claim_version (
    statement VARCHAR, analyst VARCHAR, subject VARCHAR, model VARCHAR, family VARCHAR, unit VARCHAR,
    measure VARCHAR, from_time TIMESTAMP, as_of TIMESTAMP, status VARCHAR, low BIGINT, high BIGINT,
    source_sha256 VARCHAR, born BIGINT, changed BIGINT
);

CREATE TABLE record.correction_version (
    corrects VARCHAR, statement VARCHAR, party VARCHAR, reason VARCHAR, born BIGINT, changed BIGINT
);

CREATE TABLE record.seal_version (
    statement VARCHAR, at_size BIGINT, chips BIGINT, root VARCHAR, born BIGINT, changed BIGINT
);

CREATE TABLE record.inspection_version (
    inspection VARCHAR, series VARCHAR, number BIGINT, verifier VARCHAR, leaf VARCHAR, provers VARCHAR,
    direction VARCHAR, beacon VARCHAR, commitment VARCHAR, stages_drawn BIGINT, seeds VARCHAR,
    frame_count BIGINT, frame_root VARCHAR, strata_counts VARCHAR, known_missing BIGINT, timely VARCHAR,
    withheld BIGINT, state VARCHAR, verdict VARCHAR, counts VARCHAR, upper_bound BIGINT, off_book BIGINT,
    draws BIGINT, born BIGINT, changed BIGINT,
    planner VARCHAR, n_sample BIGINT, d BIGINT, beta_ppm BIGINT, round BIGINT
);

CREATE TABLE record.sampled_chip_version (
    inspection VARCHAR, item VARCHAR, stages VARCHAR, stratum VARCHAR, result VARCHAR, found_at TIMESTAMP,
    evidence_sha256 VARCHAR, changed BIGINT
);

-- One row a thing drawn and stage: an inspection never unmakes a draw.
CREATE TABLE record.drawn_item (
    inspection VARCHAR, stage BIGINT, item VARCHAR, stratum VARCHAR, ticket VARCHAR, rank BIGINT,
    drawn_index BIGINT
);

-- Whom each entry speaks to or against, where that is one party.
CREATE TABLE record.counterparty (entry_index BIGINT, counterparty VARCHAR);

-- Which entry takes back what another said.
CREATE TABLE record.taken_back (entry_index BIGINT, of_index BIGINT);

-- Chips that an entry speaks of without writing a version of them, and what the book said of them then: nothing
-- of a chip that it did not know.
CREATE TABLE record.chip_mention (
    chip VARCHAR, entry_index BIGINT, holder VARCHAR, number BIGINT, site VARCHAR, status VARCHAR
);

-- Chips that somebody independent saw as the book has them; `is_inspected` by one who did not take them over.
CREATE TABLE record.confirmation (
    number BIGINT, entry_index BIGINT, confirmed_at TIMESTAMP, is_inspected BOOLEAN
);

-- What a count came to, by model; good while the stocktake's last version is that of `entry_index`.
CREATE TABLE record.stocktake_model (
    stocktake VARCHAR, entry_index BIGINT, model VARCHAR, book BIGINT, counted BIGINT, absent BIGINT,
    surplus BIGINT, in_motion BIGINT
);

-- Who stands above whom from `changed` on; without a depth, no more.
CREATE TABLE record.ancestor_version (
    party VARCHAR, ancestor VARCHAR, basis VARCHAR, depth BIGINT, is_ultimate BOOLEAN, changed BIGINT
);

-- What lines said of chips that they did not move, and counts that came to an end, until that is settled. What
-- the last part of a count names is in `said` alone: `is_of_itself` says that its entry is such a part.
CREATE TABLE record.said (entry_index BIGINT, chip VARCHAR, seen_at TIMESTAMP);
CREATE TABLE record.counted (entry_index BIGINT, chip VARCHAR);
CREATE TABLE record.judged (
    stocktake VARCHAR, entry_index BIGINT, party VARCHAR, site VARCHAR, is_full BOOLEAN, is_of_itself BOOLEAN
);

-- What is summed up of the present chips for whoever asks, when a snapshot is made (`sums/`).
-- A chip that something speaks against which nobody who may has answered, with how it stands; `evidence` is the
-- first class that applies, `charged` who answered for it when that arose.
CREATE TABLE record.evidence (
    chip VARCHAR, number BIGINT, evidence VARCHAR, also VARCHAR, since_index BIGINT, charged VARCHAR,
    model VARCHAR, custodian VARCHAR, owner VARCHAR, liable VARCHAR, last_liable VARCHAR, site VARCHAR,
    status VARCHAR, shipment VARCHAR, changed BIGINT
);

-- How many present chips are alike; `is_disputed`: something is open about them, `is_accused`: evidence.
CREATE TABLE record.chip_tally (
    model VARCHAR, custodian VARCHAR, owner VARCHAR, liable VARCHAR, last_liable VARCHAR, site VARCHAR,
    status VARCHAR, shipment VARCHAR, is_placed BOOLEAN, is_disputed BOOLEAN, is_accused BOOLEAN,
    confirmed_at TIMESTAMP, inspected_at TIMESTAMP, chips BIGINT
);

-- How many present chips name the same lots.
CREATE TABLE record.lot_tally (lots VARCHAR, model VARCHAR, class VARCHAR, is_replaced BOOLEAN, chips BIGINT);
