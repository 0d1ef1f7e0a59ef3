-- Imports of goods. Rows come as JSON objects with the fields their file speaks of, whose names
-- also stand in `given`: what is not given stays as it is.

-- name: stores
-- A store by its code, or all stores; several merchants may have stores of the same code.
-- $1 store code or null, $2 merchant's name or null
SELECT store.id, store.merchant_id
  FROM store JOIN merchant ON merchant.id = store.merchant_id
 WHERE ($1::text IS NULL OR store.code = $1) AND ($2::text IS NULL OR merchant.name = $2);

-- name: merchants
-- $1 merchant's name or null (any but that of smoke orders)
SELECT id FROM merchant WHERE name = $1 OR ($1::text IS NULL AND name <> 'orderhub smoke');

-- name: lock
-- Imports of one merchant are done one after the other.
-- $1 merchant_id
SELECT pg_advisory_xact_lock(hashtextextended('catalogue ' || $1::uuid::text, 0));

-- name: strangers
-- $1 merchant_id, $2 SKUs
SELECT asked.sku FROM unnest($2::text[]) AS asked (sku)
 WHERE NOT EXISTS (SELECT FROM product WHERE merchant_id = $1 AND product.sku = asked.sku);

-- name: taken
-- Barcodes that belong to goods the import does not speak of.
-- $1 merchant_id, $2 barcodes without leading zeros, $3 SKUs of the import
SELECT ltrim(code, '0') AS code, product.sku
  FROM product CROSS JOIN unnest(product.barcodes) AS code
 WHERE product.merchant_id = $1
   AND ltrim(code, '0') IN (SELECT unnest($2::text[]))
   AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS ours (sku) WHERE ours.sku = product.sku);

-- name: put_products
-- A new one needs a name; nothing comes back for what is as it was.
-- $1 merchant_id, $2 rows
WITH said AS (
    SELECT * FROM jsonb_to_recordset($2::jsonb) AS g (
        given text[], sku text, name text, unit text, unit_grams integer, barcodes text[], plu text,
        vat text, marked boolean, category text, temperature text, min_age smallint,
        restriction text, photo_url text)
), merged AS (
    SELECT g.sku,
           CASE WHEN 'name' = ANY (given) THEN g.name ELSE p.name END AS name,
           CASE WHEN 'unit' = ANY (given) THEN g.unit ELSE coalesce(p.unit, 'piece') END AS unit,
           CASE WHEN 'unit' = ANY (given) THEN g.unit_grams ELSE p.unit_grams END AS unit_grams,
           CASE WHEN 'barcodes' = ANY (given) THEN g.barcodes
                ELSE coalesce(p.barcodes, '{}') END AS barcodes,
           CASE WHEN 'plu' = ANY (given) THEN g.plu ELSE p.plu END AS plu,
           CASE WHEN 'vat' = ANY (given) THEN g.vat ELSE coalesce(p.vat, 'unknown') END AS vat,
           CASE WHEN 'marked' = ANY (given) THEN g.marked
                ELSE coalesce(p.marked, false) END AS marked,
           CASE WHEN 'category' = ANY (given) THEN g.category
                ELSE coalesce(p.category, '') END AS category,
           CASE WHEN 'temperature' = ANY (given) THEN g.temperature
                ELSE coalesce(p.temperature, 'ambient') END AS temperature,
           CASE WHEN 'min_age' = ANY (given) THEN g.min_age ELSE p.min_age END AS min_age,
           CASE WHEN 'restriction' = ANY (given) THEN g.restriction
                ELSE coalesce(p.restriction, 'none') END AS restriction,
           CASE WHEN 'photo_url' = ANY (given) THEN g.photo_url ELSE p.photo_url END AS photo_url
      FROM said AS g LEFT JOIN product AS p ON p.merchant_id = $1 AND p.sku = g.sku
     WHERE p.sku IS NOT NULL OR g.name <> ''
), written AS (
    INSERT INTO product (merchant_id, sku, name, unit, unit_grams, barcodes, plu, vat, marked,
                         category, temperature, min_age, restriction, photo_url)
    SELECT $1, m.* FROM merged AS m
     WHERE NOT EXISTS (
        SELECT FROM product AS p
         WHERE p.merchant_id = $1 AND p.sku = m.sku AND p.active
           AND (p.name, p.unit, p.unit_grams, p.barcodes, p.plu, p.vat, p.marked,
                p.category, p.temperature, p.min_age, p.restriction, p.photo_url)
               IS NOT DISTINCT FROM
               (m.name, m.unit, m.unit_grams, m.barcodes, m.plu, m.vat, m.marked,
                m.category, m.temperature, m.min_age, m.restriction, m.photo_url))
    ON CONFLICT (merchant_id, sku) DO UPDATE
       SET name = excluded.name, unit = excluded.unit, unit_grams = excluded.unit_grams,
           barcodes = excluded.barcodes, plu = excluded.plu, vat = excluded.vat,
           marked = excluded.marked, category = excluded.category,
           temperature = excluded.temperature, min_age = excluded.min_age,
           restriction = excluded.restriction, photo_url = excluded.photo_url,
           active = true, changed_at = now()
    RETURNING sku, xmax = 0 AS new
)
SELECT sku, new FROM written;

