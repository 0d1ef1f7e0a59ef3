-- Which units of marked goods are used, and where. КИ are taken in one order, so that two orders
-- that want the same units wait for each other instead of for ever.

-- name: lock
-- $1 store_id, $2 КИ
SELECT FROM product_mark
 WHERE merchant_id = (SELECT merchant_id FROM store WHERE id = $1) AND ki = ANY ($2::text[])
 ORDER BY ki
   FOR UPDATE;

-- name: take
-- The КИ that could be taken; the others are used too far already.
-- $1 store_id, $2 КИ, $3 thousandths of each
INSERT INTO product_mark (merchant_id, ki, used)
SELECT store.merchant_id, wanted.ki, wanted.part
  FROM store, unnest($2::text[], $3::smallint[]) AS wanted(ki, part)
 WHERE store.id = $1
 ORDER BY wanted.ki
ON CONFLICT (merchant_id, ki) DO UPDATE SET used = product_mark.used + excluded.used
 WHERE product_mark.used + excluded.used <= 1000
RETURNING ki;

-- name: free
-- $1 store_id, $2 КИ, $3 thousandths of each
UPDATE product_mark SET used = greatest(used - freed.part, 0)
  FROM unnest($2::text[], $3::smallint[]) AS freed(ki, part)
 WHERE product_mark.merchant_id = (SELECT merchant_id FROM store WHERE id = $1)
   AND product_mark.ki = freed.ki;

-- name: forget
-- $1 store_id, $2 КИ
DELETE FROM product_mark AS mark
 WHERE mark.merchant_id = (SELECT merchant_id FROM store WHERE id = $1)
   AND mark.ki = ANY ($2::text[]) AND mark.used = 0
   AND NOT EXISTS (SELECT FROM product_mark_use AS use
                    WHERE (use.merchant_id, use.ki) = (mark.merchant_id, mark.ki));

-- name: unuse
-- The ones that were used; what came back after it was sold is not any more.
-- $1 store_id, $2 КИ, $3 the line of each
DELETE FROM product_mark_use AS use
 USING unnest($2::text[], $3::uuid[]) AS gone(ki, line_id)
 WHERE use.merchant_id = (SELECT merchant_id FROM store WHERE id = $1)
   AND use.ki = gone.ki AND use.line_id = gone.line_id
RETURNING use.line_id, use.ki, use.part;

-- name: use
-- $1 store_id, $2 order_id, $3 КИ, $4 the line of each, $5 thousandths of each
INSERT INTO product_mark_use (merchant_id, ki, line_id, order_id, part)
SELECT store.merchant_id, used.ki, used.line_id, $2, used.part
  FROM store, unnest($3::text[], $4::uuid[], $5::smallint[]) AS used(ki, line_id, part)
 WHERE store.id = $1
ON CONFLICT (merchant_id, ki, line_id) DO UPDATE SET part = excluded.part;

-- name: holder
-- The number of an order of this store that holds one of these units.
-- $1 store_id, $2 КИ, $3 the order that asks
SELECT orders.number
  FROM product_mark_use AS use
  JOIN orders ON orders.id = use.order_id AND orders.store_id = $1
 WHERE use.merchant_id = (SELECT merchant_id FROM store WHERE id = $1)
   AND use.ki = ANY ($2::text[]) AND use.order_id <> $3
 LIMIT 1;

-- name: checked
-- Answers of the marking system that are fresh enough to go by.
-- $1 store_id, $2 КИ
SELECT use.ki, noted.check_id, noted.checked_at
  FROM product_mark_use AS use
  JOIN order_line AS line ON line.id = use.line_id
 CROSS JOIN jsonb_to_recordset(line.mark_uses)
         AS noted(code text, check_id text, checked_at timestamptz)
 WHERE use.merchant_id = (SELECT merchant_id FROM store WHERE id = $1)
   AND use.ki = ANY ($2::text[])
   AND split_part(noted.code, E'\x1d', 1) = use.ki
   AND noted.checked_at > now() - interval '10 minutes';
