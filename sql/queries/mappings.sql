-- What marketplaces call stores, goods, units and statuses of ours, and what waits for such a word.

-- name: goods
-- Our SKUs of goods they name.
-- $1 account_id, $2 theirs
SELECT theirs, ours FROM account_mapping
 WHERE account_id = $1 AND kind = 'goods' AND theirs = ANY ($2::text[]);

-- name: back
-- What they call goods of ours, the latest name first.
-- $1 account_id, $2 ours
SELECT ours, array_agg(theirs ORDER BY changed_at DESC, theirs) AS theirs
  FROM account_mapping
 WHERE account_id = $1 AND kind = 'goods' AND ours = ANY ($2::text[])
 GROUP BY ours;

-- name: known
-- Which of some words have a meaning.
-- $1 account_id, $2 kind, $3 theirs
SELECT theirs, ours FROM account_mapping
 WHERE account_id = $1 AND kind = $2 AND theirs = ANY ($3::text[])
 UNION ALL
SELECT external_id, store_id::text FROM account_store
 WHERE $2 = 'store' AND account_id = $1 AND external_id = ANY ($3::text[]);

-- name: hold
-- Nobody says what a word means until the end of this transaction: who does locks the account.
-- $1 account_id
SELECT FROM account WHERE id = $1 FOR SHARE;

-- name: wait
-- $1 inbox_id, $2 account_id, $3 kind, $4 theirs, $5 order_ref
INSERT INTO unmapped (inbox_id, account_id, kind, theirs, order_ref)
SELECT $1, $2, $3, word, $5 FROM unnest($4::text[]) AS word
ON CONFLICT (inbox_id, kind, theirs) DO NOTHING;

-- name: behind
-- How earlier deliveries of the same order stand that wait for a word, or behind one that does, or
-- that have just been let go on, but not by this transaction, which has made the order they wait for. One that
-- waits for its order alone may be overtaken.
-- $1 fifo_key, $2 inbox_id
SELECT DISTINCT earlier.state
  FROM queue_item AS earlier
  JOIN queue_item AS own ON own.queue = 'inbox' AND own.id = $2
 WHERE earlier.queue = 'inbox' AND earlier.fifo_key = $1 AND earlier.seq < own.seq
   AND (earlier.state = 'leased' OR earlier.state = 'waiting' AND earlier.due_at <> now()
        OR (earlier.state = 'parked' AND earlier.reason IN ('unmapped', 'held')));

-- name: said
-- Words that somebody says the meaning of now; the deliveries that waited for them.
-- $1 account_id, $2 kind, $3 theirs
DELETE FROM unmapped
 WHERE account_id = $1 AND kind = $2 AND theirs = ANY ($3::text[])
RETURNING inbox_id;

-- name: wake
-- Deliveries that wait for no word any more, and what came after them for the same orders, in their
-- order; also when somebody is just looking at one of them again.
-- $1 inbox_ids
UPDATE queue_item AS item
   SET state = 'waiting', due_at = now(), attempts = 0
  FROM (
    SELECT DISTINCT woken.fifo_key
      FROM queue_item AS woken
     WHERE woken.queue = 'inbox' AND woken.id = ANY ($1::uuid[])
       AND woken.state IN ('waiting', 'leased', 'parked')
       AND NOT EXISTS (SELECT FROM unmapped WHERE unmapped.inbox_id = woken.id)
  ) AS keys
 WHERE item.queue = 'inbox' AND item.fifo_key = keys.fifo_key AND item.state = 'parked'
RETURNING item.id;

-- name: unmapped
-- Words that deliveries wait for, the oldest first.
-- $1 account's code or null, $2 limit
SELECT account.code AS account, word.kind, word.theirs, min(word.seen_at) AS first_seen,
       count(*) AS waiting, min(word.order_ref) AS example
  FROM unmapped AS word JOIN account ON account.id = word.account_id
 WHERE $1::text IS NULL OR account.code = $1
 GROUP BY account.code, word.kind, word.theirs
 ORDER BY first_seen, account, kind, theirs
 LIMIT $2;

-- name: browse
-- $1 account_id, $2 kind or null, $3 after (kind and theirs, '' at first), $4 limit
SELECT said.kind, said.theirs, said.ours, said.changed_at, said.changed_by
  FROM (
    SELECT kind, theirs, ours, changed_at, changed_by
      FROM account_mapping WHERE account_id = $1
     UNION ALL
    SELECT 'store', external_id, store.code, NULL, NULL
      FROM account_store JOIN store ON store.id = account_store.store_id
     WHERE account_store.account_id = $1
  ) AS said
 WHERE ($2::text IS NULL OR said.kind = $2) AND (said.kind || ' ' || said.theirs) > $3
 ORDER BY said.kind || ' ' || said.theirs
 LIMIT $4;

-- name: put
-- $1 account_id, $2 kind, $3 theirs, $4 ours, $5 who
INSERT INTO account_mapping (account_id, kind, theirs, ours, changed_by)
SELECT $1, $2, new.theirs, new.ours, $5 FROM unnest($3::text[], $4::text[]) AS new (theirs, ours)
ON CONFLICT (account_id, kind, theirs)
   DO UPDATE SET ours = EXCLUDED.ours, changed_at = now(), changed_by = $5;

-- name: put_stores
-- $1 account_id, $2 theirs, $3 our stores' codes
INSERT INTO account_store (account_id, external_id, store_id)
SELECT $1, new.theirs, store.id
  FROM unnest($2::text[], $3::text[]) AS new (theirs, ours)
  JOIN account ON account.id = $1
  JOIN store ON store.code = new.ours AND store.merchant_id = account.merchant_id
ON CONFLICT (account_id, external_id) DO UPDATE SET store_id = EXCLUDED.store_id;

-- name: remove
-- $1 account_id, $2 kind, $3 theirs
DELETE FROM account_mapping WHERE account_id = $1 AND kind = $2 AND theirs = $3
RETURNING ours;

-- name: remove_store
-- $1 account_id, $2 theirs
DELETE FROM account_store WHERE account_id = $1 AND external_id = $2
RETURNING external_id;

-- name: no_stores
-- Codes that no store of the merchant has.
-- $1 merchant_id, $2 codes
SELECT code FROM unnest($2::text[]) AS said (code)
 WHERE NOT EXISTS (SELECT FROM store WHERE store.merchant_id = $1 AND store.code = said.code);

-- name: no_goods
-- SKUs that are not in the merchant's catalogue.
-- $1 merchant_id, $2 skus
SELECT sku FROM unnest($2::text[]) AS said (sku)
 WHERE NOT EXISTS (SELECT FROM product WHERE product.merchant_id = $1 AND product.sku = said.sku);

-- name: forget
-- Of deliveries that wait no more, whatever ended them.
DELETE FROM unmapped
 WHERE NOT EXISTS (SELECT FROM queue_item AS item
                    WHERE item.queue = 'inbox' AND item.id = unmapped.inbox_id
                      AND item.state IN ('waiting', 'leased', 'parked'));
