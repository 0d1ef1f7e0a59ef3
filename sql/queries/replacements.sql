-- Replacements: what may stand for a line, who waits for an answer, whose time is over.

-- name: chain
-- The chain's own table, the best first.
-- $1 merchant_id, $2 sku, $3 limit
SELECT with_sku AS sku FROM product_substitute
 WHERE merchant_id = $1 AND sku = $2
 ORDER BY priority, with_sku
 LIMIT $3;

-- name: search
-- Goods whose names hold words that begin like the ones asked for: what is there comes first, then
-- what stands on the same shelves.
-- $1 merchant_id, $2 store_id, $3 words as a tsquery, $4 category, $5 limit
SELECT product.sku
  FROM product
  LEFT JOIN store_product AS here ON here.store_id = $2 AND here.sku = product.sku
 WHERE product.merchant_id = $1 AND product.active
   AND product_words(product.name) @@ to_tsquery('simple', $3)
 ORDER BY coalesce(here.available, true) DESC, product.category = $4 DESC, product.name
 LIMIT $5;

-- name: waiting
-- Orders of a store with customers who were asked, the least time left first.
-- $1 store_id, $2 limit
SELECT line.order_id
  FROM order_line AS line
  JOIN orders ON orders.id = line.order_id
 WHERE line.state = 'proposed' AND line.decide_by IS NOT NULL
   AND line.store_id = $1 AND orders.state = 'picking'
 GROUP BY line.order_id
 ORDER BY min(line.decide_by), line.order_id
 LIMIT $2;

-- name: due
-- Orders with customers who did not answer in time.
-- $1 now, $2 limit
SELECT order_id
  FROM order_line
 WHERE state = 'proposed' AND decide_by <= $1
 GROUP BY order_id
 ORDER BY min(decide_by), order_id
 LIMIT $2;
