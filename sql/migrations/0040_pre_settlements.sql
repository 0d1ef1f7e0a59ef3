-- What marketplaces say they sold, paid and kept: their own reports, row by row, beside our documents.

-- kind: payment (sums by order) or commission (goods by order, the agent's report of sales). first, last:
-- the days it is about. The counts are of the latest look; an incident lives on `differing`.
CREATE TABLE settlement (
    id           uuid        PRIMARY KEY,
    merchant_id  uuid        NOT NULL REFERENCES merchant,
    account_id   uuid        NOT NULL REFERENCES account,
    kind         text        NOT NULL,
    number       text        NOT NULL,
    first        date        NOT NULL,
    last         date        NOT NULL,
    sha256       text        NOT NULL,
    name         text        NOT NULL,
    imported_by  text        NOT NULL,
    imported_at  timestamptz NOT NULL DEFAULT now(),
    accepted_by  text,
    accepted_why text,
    accepted_at  timestamptz,
    document_id  uuid UNIQUE REFERENCES document,
    matched      integer     NOT NULL DEFAULT 0,
    differing    integer     NOT NULL DEFAULT 0,
    blocking     integer     NOT NULL DEFAULT 0,
    checked_at   timestamptz,
    CONSTRAINT settlement_number_once UNIQUE (account_id, kind, number),
    CONSTRAINT settlement_file_once UNIQUE (account_id, kind, sha256),
    CONSTRAINT settlement_kind_known CHECK (kind IN ('payment', 'commission')),
    CONSTRAINT settlement_days_in_order CHECK (first <= last),
    CONSTRAINT settlement_accepted_whole CHECK (
        num_nulls(accepted_by, accepted_why, accepted_at) IN (0, 3)),
    CONSTRAINT settlement_document_of_commission CHECK (document_id IS NULL OR kind = 'commission')
);
CREATE INDEX settlement_open_idx ON settlement (account_id)
    WHERE differing > 0 OR (kind = 'commission' AND document_id IS NULL);

-- row: as the file counts. milli: thousandths of a piece, or grams; null: not said. amount: negative for
-- what was given back; fee: what the marketplace keeps. All in kopecks, VAT inside.
CREATE TABLE settlement_row (
    settlement_id uuid    NOT NULL REFERENCES settlement ON DELETE CASCADE,
    row           integer NOT NULL,
    order_ref     text    NOT NULL,
    deal          text    NOT NULL,
    sku           text    NOT NULL,
    name          text    NOT NULL,
    milli         bigint,
    amount        bigint  NOT NULL,
    fee           bigint  NOT NULL,
    at            date,
    PRIMARY KEY (settlement_id, row),
    CONSTRAINT settlement_row_deal_known CHECK (deal IN ('sale', 'return', 'fee'))
);
CREATE INDEX settlement_row_order_idx ON settlement_row (order_ref);
