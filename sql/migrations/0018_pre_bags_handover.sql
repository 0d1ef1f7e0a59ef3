-- Bags with their labels, places and hand-over; what the receiver refused; what goes back to shelves.

CREATE TABLE bag (
    id          uuid PRIMARY KEY,
    order_id    uuid NOT NULL REFERENCES orders,
    store_id    uuid NOT NULL,
    position    smallint NOT NULL,
    code        text NOT NULL,
    temperature text NOT NULL,
    state       text NOT NULL,
    place       text,
    opened_at   timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT bag_temperature_known CHECK (
        temperature IN ('ambient', 'chilled', 'frozen', 'non_food')),
    CONSTRAINT bag_state_known CHECK (
        state IN ('open', 'sealed', 'staged', 'handed_over', 'void')),
    CONSTRAINT bag_staged_somewhere CHECK ((state = 'staged') <= (place IS NOT NULL))
);
-- A pre-printed code serves again once its bag has left the shop.
CREATE UNIQUE INDEX bag_code_live_once ON bag (store_id, code)
    WHERE state IN ('open', 'sealed', 'staged');
CREATE INDEX bag_order_idx ON bag (order_id, position);
CREATE INDEX bag_staged_idx ON bag (store_id, place) WHERE state = 'staged';

ALTER TABLE orders
    ADD COLUMN bag_count smallint,
    ADD COLUMN putback   text NOT NULL DEFAULT 'none',
    ADD COLUMN reopened  boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT orders_bag_count_possible CHECK (bag_count >= 0),
    ADD CONSTRAINT orders_putback_known CHECK (putback IN ('none', 'due', 'done'));
CREATE INDEX orders_putback_idx ON orders (store_id, changed_at) WHERE putback = 'due';

-- Pieces, or grams of a weighed good, that the receiver did not take.
ALTER TABLE order_line
    ADD COLUMN refused        integer NOT NULL DEFAULT 0,
    ADD COLUMN refused_reason text,
    ADD CONSTRAINT order_line_refused_not_negative CHECK (refused >= 0);
