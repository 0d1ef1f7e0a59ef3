-- An order is written some forty times while it is picked. With room on its page, and no index on a
-- column that every write sets, such a write stays on the page and leaves all indexes alone.

DROP INDEX orders_putback_idx;
CREATE INDEX orders_putback_idx ON orders (store_id) WHERE putback = 'due';

ALTER TABLE orders SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE order_line SET (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02);
ALTER TABLE pick_job SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