-- name: put_store_products
-- $1 store ids, $2 rows, $3 merchant_id
WITH said AS (
    SELECT g.* FROM jsonb_to_recordset($2::jsonb) AS g (
        given text[], sku text, price bigint, zone text, aisle text, shelf text, available boolean)
      JOIN product AS p ON p.merchant_id = $3 AND p.sku = g.sku
     WHERE given && ARRAY['price', 'zone', 'aisle', 'shelf', 'available']
), merged AS (
    SELECT store.id AS store_id, g.sku,
           CASE WHEN 'price' = ANY (given) THEN g.price ELSE p.price END AS price,
           CASE WHEN 'zone' = ANY (given) THEN g.zone ELSE coalesce(p.zone, '') END AS zone,
           CASE WHEN 'aisle' = ANY (given) THEN g.aisle ELSE coalesce(p.aisle, '') END AS aisle,
           CASE WHEN 'shelf' = ANY (given) THEN g.shelf ELSE coalesce(p.shelf, '') END AS shelf,
           CASE WHEN 'available' = ANY (given) THEN g.available
                ELSE coalesce(p.available, true) END AS available
      FROM said AS g CROSS JOIN unnest($1::uuid[]) AS store (id)
      LEFT JOIN store_product AS p ON p.store_id = store.id AND p.sku = g.sku
)
INSERT INTO store_product (store_id, sku, price, zone, aisle, shelf, available)
SELECT m.* FROM merged AS m
 WHERE NOT EXISTS (
    SELECT FROM store_product AS p
     WHERE p.store_id = m.store_id AND p.sku = m.sku
       AND (p.price, p.zone, p.aisle, p.shelf, p.available)
           IS NOT DISTINCT FROM (m.price, m.zone, m.aisle, m.shelf, m.available))
ON CONFLICT (store_id, sku) DO UPDATE
   SET price = excluded.price, zone = excluded.zone, aisle = excluded.aisle,
       shelf = excluded.shelf, available = excluded.available
RETURNING sku;

-- name: put_substitutes
-- $1 merchant_id, $2 rows
WITH said AS (
    SELECT g.sku, g.substitutes
      FROM jsonb_to_recordset($2::jsonb) AS g (given text[], sku text, substitutes text[])
      JOIN product AS p ON p.merchant_id = $1 AND p.sku = g.sku
     WHERE 'substitutes' = ANY (g.given)
), different AS (
    SELECT said.* FROM said
     WHERE said.substitutes <> coalesce(
        (SELECT array_agg(now.with_sku ORDER BY now.priority) FROM product_substitute AS now
          WHERE now.merchant_id = $1 AND now.sku = said.sku), '{}')
), gone AS (
    DELETE FROM product_substitute AS old USING different
     WHERE old.merchant_id = $1 AND old.sku = different.sku
       AND old.with_sku <> ALL (different.substitutes)
), put AS (
    INSERT INTO product_substitute (merchant_id, sku, with_sku, priority)
    SELECT $1, different.sku, each.sku, each.place
      FROM different, unnest(different.substitutes) WITH ORDINALITY AS each (sku, place)
    ON CONFLICT (merchant_id, sku, with_sku) DO UPDATE SET priority = excluded.priority
)
SELECT sku FROM different;

-- name: deactivate
-- $1 merchant_id, $2 SKUs that stay
WITH gone AS (
    UPDATE product SET active = false, changed_at = now()
     WHERE merchant_id = $1 AND active
       AND NOT EXISTS (SELECT FROM unnest($2::text[]) AS kept (sku) WHERE kept.sku = product.sku)
    RETURNING sku
)
SELECT count(*) FROM gone;

-- name: withdraw
-- What a store's own list does not name, the store does not have.
-- $1 store_id, $2 merchant_id, $3 SKUs that stay
WITH gone AS (
    INSERT INTO store_product (store_id, sku, available)
    SELECT $1, sku, false FROM product
     WHERE merchant_id = $2 AND active
       AND NOT EXISTS (SELECT FROM unnest($3::text[]) AS kept (sku) WHERE kept.sku = product.sku)
    ON CONFLICT (store_id, sku) DO UPDATE SET available = false WHERE store_product.available
    RETURNING sku
)
SELECT count(*) FROM gone;

-- name: unmapped
-- Goods on the latest lines without codes that no catalogue has; the most wanted first.
-- $1 how many lines to look at, $2 store code or null, $3 limit
WITH latest AS (
    SELECT id, order_id, store_id, external_id, name FROM order_line
     WHERE barcodes = '{}' AND plu IS NULL
     ORDER BY id DESC LIMIT $1
)
SELECT latest.external_id AS sku, (array_agg(latest.name ORDER BY latest.id DESC))[1] AS name,
       count(*) AS seen, (array_agg(orders.number ORDER BY latest.id DESC))[1] AS last_order,
       max(orders.received_at) AS last_at, store.code AS store
  FROM latest
  JOIN orders ON orders.id = latest.order_id
  JOIN store ON store.id = latest.store_id
 WHERE ($2::text IS NULL OR store.code = $2)
   AND NOT EXISTS (SELECT FROM product
                    WHERE merchant_id = store.merchant_id AND sku = latest.external_id)
 GROUP BY store.code, latest.external_id
 ORDER BY seen DESC, last_at DESC, sku
 LIMIT $3;
