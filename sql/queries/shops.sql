-- name: shop
-- Everything a decision needs of one store, in one row; lists come as JSON.
-- $1 store_id
SELECT store.id, store.merchant_id, store.code, store.name, store.timezone, store.paused,
       store.zone_picking, store.bags, store.mark_check,
       coalesce((SELECT jsonb_agg(to_jsonb(label) - 'store_id' ORDER BY label.position)
                   FROM store_label AS label WHERE label.store_id = store.id), '[]') AS labels,
       coalesce((SELECT jsonb_object_agg(aisle.aisle, aisle.rank)
                   FROM store_aisle AS aisle WHERE aisle.store_id = store.id), '{}') AS aisles,
       coalesce((SELECT jsonb_agg(to_jsonb(place) - 'store_id' ORDER BY place.code)
                   FROM store_place AS place WHERE place.store_id = store.id), '[]') AS places,
       coalesce((SELECT jsonb_agg(to_jsonb(tolerance) - 'store_id')
                   FROM store_tolerance AS tolerance
                  WHERE tolerance.store_id = store.id), '[]') AS tolerances
  FROM store
 WHERE store.id = $1;
