-- Who sells, where, and through which marketplaces.

CREATE TABLE cell (
    id   smallint PRIMARY KEY,
    name text NOT NULL
);
INSERT INTO cell (id, name) VALUES (1, 'first');

CREATE TABLE merchant (
    id            uuid   PRIMARY KEY,
    name          text   NOT NULL,
    series        text   NOT NULL DEFAULT 'СМ',
    telegram_chat bigint,
    created_at    timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT merchant_name_once UNIQUE (name)
);

-- cell_id: which complete stack owns the store; one cell until a second one is needed.
CREATE TABLE store (
    id            uuid     PRIMARY KEY,
    merchant_id   uuid     NOT NULL REFERENCES merchant,
    cell_id       smallint NOT NULL DEFAULT 1 REFERENCES cell,
    code          text     NOT NULL,
    name          text     NOT NULL,
    timezone      text     NOT NULL DEFAULT 'Europe/Moscow',
    telegram_chat bigint,
    CONSTRAINT store_code_once_per_merchant UNIQUE (merchant_id, code)
);

CREATE TABLE account (
    id          uuid    PRIMARY KEY,
    merchant_id uuid    NOT NULL REFERENCES merchant,
    code        text    NOT NULL,
    adapter     text    NOT NULL,
    settings    jsonb   NOT NULL DEFAULT '{}',
    active      boolean NOT NULL DEFAULT true,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT account_code_once UNIQUE (code)
);

-- Which of our stores a marketplace means by its own store id.
CREATE TABLE account_store (
    account_id  uuid NOT NULL REFERENCES account,
    external_id text NOT NULL,
    store_id    uuid NOT NULL REFERENCES store,
    PRIMARY KEY (account_id, external_id)
);

-- Sealed with the master key; several versions of a kind are valid while one replaces the other.
CREATE TABLE account_credential (
    account_id  uuid        NOT NULL REFERENCES account,
    kind        text        NOT NULL,
    version     integer     NOT NULL DEFAULT 1,
    sealed      bytea       NOT NULL,
    valid_until timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (account_id, kind, version)
);

-- What a marketplace's position does not say: barcodes, tax, marks.
CREATE TABLE product (
    merchant_id uuid    NOT NULL REFERENCES merchant,
    sku         text    NOT NULL,
    name        text    NOT NULL,
    barcodes    text[]  NOT NULL DEFAULT '{}',
    plu         text,
    vat         text    NOT NULL,
    marked      boolean NOT NULL DEFAULT false,
    PRIMARY KEY (merchant_id, sku),
    CONSTRAINT product_vat_known CHECK (vat IN ('standard', 'reduced', 'zero', 'none'))
);

CREATE TABLE operator (
    id            uuid PRIMARY KEY,
    login         text NOT NULL,
    password_hash text NOT NULL,
    CONSTRAINT operator_login_once UNIQUE (login)
);
