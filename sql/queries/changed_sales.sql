-- What happens to sold goods: what an order's documents add up to, changes of it, their documents.
-- A line's key is its id; the delivery's is the order's. Lines of documents from before lines had
-- ids are known by their SKU, which an order has once.

-- name: ledger
-- Every row of an order's documents of sold kinds, in the order in which they were made.
-- $1 order_id
SELECT CASE entry.kind WHEN 'delivery' THEN document.order_id
                     ELSE coalesce(entry.line_id, line.id) END AS line_id,
       entry.sku, entry.name, entry.kind, entry.pieces, entry.grams, entry.unit_grams,
       entry.price, entry.total, entry.vat_code, entry.vat_percent, entry.marks
  FROM document
  JOIN document_kind ON document_kind.kind = document.kind AND document_kind.sold
  JOIN document_line AS entry ON entry.document_id = document.id
  LEFT JOIN sale_change AS change ON change.id = document.change_id
  LEFT JOIN order_line AS line ON line.order_id = document.order_id AND line.external_id = entry.sku
 WHERE document.order_id = $1
 ORDER BY change.seq NULLS FIRST, entry.position;

-- name: found
-- What an order without documents will be sold as (see the view sale_line), before the discount on
-- the whole order, which stands beside each line.
-- $1 order_id
SELECT coalesce(line.line_id, line.order_id) AS line_id, line.sku, line.name, line.kind,
       line.pieces, line.grams, line.unit_grams, line.price, line.total, line.vat_code,
       line.vat_percent, line.marks, orders.discount
  FROM sale_line AS line
  JOIN orders ON orders.id = line.order_id
 WHERE line.order_id = $1
 ORDER BY line.position;

-- name: waiting
-- Lines of changes that have no document yet, in the order in which they were made.
-- $1 order_id
SELECT line.line_id, line.pieces, line.grams, line.price, line.total, line.marks
  FROM sale_change AS change
  JOIN sale_change_line AS line ON line.change_id = change.id
 WHERE change.order_id = $1 AND change.document_id IS NULL
 ORDER BY change.seq;

-- name: changes
-- $1 order_id
SELECT change.id, change.kind, change.occurred_at, change.reason, change.actor,
       document.number AS document
  FROM sale_change AS change
  LEFT JOIN document ON document.id = change.document_id
 WHERE change.order_id = $1
 ORDER BY change.seq;

-- name: change_lines
-- $1 change_id
SELECT line_id, pieces, grams, price, total, marks
  FROM sale_change_line WHERE change_id = $1 ORDER BY line_id;

-- name: by_source
-- $1 order_id, $2 source
SELECT id, kind, occurred_at, reason, actor, request_hash
  FROM sale_change WHERE order_id = $1 AND source = $2;

-- name: moments
-- When the order was delivered, and when the last thing happened to its sale; null: nothing has.
-- $1 order_id
SELECT orders.delivered_at,
       (SELECT max(occurred_at) FROM sale_change WHERE order_id = $1) AS changed_at
  FROM orders WHERE orders.id = $1;

-- name: note
-- When it happened, as it is kept: not before what happened to the sale before it, whatever two
-- clocks say. No row comes back when this source has said so already.
-- $1 id, $2 order_id, $3 kind, $4 occurred_at or null for now, $5 reason, $6 actor, $7 trace_id, $8 source,
-- $9 request_hash or null
WITH settled AS (DELETE FROM sale_doubt WHERE order_id = $2)
INSERT INTO sale_change (id, order_id, store_id, account_id, kind, occurred_at, reason, actor,
                         trace_id, source, request_hash)
SELECT $1, id, store_id, account_id, $3,
       greatest(coalesce($4, now()), delivered_at,
                (SELECT max(occurred_at) FROM sale_change WHERE order_id = $2)),
       $5, $6, $7, $8, $9
  FROM orders WHERE id = $2
ON CONFLICT (order_id, source) DO NOTHING
RETURNING occurred_at;

-- name: note_lines
-- $1 change_id, $2 lines as a JSON list
INSERT INTO sale_change_line (change_id, line_id, pieces, grams, price, total, marks)
SELECT $1, line_id, pieces, grams, price, total, coalesce(marks, '{}')
  FROM jsonb_populate_recordset(NULL::sale_change_line, $2);

-- name: hold
-- Why the order has no document yet; null when nothing holds it.
-- $1 order_id
SELECT problems FROM sale_hold WHERE order_id = $1;

-- name: doubt
-- $1 order_id, $2 ours, $3 theirs, both in kopecks
INSERT INTO sale_doubt (order_id, ours, theirs) VALUES ($1, $2, $3)
ON CONFLICT (order_id) DO UPDATE SET ours = excluded.ours, theirs = excluded.theirs, at = now();

-- name: agree
-- $1 order_id
DELETE FROM sale_doubt WHERE order_id = $1;

