-- Numbers as facts: what each hour of each store came to, kept up to date minute by minute
-- (app/actions/count.py) and equal to what history says (`orderhub report recompute`). No foreign
-- keys: their checks would lock rows that pickers wait for, and everything here can be made anew.

-- What one order adds to one hour of its store. A measure belongs to the hour of its own moment:
-- `orders` to received_at, starts to picking_at, lines and pieces to picked_at, and so on.
CREATE TABLE order_hour (
    order_id             uuid NOT NULL,
    hour                 timestamptz NOT NULL,  -- an hour of the store's clock begins then
    store_id             uuid NOT NULL,
    account_id           uuid NOT NULL,
    orders               smallint NOT NULL DEFAULT 0,
    accepted             smallint NOT NULL DEFAULT 0,
    accept_seconds       integer  NOT NULL DEFAULT 0,  -- accepted_at - received_at
    started              smallint NOT NULL DEFAULT 0,
    start_seconds        integer  NOT NULL DEFAULT 0,  -- since accepted_at or 2 hours before due_at
    picked               smallint NOT NULL DEFAULT 0,
    pick_seconds         integer  NOT NULL DEFAULT 0,  -- picked_at - picking_at
    lines                integer  NOT NULL DEFAULT 0,  -- ordered, and not taken out by the customer
    found                integer  NOT NULL DEFAULT 0,  -- picked in full
    short                integer  NOT NULL DEFAULT 0,  -- picked in part
    replaced             integer  NOT NULL DEFAULT 0,  -- others stand for it; once, however many
    dropped              integer  NOT NULL DEFAULT 0,  -- nothing of it
    proposed             integer  NOT NULL DEFAULT 0,  -- lines a customer was asked about
    approved             integer  NOT NULL DEFAULT 0,  -- and somebody said yes
    rejected             integer  NOT NULL DEFAULT 0,  -- and the answer was no, or none came
    pieces               integer  NOT NULL DEFAULT 0,  -- in the bags, replacements among them
    ready                smallint NOT NULL DEFAULT 0,
    ready_on_time        smallint NOT NULL DEFAULT 0,
    late_seconds         integer  NOT NULL DEFAULT 0,  -- ready_at - due_at, never below 0
    handed_over          smallint NOT NULL DEFAULT 0,
    courier_waits        smallint NOT NULL DEFAULT 0,  -- whose courier's arrival is known
    courier_wait_seconds integer  NOT NULL DEFAULT 0,  -- since the later of arrival and due_at
    delivered            smallint NOT NULL DEFAULT 0,
    delivered_total      bigint   NOT NULL DEFAULT 0,  -- kopecks
    cancelled            smallint NOT NULL DEFAULT 0,  -- cancelled, rejected, returned
    cancelled_by_store   smallint NOT NULL DEFAULT 0,
    cancel               text,  -- who:why
    version              integer NOT NULL,  -- of the order, when it was counted
    changed_at           timestamptz NOT NULL,
    PRIMARY KEY (order_id, hour)
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX order_hour_cell_idx ON order_hour (store_id, hour, account_id);

-- The same, added up. Seconds are sums; `*_times` hold each order's own, for exact percentiles of
-- any span.
CREATE TABLE store_hour (
    store_id             uuid NOT NULL,
    hour                 timestamptz NOT NULL,
    account_id           uuid NOT NULL,
    orders               integer NOT NULL DEFAULT 0,
    accepted             integer NOT NULL DEFAULT 0,
    accept_seconds       bigint  NOT NULL DEFAULT 0,
    started              integer NOT NULL DEFAULT 0,
    start_seconds        bigint  NOT NULL DEFAULT 0,
    start_times          integer[] NOT NULL DEFAULT '{}',
    picked               integer NOT NULL DEFAULT 0,
    pick_seconds         bigint  NOT NULL DEFAULT 0,
    pick_times           integer[] NOT NULL DEFAULT '{}',
    lines                integer NOT NULL DEFAULT 0,
    found                integer NOT NULL DEFAULT 0,
    short                integer NOT NULL DEFAULT 0,
    replaced             integer NOT NULL DEFAULT 0,
    dropped              integer NOT NULL DEFAULT 0,
    proposed             integer NOT NULL DEFAULT 0,
    approved             integer NOT NULL DEFAULT 0,
    rejected             integer NOT NULL DEFAULT 0,
    pieces               integer NOT NULL DEFAULT 0,
    ready                integer NOT NULL DEFAULT 0,
    ready_on_time        integer NOT NULL DEFAULT 0,
    late_seconds         bigint  NOT NULL DEFAULT 0,
    late_seconds_max     integer NOT NULL DEFAULT 0,
    handed_over          integer NOT NULL DEFAULT 0,
    courier_waits        integer NOT NULL DEFAULT 0,
    courier_wait_seconds bigint  NOT NULL DEFAULT 0,
    delivered            integer NOT NULL DEFAULT 0,
    delivered_total      bigint  NOT NULL DEFAULT 0,
    cancelled            integer NOT NULL DEFAULT 0,
    cancelled_by_store   integer NOT NULL DEFAULT 0,
    cancels              jsonb   NOT NULL DEFAULT '{}',  -- {"who:why": how many}
    PRIMARY KEY (store_id, hour, account_id)
) WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX store_hour_hour_idx ON store_hour (hour);

-- What arrived from each account in each hour (UTC): deliveries once each, whether they were
-- processed or not; kinds of events among them; knocks that were not let in.
CREATE TABLE account_hour (
    account_id uuid NOT NULL,
    hour       timestamptz NOT NULL,
    deliveries integer NOT NULL DEFAULT 0,
    events     integer NOT NULL DEFAULT 0,
    refused    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, hour)
) WITH (fillfactor = 60);

-- How far counting has come; its row is the lock of those who count. Orders: everything in the
-- snapshot `seen` is counted, of what `goal` sees the orders up to `after`; of history, when it is
-- counted anew, the orders up to `swept`. `pruned` is the last change that retention forgot.
CREATE TABLE fact_mark (
    name    text PRIMARY KEY,
    place   text,
    seen    text,
    goal    text,
    after   uuid,
    swept   uuid,
    pruned  xid8,
    until   timestamptz
);
INSERT INTO fact_mark (name) VALUES ('orders'), ('accounts');
