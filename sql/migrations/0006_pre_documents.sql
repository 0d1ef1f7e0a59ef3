-- Sales documents: exactly one per delivered order and kind, numbered without gaps.

-- percent is null for goods without VAT; the row with the latest valid_from up to the document's
-- date counts (main rate 22 % from 1 January 2026).
CREATE TABLE vat_rate (
    code       text NOT NULL,
    valid_from date NOT NULL,
    percent    smallint,
    PRIMARY KEY (code, valid_from)
);
INSERT INTO vat_rate (code, valid_from, percent) VALUES
    ('standard', '2019-01-01', 20),
    ('standard', '2026-01-01', 22),
    ('reduced',  '2004-01-01', 10),
    ('zero',     '2004-01-01', 0),
    ('none',     '2004-01-01', NULL);

CREATE TABLE document_counter (
    merchant_id uuid     NOT NULL REFERENCES merchant,
    series      text     NOT NULL,
    year        smallint NOT NULL,
    last        integer  NOT NULL DEFAULT 0,
    PRIMARY KEY (merchant_id, series, year)
);

CREATE TABLE document (
    id          uuid     PRIMARY KEY,
    merchant_id uuid     NOT NULL REFERENCES merchant,
    store_id    uuid     NOT NULL,
    account_id  uuid     NOT NULL,
    order_id    uuid     NOT NULL REFERENCES orders,
    kind        text     NOT NULL,
    series      text     NOT NULL,
    year        smallint NOT NULL,
    serial      integer  NOT NULL,
    number      text     NOT NULL,
    issued_on   date     NOT NULL,
    currency    text     NOT NULL,
    total       bigint   NOT NULL,
    vat_total   bigint   NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT document_once_per_order_and_kind UNIQUE (order_id, kind),
    CONSTRAINT document_serial_once UNIQUE (merchant_id, series, year, serial),
    CONSTRAINT document_number_once UNIQUE (merchant_id, number),
    CONSTRAINT document_kind_known CHECK (kind IN ('sale'))
);
CREATE INDEX document_issued_idx ON document (issued_on, id);

-- price is for one piece, or for unit_grams of a weighed good.
CREATE TABLE document_line (
    document_id uuid     NOT NULL REFERENCES document,
    position    smallint NOT NULL,
    sku         text     NOT NULL,
    name        text     NOT NULL,
    unit        text     NOT NULL,
    pieces      integer  NOT NULL,
    grams       integer,
    unit_grams  integer,
    price       bigint   NOT NULL,
    total       bigint   NOT NULL,
    vat_code    text     NOT NULL,
    vat_percent smallint,
    vat         bigint   NOT NULL,
    marks       text[]   NOT NULL,
    PRIMARY KEY (document_id, position)
);
