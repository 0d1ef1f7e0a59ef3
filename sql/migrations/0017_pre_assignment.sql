-- Who picks what: an order as a whole (zone '') or one zone of it; runs of several orders; calls for
-- help. The job's old key goes in 0020, after the code that names it in its claims.

-- Orders picked together by one person; which of them are still in it is told by their jobs.
CREATE TABLE pick_run (
    id          uuid PRIMARY KEY,
    store_id    uuid NOT NULL REFERENCES store,
    picker_id   uuid NOT NULL REFERENCES picker,
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz
);
CREATE UNIQUE INDEX pick_run_one_open_idx ON pick_run (picker_id) WHERE finished_at IS NULL;

-- Each order's goods go into a tote of their own: A, B, C or D.
CREATE TABLE pick_run_order (
    run_id   uuid NOT NULL REFERENCES pick_run,
    order_id uuid NOT NULL REFERENCES orders,
    tote     text NOT NULL,
    PRIMARY KEY (run_id, order_id),
    CONSTRAINT pick_run_order_tote_once UNIQUE (run_id, tote),
    CONSTRAINT pick_run_order_tote_known CHECK (tote IN ('A', 'B', 'C', 'D'))
);

ALTER TABLE pick_job
    ADD COLUMN zone   text NOT NULL DEFAULT '',
    ADD COLUMN run_id uuid REFERENCES pick_run;
CREATE UNIQUE INDEX pick_job_zone_once ON pick_job (order_id, zone);

-- Whatever ends the picking of an order ends its claims: a courier's news, a cancel, the last tap.
CREATE FUNCTION end_pick_jobs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE pick_job SET state = 'done', done_at = now()
     WHERE order_id = NEW.id AND state IN ('claimed', 'active', 'paused');
    RETURN NULL;
END $$;
CREATE TRIGGER orders_end_jobs AFTER UPDATE OF state ON orders
    FOR EACH ROW WHEN (NEW.state NOT IN ('received', 'accepted', 'picking', 'picked'))
    EXECUTE FUNCTION end_pick_jobs();
UPDATE pick_job SET state = 'done', done_at = now()
  FROM orders
 WHERE orders.id = pick_job.order_id AND pick_job.state IN ('claimed', 'active', 'paused')
   AND orders.state NOT IN ('received', 'accepted', 'picking', 'picked');

-- A picker asks for help; open until a supervisor closes it.
CREATE TABLE help_request (
    id        uuid PRIMARY KEY,
    store_id  uuid NOT NULL REFERENCES store,
    order_id  uuid REFERENCES orders,
    line_id   uuid REFERENCES order_line,
    picker_id uuid NOT NULL REFERENCES picker,
    text      text NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz,
    closed_by uuid REFERENCES picker,
    CONSTRAINT help_request_closed_by_somebody CHECK ((closed_at IS NULL) = (closed_by IS NULL))
);
CREATE INDEX help_request_open_idx ON help_request (store_id, at) WHERE closed_at IS NULL;
