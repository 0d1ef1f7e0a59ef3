-- Documents in full: a ledger of signed documents over every order, what happened to goods after they
-- were sold, what holds a document back, and who sells (for papers that name him).

-- Who sells and who buys, as documents name them: legal_name, inn, kpp, ogrn, address, bank, … The
-- names stand in domain/party.py; nothing is required until a paper needs it.
ALTER TABLE merchant ADD COLUMN requisites jsonb NOT NULL DEFAULT '{}';
ALTER TABLE store    ADD COLUMN requisites jsonb NOT NULL DEFAULT '{}';
ALTER TABLE account  ADD COLUMN buyer      jsonb NOT NULL DEFAULT '{}';

-- Beside the lines' prices: what delivery costs when the merchant sells it, and a discount on the whole
-- order that no line's price holds yet. Kopecks, VAT inside.
ALTER TABLE orders
    ADD COLUMN delivery_fee bigint NOT NULL DEFAULT 0,
    ADD COLUMN discount     bigint NOT NULL DEFAULT 0;

-- What one piece, or unit_grams, would have cost without its discount; null: there was none.
ALTER TABLE order_line ADD COLUMN list_price bigint;

-- 5 and 7 % are rates of those who pay by the simplified system; `unknown`: nobody said, and no
-- document is made of such goods until somebody does.
ALTER TABLE order_line DROP CONSTRAINT order_line_vat_known;
ALTER TABLE order_line ADD CONSTRAINT order_line_vat_known CHECK (
    vat IN ('standard', 'reduced', 'zero', 'none', 'five', 'seven', 'unknown')) NOT VALID;
ALTER TABLE product DROP CONSTRAINT product_vat_known;
ALTER TABLE product ADD CONSTRAINT product_vat_known CHECK (
    vat IN ('standard', 'reduced', 'zero', 'none', 'five', 'seven', 'unknown')) NOT VALID;
INSERT INTO vat_rate (code, valid_from, percent) VALUES
    ('five',  '2025-01-01', 5),
    ('seven', '2025-01-01', 7),
    ('standard', '2004-01-01', 18)
ON CONFLICT DO NOTHING;

-- One row for each kind of document. suffix follows the merchant's series in its numbers; sold: its
-- totals count as sold (or, being negative, as given back), which a receipt or a report do not.
CREATE TABLE document_kind (
    kind   text    PRIMARY KEY,
    suffix text    NOT NULL UNIQUE,
    sold   boolean NOT NULL
);
INSERT INTO document_kind (kind, suffix, sold) VALUES
    ('sale',            '',  true),
    ('correction',      'К', true),
    ('return',          'В', true),
    ('commission',      'О', false),
    ('receipt_advance', 'А', false),
    ('receipt_final',   'Ч', false),
    ('receipt_return',  'Р', false);

-- What happened to sold goods after the order was delivered. Each becomes one document, and no
-- document ever changes. `source` names what said so (a delivery, an operation): once is enough.
CREATE TABLE sale_change (
    id          uuid        PRIMARY KEY,
    order_id    uuid        NOT NULL,
    store_id    uuid        NOT NULL,
    account_id  uuid        NOT NULL,
    kind        text        NOT NULL REFERENCES document_kind,
    occurred_at timestamptz NOT NULL,
    reason      text        NOT NULL,
    actor       text        NOT NULL,
    trace_id    text        NOT NULL,
    source      text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    document_id uuid,
    CONSTRAINT sale_change_once UNIQUE (order_id, source),
    CONSTRAINT sale_change_kind_possible CHECK (kind IN ('correction', 'return'))
);
CREATE INDEX sale_change_due_idx ON sale_change (id) WHERE document_id IS NULL;

-- A line of the order as it is sold after the change: all that is left of it, not the difference.
CREATE TABLE sale_change_line (
    change_id uuid    NOT NULL REFERENCES sale_change ON DELETE CASCADE,
    line_id   uuid    NOT NULL,
    pieces    integer NOT NULL,
    grams     integer,
    price     bigint  NOT NULL,
    total     bigint  NOT NULL,
    marks     text[]  NOT NULL DEFAULT '{}',
    PRIMARY KEY (change_id, line_id),
    CONSTRAINT sale_change_line_not_negative CHECK (
        pieces >= 0 AND coalesce(grams, 0) >= 0 AND price >= 0 AND total >= 0)
);

-- Why a delivered order has no document yet: a list of {problem, …facts}; looked at anew by every run.
CREATE TABLE sale_hold (
    order_id   uuid        PRIMARY KEY,
    store_id   uuid        NOT NULL,
    account_id uuid        NOT NULL,
    problems   jsonb       NOT NULL,
    since      timestamptz NOT NULL DEFAULT now(),
    checked_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 80);
CREATE INDEX sale_hold_store_idx ON sale_hold (store_id, since);

-- A person takes it upon herself that one problem of one order is none.
CREATE TABLE sale_waiver (
    order_id uuid        NOT NULL,
    problem  text        NOT NULL,
    actor    text        NOT NULL,
    reason   text        NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_id, problem)
);

-- Documents are signed: what is given back is negative, so that an order's documents of sold kinds add
-- up to what is sold in the end. base_id: the document a later one refers to. nth: of its kind for one order.
-- detail: what only one kind has (a report's period and fee, a receipt's payments).
ALTER TABLE document
    ADD COLUMN base_id     uuid REFERENCES document,
    ADD COLUMN change_id   uuid UNIQUE,
    ADD COLUMN nth         smallint    NOT NULL DEFAULT 1,
    ADD COLUMN occurred_at timestamptz,
    ADD COLUMN reason      text        NOT NULL DEFAULT '',
    ADD COLUMN detail      jsonb       NOT NULL DEFAULT '{}',
    ALTER COLUMN order_id DROP NOT NULL,
    ALTER COLUMN store_id DROP NOT NULL,
    DROP CONSTRAINT document_kind_known,
    ADD CONSTRAINT document_kind_known FOREIGN KEY (kind) REFERENCES document_kind,
    ADD CONSTRAINT document_of_an_order CHECK (
        (kind = 'commission') = (order_id IS NULL) AND (order_id IS NULL) = (store_id IS NULL)),
    ADD CONSTRAINT document_later_has_base CHECK (
        (kind NOT IN ('correction', 'return')) OR (base_id IS NOT NULL AND change_id IS NOT NULL)),
    ADD CONSTRAINT document_once_per_order_kind_nth UNIQUE (order_id, kind, nth),
    DROP CONSTRAINT document_once_per_order_and_kind;
CREATE INDEX document_store_issued_idx ON document (store_id, issued_on);
CREATE INDEX document_base_idx ON document (base_id) WHERE base_id IS NOT NULL;

-- kind: goods, delivery, or fee. line_id: the order's line; several documents may speak of one.
-- discount: what total would be more without it (inside total already). before_*: what a correction
-- found, its own columns being the difference. barcode: for papers that want a GTIN.
ALTER TABLE document_line
    ADD COLUMN kind          text   NOT NULL DEFAULT 'goods',
    ADD COLUMN line_id       uuid,
    ADD COLUMN barcode       text,
    ADD COLUMN discount      bigint NOT NULL DEFAULT 0,
    ADD COLUMN before_pieces integer,
    ADD COLUMN before_grams  integer,
    ADD COLUMN before_price  bigint,
    ADD COLUMN before_total  bigint,
    ADD COLUMN before_vat    bigint,
    ADD CONSTRAINT document_line_kind_known CHECK (kind IN ('goods', 'delivery', 'fee'));
