-- Orders: what was bought never changes, outcomes stand beside it. Money in kopecks, weight in grams.

CREATE TABLE orders (
    id                 uuid    PRIMARY KEY,
    store_id           uuid    NOT NULL REFERENCES store,
    account_id         uuid    NOT NULL REFERENCES account,
    number             text    NOT NULL,
    external_id        text    NOT NULL,
    external_uuid      text,
    state              text    NOT NULL,
    version            integer NOT NULL DEFAULT 1,
    currency           text    NOT NULL DEFAULT 'RUB',
    requested_total    bigint  NOT NULL,
    final_total        bigint,
    paid_total         bigint,
    payment_state      text    NOT NULL DEFAULT 'unpaid',
    payment_methods    text[]  NOT NULL DEFAULT '{}',
    replacement_policy text    NOT NULL DEFAULT 'ask',
    comment            text    NOT NULL DEFAULT '',
    business           boolean NOT NULL DEFAULT false,
    planned            boolean NOT NULL DEFAULT false,
    delivery_from      timestamptz,
    delivery_to        timestamptz,
    due_at             timestamptz NOT NULL,
    courier            text    NOT NULL DEFAULT 'none',
    implied            boolean NOT NULL DEFAULT false,
    cancelled_by       text,
    cancel_reason      text,
    sale_due           boolean NOT NULL DEFAULT false,
    trace_id           text    NOT NULL DEFAULT '',
    received_at        timestamptz NOT NULL DEFAULT now(),
    accepted_at        timestamptz,
    picking_at         timestamptz,
    picked_at          timestamptz,
    ready_at           timestamptz,
    handed_over_at     timestamptz,
    delivered_at       timestamptz,
    ended_at           timestamptz,
    changed_at         timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT orders_external_id_once UNIQUE (account_id, external_id),
    CONSTRAINT orders_number_once UNIQUE (account_id, number),
    CONSTRAINT orders_state_known CHECK (state IN (
        'received', 'accepted', 'picking', 'picked', 'ready', 'handed_over', 'delivered',
        'rejected', 'cancelled', 'returned')),
    CONSTRAINT orders_payment_state_known CHECK (payment_state IN ('unpaid', 'paid')),
    CONSTRAINT orders_courier_known CHECK (courier IN ('none', 'assigned', 'arrived')),
    CONSTRAINT orders_money_not_negative CHECK (
        requested_total >= 0 AND coalesce(final_total, 0) >= 0 AND coalesce(paid_total, 0) >= 0),
    CONSTRAINT orders_ready_has_final_total CHECK (state <> 'ready' OR final_total IS NOT NULL)
);

-- A shop's queue and every monitoring rule read active orders only.
CREATE INDEX orders_active_idx ON orders (store_id, due_at)
    WHERE state IN ('received', 'accepted', 'picking', 'picked', 'ready', 'handed_over');
-- An operator looks an order up by whichever number is at hand.
CREATE INDEX orders_number_idx ON orders (number);
CREATE INDEX orders_external_id_idx ON orders (external_id);
-- The hourly job reads only what waits for its document.
CREATE INDEX orders_sale_due_idx ON orders (delivered_at) WHERE sale_due;

-- Personal data stands apart, so that it can be forgotten without touching the order.
CREATE TABLE order_contact (
    order_id uuid  PRIMARY KEY REFERENCES orders,
    customer jsonb NOT NULL,
    address  jsonb NOT NULL
);

CREATE TABLE order_line (
    id               uuid     PRIMARY KEY,
    order_id         uuid     NOT NULL REFERENCES orders,
    store_id         uuid     NOT NULL,
    position         smallint NOT NULL,
    external_id      text     NOT NULL,
    name             text     NOT NULL,
    unit             text     NOT NULL,
    unit_grams       integer,
    price            bigint   NOT NULL,
    requested_pieces integer  NOT NULL,
    requested_grams  integer,
    barcodes         text[]   NOT NULL DEFAULT '{}',
    plu              text,
    vat              text     NOT NULL,
    marked           boolean  NOT NULL DEFAULT false,
    state            text     NOT NULL DEFAULT 'todo',
    picked_pieces    integer,
    picked_grams     integer,
    total            bigint,
    reason           text,
    shelf_empty      boolean  NOT NULL DEFAULT false,
    marks            text[]   NOT NULL DEFAULT '{}',
    replaced_by      uuid     REFERENCES order_line,
    CONSTRAINT order_line_external_id_once UNIQUE (order_id, external_id),
    CONSTRAINT order_line_vat_known CHECK (vat IN ('standard', 'reduced', 'zero', 'none')),
    CONSTRAINT order_line_unit_known CHECK (unit IN ('piece', 'weight')),
    CONSTRAINT order_line_weight_has_grams CHECK (
        (unit = 'weight') = (unit_grams IS NOT NULL AND requested_grams IS NOT NULL)),
    CONSTRAINT order_line_state_known CHECK (
        state IN ('todo', 'picked', 'short', 'dropped', 'proposed', 'replaced')),
    CONSTRAINT order_line_quantities_not_negative CHECK (
        price >= 0 AND requested_pieces >= 0 AND coalesce(picked_pieces, 0) >= 0
        AND coalesce(picked_grams, 0) >= 0 AND coalesce(total, 0) >= 0)
);

-- Everything that happened to an order, in order, under one trace id; only ever added to.
CREATE TABLE timeline (
    id       uuid  PRIMARY KEY,
    order_id uuid  NOT NULL,
    store_id uuid  NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    kind     text  NOT NULL,
    actor    text  NOT NULL,
    trace_id text  NOT NULL,
    detail   jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX timeline_order_idx ON timeline (order_id, id);

-- What a marketplace must be told; the queue row has the same id.
CREATE TABLE outbox_message (
    id         uuid PRIMARY KEY,
    order_id   uuid NOT NULL REFERENCES orders,
    account_id uuid NOT NULL,
    kind       text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX outbox_message_order_idx ON outbox_message (order_id, id);

CREATE TABLE outbox_attempt (
    message_id uuid     NOT NULL,
    attempt    smallint NOT NULL,
    account_id uuid     NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    ms         integer  NOT NULL,
    status     smallint,
    outcome    text     NOT NULL,
    request    text     NOT NULL,
    response   text     NOT NULL,
    PRIMARY KEY (message_id, attempt, at)
);
CREATE INDEX outbox_attempt_recent_idx ON outbox_attempt (account_id, at);
