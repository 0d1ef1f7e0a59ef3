-- How a store works; lists are written whole, instead of what was there.

-- name: settings
-- $1 store_id, $2 devices, $3 shifts, $4 zone_picking, $5 bags, $6 mark_check, $7 paused or null
UPDATE store
   SET devices = $2, shifts = $3, zone_picking = $4, bags = $5, mark_check = $6,
       paused = coalesce($7, paused)
 WHERE id = $1;

-- name: clear_tolerances
-- $1 store_id
DELETE FROM store_tolerance WHERE store_id = $1;

-- name: tolerance
-- $1 store_id, $2 category, $3 soft under, $4 hard under, $5 soft over, $6 hard over
INSERT INTO store_tolerance (store_id, category, soft_under, hard_under, soft_over, hard_over)
VALUES ($1, $2, $3, $4, $5, $6);

-- name: clear_aisles
-- $1 store_id
DELETE FROM store_aisle WHERE store_id = $1;

-- name: aisles
-- $1 store_id, $2 rows
INSERT INTO store_aisle (store_id, aisle, rank)
SELECT $1, a.* FROM jsonb_to_recordset($2::jsonb) AS a (aisle text, rank integer);

-- name: clear_places
-- $1 store_id
DELETE FROM store_place WHERE store_id = $1;

-- name: places
-- $1 store_id, $2 rows
INSERT INTO store_place (store_id, code, kind, name, aisle, temperature, capacity)
SELECT $1, p.* FROM jsonb_to_recordset($2::jsonb) AS p (
    code text, kind text, name text, aisle text, temperature text, capacity smallint);

-- name: clear_labels
-- $1 store_id
DELETE FROM store_label WHERE store_id = $1;

-- name: labels
-- $1 store_id, $2 rows
INSERT INTO store_label (store_id, position, prefix, length, item_from, item_until, value_from,
                         value_until, value, divisor, check_digit, multiplier)
SELECT $1, n, l ->> 'prefix', (l ->> 'length')::smallint, (l -> 'item' ->> 0)::smallint,
       (l -> 'item' ->> 1)::smallint, (l -> 'value_at' ->> 0)::smallint,
       (l -> 'value_at' ->> 1)::smallint, l ->> 'value', (l ->> 'divisor')::integer,
       (l ->> 'check_digit')::boolean, (l ->> 'multiplier')::integer
  FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS labels (l, n);
