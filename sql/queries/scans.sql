-- name: stands_for
-- Which of these goods may stand for which of an order's, by the chain's own table, the best first.
-- $1 merchant_id, $2 SKUs of the order, $3 SKUs that were scanned
SELECT sku, with_sku FROM product_substitute
 WHERE merchant_id = $1 AND sku = ANY ($2::text[]) AND with_sku = ANY ($3::text[])
 ORDER BY priority, sku, with_sku;
