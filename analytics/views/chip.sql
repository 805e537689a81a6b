-- Where is each chip now, who holds it, owns it and answers for it?
CREATE OR REPLACE VIEW chip AS
SELECT
    c.chip,
    SUBSTR(c.chip, 1, POSITION(':' IN c.chip) - 1) AS maker,
    c.model,
    c.lots AS lot,
    c.class,
    c.custodian,
    c.owner,
    c.liable,
    c.site,
    c.system,
    c.slot,
    c.status,
    c.born AS birth_index,
    c.confirmed_at AS last_confirmed_at,
    c.changed AS entry_index
FROM record.chip_state AS c;
