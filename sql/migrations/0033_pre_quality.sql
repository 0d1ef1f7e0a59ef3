-- What rules of quality and documents look at: two moments nobody had written down, indexes for
-- windows over what happened just now (only a window's own rows are read, however many orders are
-- finished), a store's usual pace, and its day so far.

-- Before anything locks orders: all of the timeline is read.
CREATE INDEX timeline_contradicts_idx ON timeline (at) WHERE detail ? 'contradicts';

ALTER TABLE orders
    ADD COLUMN courier_arrived_at timestamptz,
    ADD COLUMN paid_at            timestamptz;  -- when `paid_total` was said

-- When an order made its last step in the shop: never before any of its steps, so one index serves
-- every window over steps. (It is not partial, so that the planner knows how few rows a window has:
-- what is not begun has none.) No write of a picker within a step changes these columns, so such a write
-- still leaves all indexes alone (see 0021).
CREATE INDEX orders_stepped_idx
    ON orders ((greatest(picking_at, picked_at, ready_at, handed_over_at)));
CREATE INDEX orders_implied_idx ON orders ((coalesce(handed_over_at, delivered_at))) WHERE implied;
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
    SELECT it.store_id, sum(it.orders), sum(it.cancelled_by_store), sum(it.lines), sum(it.found),
           sum(it.short), sum(it.replaced), sum(it.dropped), sum(it.proposed), sum(it.approved),
           sum(it.rejected), midnight.day
      FROM (  -- OFFSET: a day's begin is found once for each store, not for each hour
           SELECT store.id, date_trunc('day', moment AT TIME ZONE store.timezone)
                            AT TIME ZONE store.timezone AS day
             FROM store OFFSET 0) AS midnight
      JOIN store_hour AS it ON it.store_id = midnight.id
                           AND it.hour - midnight.day >= interval '0'  -- by the hour, not store by store
     WHERE it.hour > moment - interval '26 hours' AND it.hour <= moment
     GROUP BY it.store_id, midnight.day
    HAVING sum(it.orders) > 0 OR sum(it.lines) > 0
$$;
