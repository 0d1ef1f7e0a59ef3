-- name: by_token
-- $1 token_hash
SELECT id, merchant_id, name FROM api_client WHERE token_hash = $1 AND revoked_at IS NULL;

-- name: save
-- A name that is there already gets the new token, and is good again.
-- $1 id, $2 merchant_id, $3 name, $4 token_hash
INSERT INTO api_client (id, merchant_id, name, token_hash) VALUES ($1, $2, $3, $4)
ON CONFLICT (merchant_id, name) DO UPDATE SET token_hash = $4, revoked_at = NULL;

-- name: revoke
-- $1 merchant_id, $2 name
UPDATE api_client SET revoked_at = now()
 WHERE merchant_id = $1 AND name = $2 AND revoked_at IS NULL
RETURNING id;

-- name: overview
SELECT client.name, merchant.name AS merchant, client.created_at, client.revoked_at
  FROM api_client AS client JOIN merchant ON merchant.id = client.merchant_id
 ORDER BY client.name;

-- name: merchants
-- One row when it is clear which one is meant; that of smoke orders never is.
-- $1 name or null
SELECT id FROM merchant WHERE name = $1 OR ($1::text IS NULL AND name <> 'orderhub smoke') LIMIT 2;

-- name: order_ids
-- By the hub's id, our number, or the marketplace's, those of the person's store first: a name may
-- be several orders'. A few are as good as all, whoever asks is told that there are several.
-- $1 merchant_id, $2 text, $3 the text as an id or null, $4 store_id
SELECT orders.id, orders.store_id = $4 AS here
  FROM orders JOIN store ON store.id = orders.store_id
 WHERE store.merchant_id = $1
   AND (orders.id = $3 OR orders.number = $2 OR orders.external_id = $2)
 ORDER BY orders.store_id <> $4, orders.id DESC
 LIMIT 3;
