-- name: by_sku
-- $1 merchant_id, $2 store_id, $3 skus
SELECT product.sku, product.name, product.barcodes, product.plu, product.vat, product.marked,
       product.unit_grams, product.category, product.temperature, product.min_age,
       product.restriction, product.photo_url, product.active, here.price,
       coalesce(here.zone, '') AS zone, coalesce(here.aisle, '') AS aisle,
       coalesce(here.shelf, '') AS shelf, store_aisle.rank,
       coalesce(here.available, true) AS available
  FROM product
  LEFT JOIN store_product AS here ON here.store_id = $2 AND here.sku = product.sku
  LEFT JOIN store_aisle ON store_aisle.store_id = $2 AND store_aisle.aisle = here.aisle
 WHERE product.merchant_id = $1 AND product.sku = ANY ($3::text[]);

-- name: skus_by_code
-- Which goods a scanned code names: by barcode in any of its spellings, or by the item number of
-- an in-store label.
-- $1 merchant_id, $2 spellings of a barcode, $3 plu or null
SELECT sku FROM product
 WHERE merchant_id = $1 AND active
   AND (barcodes && $2::text[] OR ($3::text IS NOT NULL AND plu = $3))
 ORDER BY sku
 LIMIT 10;
