-- How many good dies of each lot are in no chip and nowhere else?
SELECT
    lot, fab, good_units, registered_units,
    good_units - lost - banked - other_product - registered_units AS unexplained_dies
FROM lot
ORDER BY unexplained_dies DESC, lot;
