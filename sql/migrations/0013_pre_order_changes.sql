-- Which orders changed, for the handhelds' feed: one narrow row per order and transaction. `xid` is
-- the transaction itself: with a reader's snapshot it says exactly what that reader has not seen,
-- in whatever order transactions commit. The key is the feed's index; finished orders cost nothing,
-- because rows live for hours (sql/queries/prune.sql).
CREATE TABLE order_change (
    store_id uuid        NOT NULL,
    xid      xid8        NOT NULL DEFAULT pg_current_xact_id(),
    order_id uuid        NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (store_id, xid, order_id)
) WITH (autovacuum_vacuum_scale_factor = 0.05);

-- Triggers, not statements of the application: whatever will ever change an order or its claim is
-- told to the handhelds too.
CREATE FUNCTION note_order_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO order_change (store_id, order_id)
    VALUES (NEW.store_id, NEW.id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION note_claim_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO order_change (store_id, order_id)
    VALUES (NEW.store_id, NEW.order_id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE TRIGGER orders_change AFTER INSERT OR UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION note_order_change();
CREATE TRIGGER pick_job_change AFTER INSERT OR UPDATE ON pick_job
    FOR EACH ROW EXECUTE FUNCTION note_claim_change();
