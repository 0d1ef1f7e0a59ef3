-- What the whole work of a shop needs to know: goods with place, temperature, age and price; the
-- shop's own labels, tolerances, aisles and staging places; the rules of an account.

ALTER TABLE product
    ADD COLUMN unit        text NOT NULL DEFAULT 'piece',
    ADD COLUMN unit_grams  integer,
    ADD COLUMN category    text NOT NULL DEFAULT '',
    ADD COLUMN temperature text NOT NULL DEFAULT 'ambient',
    ADD COLUMN min_age     smallint,
    ADD COLUMN restriction text NOT NULL DEFAULT 'none',
    ADD COLUMN photo_url   text,
    ADD COLUMN active      boolean NOT NULL DEFAULT true,
    ADD COLUMN changed_at  timestamptz NOT NULL DEFAULT now(),
    ADD CONSTRAINT product_unit_known CHECK (unit IN ('piece', 'weight')),
    ADD CONSTRAINT product_weight_has_grams CHECK (
        unit <> 'weight' OR coalesce(unit_grams, 0) > 0),
    ADD CONSTRAINT product_temperature_known CHECK (
        temperature IN ('ambient', 'chilled', 'frozen', 'non_food')),
    ADD CONSTRAINT product_restriction_known CHECK (
        restriction IN ('none', 'blocked', 'pickup_only')),
    ADD CONSTRAINT product_age_possible CHECK (min_age BETWEEN 1 AND 21);
CREATE INDEX product_barcode_idx ON product USING gin (barcodes);
CREATE INDEX product_plu_idx ON product (merchant_id, plu) WHERE plu IS NOT NULL;

-- Goods as one store has them: price in kopecks per piece or per unit_grams, and where they stand.
CREATE TABLE store_product (
    store_id  uuid NOT NULL REFERENCES store,
    sku       text NOT NULL,
    price     bigint,
    zone      text NOT NULL DEFAULT '',
    aisle     text NOT NULL DEFAULT '',
    shelf     text NOT NULL DEFAULT '',
    available boolean NOT NULL DEFAULT true,
    PRIMARY KEY (store_id, sku),
    CONSTRAINT store_product_price_not_negative CHECK (price >= 0)
);

-- The chain's own table of what may stand for what; the least priority first.
CREATE TABLE product_substitute (
    merchant_id uuid NOT NULL REFERENCES merchant,
    sku         text NOT NULL,
    with_sku    text NOT NULL,
    priority    smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant_id, sku, with_sku)
);

ALTER TABLE store
    ADD COLUMN paused         boolean NOT NULL DEFAULT false,
    ADD COLUMN devices        text    NOT NULL DEFAULT 'any',
    ADD COLUMN shifts         text    NOT NULL DEFAULT 'optional',
    ADD COLUMN zone_picking   boolean NOT NULL DEFAULT false,
    ADD COLUMN bags           text    NOT NULL DEFAULT 'optional',
    ADD COLUMN mark_check     text    NOT NULL DEFAULT 'off',
    ADD CONSTRAINT store_devices_known CHECK (devices IN ('any', 'registered')),
    ADD CONSTRAINT store_shifts_known CHECK (shifts IN ('optional', 'required')),
    ADD CONSTRAINT store_bags_known CHECK (bags IN ('optional', 'required')),
    ADD CONSTRAINT store_mark_check_known CHECK (mark_check IN ('off', 'permissive', 'strict'));

-- The path through the shop: the least rank first; an aisle without a rank is "no place".
CREATE TABLE store_aisle (
    store_id uuid NOT NULL REFERENCES store,
    aisle    text NOT NULL,
    rank     integer NOT NULL,
    PRIMARY KEY (store_id, aisle)
);

-- What a location code means; capacity is how many bags a staging place takes.
CREATE TABLE store_place (
    store_id    uuid NOT NULL REFERENCES store,
    code        text NOT NULL,
    kind        text NOT NULL,
    name        text NOT NULL DEFAULT '',
    aisle       text NOT NULL DEFAULT '',
    temperature text,
    capacity    smallint,
    PRIMARY KEY (store_id, code),
    CONSTRAINT store_place_kind_known CHECK (kind IN ('shelf', 'staging')),
    CONSTRAINT store_place_capacity_possible CHECK (capacity > 0)
);

-- In-store labels: where item and value stand (from is counted from 0, until is excluded), what the
-- value is and what it is divided by to give grams, kopecks or pieces; the first match wins.
CREATE TABLE store_label (
    store_id    uuid     NOT NULL REFERENCES store,
    position    smallint NOT NULL,
    prefix      text     NOT NULL,
    length      smallint NOT NULL DEFAULT 13,
    item_from   smallint NOT NULL,
    item_until  smallint NOT NULL,
    value_from  smallint NOT NULL,
    value_until smallint NOT NULL,
    value       text     NOT NULL,
    divisor     integer  NOT NULL DEFAULT 1,
    check_digit boolean  NOT NULL DEFAULT true,
    PRIMARY KEY (store_id, position),
    CONSTRAINT store_label_value_known CHECK (value IN ('weight', 'price', 'count')),
    CONSTRAINT store_label_divisor_possible CHECK (divisor > 0)
);

-- Percent of the requested weight; category '' is for all others.
CREATE TABLE store_tolerance (
    store_id   uuid     NOT NULL REFERENCES store,
    category   text     NOT NULL DEFAULT '',
    soft_under smallint NOT NULL,
    hard_under smallint NOT NULL,
    soft_over  smallint NOT NULL,
    hard_over  smallint NOT NULL,
    PRIMARY KEY (store_id, category),
    CONSTRAINT store_tolerance_possible CHECK (
        soft_under BETWEEN 0 AND hard_under AND hard_under <= 100
        AND soft_over BETWEEN 0 AND hard_over AND hard_over <= 1000)
);

-- The hub's own rules for a connection: over-quantity, prices of replacements, time to decide.
ALTER TABLE account ADD COLUMN rules jsonb NOT NULL DEFAULT '{}';

ALTER TABLE orders ADD COLUMN authorised_total bigint,
    ADD COLUMN pickup boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT orders_authorised_not_negative CHECK (authorised_total >= 0);

ALTER TABLE order_line
    ADD COLUMN category    text NOT NULL DEFAULT '',
    ADD COLUMN temperature text NOT NULL DEFAULT 'ambient',
    ADD COLUMN zone        text NOT NULL DEFAULT '',
    ADD COLUMN aisle       text NOT NULL DEFAULT '',
    ADD COLUMN shelf       text NOT NULL DEFAULT '',
    ADD COLUMN rank        integer,
    ADD COLUMN postponed   smallint NOT NULL DEFAULT 0,
    ADD COLUMN min_age     smallint,
    ADD COLUMN restriction text NOT NULL DEFAULT 'none',
    ADD COLUMN photo_url   text,
    ADD COLUMN wish        text,
    ADD COLUMN wish_skus   text[] NOT NULL DEFAULT '{}',
    ADD COLUMN replaces    uuid REFERENCES order_line,
    ADD COLUMN decide_by   timestamptz,
    ADD COLUMN override_by text,
    ADD CONSTRAINT order_line_replaces_other CHECK (replaces <> id);
CREATE INDEX order_line_decide_idx ON order_line (decide_by) WHERE state = 'proposed';
