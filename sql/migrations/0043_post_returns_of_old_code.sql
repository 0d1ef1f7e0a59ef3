-- While 0034 was there and the code of the release before it still ran, a delivered order that was
-- called off was not noted as a return: it is now, as that code runs no more. What it sold before
-- 0034 stays as its books have it.
WITH undone AS MATERIALIZED (
    SELECT gen_random_uuid() AS id, orders.id AS order_id, orders.store_id, orders.account_id,
           coalesce(orders.ended_at, now()) AS ended_at, orders.cancel_reason, orders.trace_id,
           sale.id AS sale_id
      FROM orders
      JOIN document AS sale ON sale.order_id = orders.id AND sale.kind = 'sale'
     WHERE orders.state = 'returned'
       AND orders.ended_at >= (SELECT applied_at FROM schema_migration
                                WHERE name = '0034_pre_documents_in_full.sql')
       AND NOT EXISTS (SELECT FROM sale_change WHERE sale_change.order_id = orders.id)
       AND EXISTS (SELECT FROM document_line WHERE document_line.document_id = sale.id)
), noted AS (
    INSERT INTO sale_change (id, order_id, store_id, account_id, kind, occurred_at, reason, actor,
                             trace_id, source)
    SELECT id, order_id, store_id, account_id, 'return', ended_at, coalesce(cancel_reason, ''),
           'hub', trace_id, 'migration:0043'
      FROM undone ORDER BY ended_at, order_id
    RETURNING id
)
INSERT INTO sale_change_line (change_id, line_id, pieces, grams, price, total)
SELECT undone.id,
       CASE entry.kind WHEN 'delivery' THEN undone.order_id
                       ELSE coalesce(entry.line_id, line.id) END,
       0, CASE WHEN entry.grams IS NOT NULL THEN 0 END, entry.price, 0
  FROM undone
  JOIN noted USING (id)
  JOIN document_line AS entry ON entry.document_id = undone.sale_id
  LEFT JOIN order_line AS line ON line.order_id = undone.order_id AND line.external_id = entry.sku;
