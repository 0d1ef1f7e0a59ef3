-- What rules of quality and documents look at: two moments nobody had written down, indexes for
-- windows over what happened just now (only a window's own rows are read, however many orders are
-- finished), a store's usual pace, and its day so far.

ALTER TABLE orders
    ADD COLUMN courier_arrived_at timestamptz,
    ADD COLUMN paid_at            timestamptz;  -- when `paid_total` was said

-- No write of a picker changes these columns, so it still leaves all indexes alone (see 0021).
CREATE INDEX orders_started_idx ON orders (picking_at) WHERE picking_at IS NOT NULL;
CREATE INDEX orders_picked_idx ON orders (picked_at) WHERE picked_at IS NOT NULL;
CREATE INDEX orders_made_ready_idx ON orders (ready_at) WHERE ready_at IS NOT NULL;
CREATE INDEX orders_courier_waited_idx ON orders (handed_over_at)
    WHERE courier_arrived_at IS NOT NULL AND handed_over_at IS NOT NULL;
CREATE INDEX orders_implied_idx ON orders ((coalesce(handed_over_at, delivered_at))) WHERE implied;
CREATE INDEX timeline_contradicts_idx ON timeline (at) WHERE detail ? 'contradicts';
CREATE INDEX orders_sum_differs_idx ON orders (delivered_at) WHERE paid_total <> final_total;
CREATE INDEX orders_no_response_idx ON orders (ended_at) WHERE cancel_reason = 'no_response';

-- How fast a store picks as a rule: of the last 14 days, made anew every hour (app/actions/store_pace.py).
CREATE TABLE store_pace (
    store_id     uuid PRIMARY KEY,
    orders       integer NOT NULL,  -- picked in that time
    pick_seconds integer NOT NULL,  -- median of picked_at - picking_at
    line_seconds real    NOT NULL,  -- all those seconds, by ordered lines
    counted_at   timestamptz NOT NULL
);

-- What each store's day has come to so far: since midnight on the store's own clock.
CREATE FUNCTION store_today(moment timestamptz) RETURNS TABLE (
    store_id uuid, orders bigint, cancelled_by_store bigint, lines bigint, found bigint,
    short bigint, replaced bigint, dropped bigint, proposed bigint, approved bigint,
    rejected bigint, day timestamptz
) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT store.id, today.orders, today.cancelled_by_store, today.lines, today.found,
           today.short, today.replaced, today.dropped, today.proposed, today.approved,
           today.rejected, midnight.day
      FROM store
     CROSS JOIN LATERAL (
         SELECT date_trunc('day', moment AT TIME ZONE store.timezone)
                AT TIME ZONE store.timezone AS day) AS midnight
     CROSS JOIN LATERAL (
         SELECT sum(it.orders) AS orders, sum(it.cancelled_by_store) AS cancelled_by_store,
                sum(it.lines) AS lines, sum(it.found) AS found, sum(it.short) AS short,
                sum(it.replaced) AS replaced, sum(it.dropped) AS dropped,
                sum(it.proposed) AS proposed, sum(it.approved) AS approved,
                sum(it.rejected) AS rejected
           FROM store_hour AS it
          WHERE it.store_id = store.id AND it.hour >= midnight.day AND it.hour <= moment
     ) AS today
     WHERE today.orders > 0 OR today.lines > 0
$$;