-- name: pick
-- Changes that can become documents, at most one of each order, the earliest first, and only when
-- the order has its sale; what another run has in hand is left to it. (Scalar subqueries look at
-- one order; what is written with EXISTS may be read for all orders at once.) What broke since the
-- run began waits for the next one.
-- $1 limit, $2 when the run began
SELECT change.id
  FROM sale_change AS change
 WHERE change.document_id IS NULL AND (change.tried_at IS NULL OR change.tried_at < $2)
   AND (SELECT count(*) FROM document
         WHERE document.order_id = change.order_id AND document.kind = 'sale') > 0
   AND (SELECT count(*) FROM sale_change AS earlier
         WHERE earlier.order_id = change.order_id
           AND earlier.document_id IS NULL AND earlier.seq < change.seq) = 0
   AND (SELECT count(*) FROM store_away WHERE store_away.store_id = change.store_id) = 0
 ORDER BY change.seq
 LIMIT $1
   FOR UPDATE SKIP LOCKED;

-- name: broken
-- No document can be made of this change as its rows are.
-- $1 id, $2 what they break
UPDATE sale_change SET tried_at = now(), broken = $2 WHERE id = $1;

-- name: issue_changes
-- These changes become documents: each is measured against what the documents of its order add up
-- to so far. VAT changes by the difference of the VAT in what was and in what is left, so that the
-- sum is always the VAT of what is left. Numbers have no gaps. A transaction may have begun before
-- the one whose documents it counts on has ended: it is the clock that says which document came
-- first. Sums are made order by order: a planner that knows nothing of a ledger's size multiplies.
-- $1 changes of this transaction, $2 actor, $3 trace_id
WITH due AS MATERIALIZED (
    SELECT change.id AS change_id, change.seq, change.order_id, change.store_id, change.account_id,
           change.kind, change.occurred_at, change.reason, sale.id AS base_id, sale.currency,
           store.merchant_id, merchant.series || document_kind.suffix AS series,
           greatest((change.occurred_at AT TIME ZONE store.timezone)::date, sale.issued_on)
               AS issued_on
      FROM sale_change AS change
      JOIN document AS sale ON sale.order_id = change.order_id AND sale.kind = 'sale'
      JOIN store ON store.id = change.store_id
      JOIN merchant ON merchant.id = store.merchant_id
      JOIN document_kind ON document_kind.kind = change.kind
     WHERE change.id = ANY ($1::uuid[])
), numbered AS MATERIALIZED (
    SELECT due.*, gen_random_uuid() AS id, extract(year FROM issued_on)::smallint AS year,
           row_number() OVER series_of_year AS place,
           (SELECT 1 + count(*) FROM document AS same
             WHERE same.order_id = due.order_id AND same.kind = due.kind)::smallint AS nth
      FROM due
    WINDOW series_of_year AS (
        PARTITION BY merchant_id, series, extract(year FROM issued_on) ORDER BY seq)
), counted AS (
    INSERT INTO document_counter AS counter (merchant_id, series, year, last)
    SELECT merchant_id, series, year, count(*) FROM numbered
     GROUP BY merchant_id, series, year
     ORDER BY merchant_id, series, year
    ON CONFLICT (merchant_id, series, year) DO UPDATE SET last = counter.last + excluded.last
    RETURNING merchant_id, series, year, last
), lines AS MATERIALIZED (
    SELECT numbered.id, numbered.kind AS document_kind, it.*
      FROM numbered
     CROSS JOIN LATERAL (
        SELECT sold.*, after.price AS new_price,
               after.pieces - sold.pieces AS more_pieces, after.grams - sold.grams AS more_grams,
               after.total - sold.total AS more_total,
               CASE WHEN sold.vat_percent IS NULL THEN 0
                    ELSE (2 * after.total * sold.vat_percent + 100 + sold.vat_percent)
                         / (2 * (100 + sold.vat_percent)) END - sold.vat AS more_vat,
               CASE WHEN coalesce(after.grams, after.pieces) = 0 THEN 0
                    WHEN after.price <> sold.price THEN 0
                    WHEN coalesce(sold.grams, sold.pieces) = 0 THEN 0
                    WHEN after.total <> round(  -- the whole price again, with nothing off
                        sold.total::numeric * coalesce(after.grams, after.pieces)
                        / coalesce(sold.grams, sold.pieces)) THEN 0
                    ELSE round(sold.discount::numeric * coalesce(after.grams, after.pieces)
                               / coalesce(sold.grams, sold.pieces))::bigint
               END - sold.discount AS more_discount,
               ARRAY(SELECT mark
                       FROM unnest(string_to_array(sold.had, E'\x01'))
                            WITH ORDINALITY AS had(mark, nth)
                      WHERE mark <> ALL (coalesce(string_to_array(sold.gave, E'\x01'), '{}'))
                        AND mark <> ALL (after.marks) ORDER BY nth) AS gone,
               row_number() OVER (ORDER BY sold.position) AS place
          FROM sale_change_line AS after
          JOIN (
            SELECT CASE entry.kind WHEN 'delivery' THEN document.order_id
                                   ELSE coalesce(entry.line_id, line.id) END AS key,
                   min(entry.position) FILTER (WHERE document.kind = 'sale') AS position,
                   min(entry.sku) AS sku, min(entry.name) AS name, min(entry.unit) AS unit,
                   min(entry.unit_grams) AS unit_grams, min(entry.vat_code) AS vat_code,
                   min(entry.vat_percent) AS vat_percent, min(entry.kind) AS kind,
                   min(entry.barcode) AS barcode, sum(entry.pieces)::integer AS pieces,
                   sum(entry.grams)::integer AS grams, sum(entry.total)::bigint AS total,
                   sum(entry.vat)::bigint AS vat, sum(entry.discount)::bigint AS discount,
                   (array_agg(entry.price ORDER BY change.seq DESC NULLS LAST))[1] AS price,
                   string_agg(array_to_string(entry.marks, E'\x01'), E'\x01')
                       FILTER (WHERE document.kind = 'sale') AS had,
                   string_agg(array_to_string(entry.marks, E'\x01'), E'\x01')
                       FILTER (WHERE document.kind <> 'sale') AS gave
              FROM document
              JOIN document_line AS entry ON entry.document_id = document.id
              LEFT JOIN sale_change AS change ON change.id = document.change_id
              LEFT JOIN order_line AS line ON entry.line_id IS NULL
                    AND line.order_id = document.order_id AND line.external_id = entry.sku
             WHERE document.order_id = numbered.order_id
               AND document.kind IN (SELECT kind FROM document_kind WHERE document_kind.sold)
             GROUP BY 1) AS sold ON sold.key = after.line_id
         WHERE after.change_id = numbered.change_id
           AND (after.pieces, after.grams, after.price, after.total)
               IS DISTINCT FROM (sold.pieces, sold.grams, sold.price, sold.total)) AS it
), totals AS (
    SELECT id, sum(more_total)::bigint AS total, sum(more_vat)::bigint AS vat
      FROM lines GROUP BY id
), issued AS (
    INSERT INTO document (id, merchant_id, store_id, account_id, order_id, kind, series, year,
                          serial, number, issued_on, currency, total, vat_total, base_id,
                          change_id, nth, occurred_at, reason, created_at)
    SELECT numbered.id, merchant_id, store_id, account_id, order_id, kind, series, year,
           at.serial,
           series || to_char(year % 100, 'FM00') || '-'
                  || lpad(at.serial::text, greatest(6, length(at.serial::text)), '0'),
           issued_on, currency, coalesce(totals.total, 0), coalesce(totals.vat, 0), base_id,
           change_id, nth, occurred_at, reason, clock_timestamp()
      FROM numbered
      JOIN counted USING (merchant_id, series, year)
      JOIN LATERAL (
          SELECT (counted.last - max(same.place) + numbered.place)::integer AS serial
            FROM numbered AS same
           WHERE (same.merchant_id, same.series, same.year)
               = (numbered.merchant_id, numbered.series, numbered.year)) AS at ON true
      LEFT JOIN totals ON totals.id = numbered.id
    RETURNING id, order_id, store_id, change_id, kind, number, total, occurred_at
), written AS (
    INSERT INTO document_line (document_id, position, sku, name, unit, pieces, grams, unit_grams,
                               price, total, vat_code, vat_percent, vat, marks, kind, line_id,
                               barcode, discount, before_pieces, before_grams, before_price,
                               before_total, before_vat)
    SELECT id, place, sku, name, unit, more_pieces, more_grams, unit_grams,
           new_price, more_total, vat_code, vat_percent, more_vat, gone, kind,
           CASE kind WHEN 'delivery' THEN NULL ELSE key END, barcode, more_discount,
           CASE document_kind WHEN 'correction' THEN pieces END,
           CASE document_kind WHEN 'correction' THEN grams END,
           CASE document_kind WHEN 'correction' THEN price END,
           CASE document_kind WHEN 'correction' THEN total END,
           CASE document_kind WHEN 'correction' THEN vat END
      FROM lines
), settled AS (
    UPDATE sale_change SET document_id = issued.id, broken = NULL FROM issued
     WHERE sale_change.id = issued.change_id
), receipted AS (
    INSERT INTO receipt_due (id, order_id, kind, base_id, occurred_at)
    SELECT gen_random_uuid(), order_id, 'receipt_return', issued.id, occurred_at
      FROM issued
     WHERE issued.kind = 'return' AND issued.total < 0
       AND EXISTS (SELECT FROM receipt_due AS final
                    WHERE final.order_id = issued.order_id AND final.kind = 'receipt_final')
), told AS (
    INSERT INTO timeline (id, order_id, store_id, kind, actor, trace_id, detail)
    SELECT gen_random_uuid(), order_id, store_id, 'document', $2, $3,
           jsonb_build_object('kind', kind, 'number', number, 'total', total)
      FROM issued
)
SELECT id FROM issued;
