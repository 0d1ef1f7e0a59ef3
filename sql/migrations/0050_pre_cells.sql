-- Cells: whole stacks beside each other, each with its own stores (docs/scaling.md). What of this cell
-- is on its way to another one, and what lives there by now.

-- A move as this cell knows it. side: out of here, or in. step: what was done last; a mover that was
-- killed goes on behind it. stores, accounts: everything that goes together; paused: accounts that
-- people had paused before. shift: what is taken off the places of rows in the queues, so that they
-- stand before whatever the other cell takes in itself. facts: rows and checksums of each table.
CREATE TABLE cell_move (
    id          uuid        PRIMARY KEY,
    side        text        NOT NULL CONSTRAINT cell_move_side_known CHECK (side IN ('out', 'in')),
    other       text        NOT NULL,
    url         text        NOT NULL,
    actor       text        NOT NULL,
    step        text        NOT NULL,
    stores      uuid[]      NOT NULL,
    accounts    uuid[]      NOT NULL,
    paused      uuid[]      NOT NULL DEFAULT '{}',
    series      text,
    whole       boolean     NOT NULL,
    shift       bigint      NOT NULL DEFAULT 0,
    facts       jsonb       NOT NULL DEFAULT '{}',
    started_at  timestamptz NOT NULL DEFAULT now(),
    closed_at   timestamptz,
    copied_at   timestamptz,
    finished_at timestamptz
);
CREATE UNIQUE INDEX cell_move_one_out ON cell_move (side) WHERE side = 'out' AND finished_at IS NULL;

-- Stores that nobody works on here. closing: nothing new is begun; shut: the database refuses; gone:
-- they live in the cell at this address.
CREATE TABLE store_away (
    store_id uuid PRIMARY KEY,
    move_id  uuid NOT NULL REFERENCES cell_move,
    state    text NOT NULL CONSTRAINT store_away_state_known CHECK (state IN ('closing', 'shut', 'gone')),
    url      text NOT NULL
);

-- Accounts of these stores. Until they are gone their deliveries are taken in here, and handed over.
CREATE TABLE account_away (
    account_id uuid PRIMARY KEY,
    move_id    uuid NOT NULL REFERENCES cell_move,
    state      text NOT NULL CONSTRAINT account_away_state_known CHECK (state IN ('moving', 'gone'))
);

-- Who still knocks here is told the new address: sessions by the digests of their tokens, badges.
CREATE TABLE door_away (
    knock    bytea       PRIMARY KEY,
    store_id uuid        NOT NULL,
    until    timestamptz NOT NULL
);

-- While a store is on its way nothing of it may change, whoever writes: what is copied is what there
-- is. Only a mover says hub.mover, for its own transaction. To everybody else it is a lock that is
-- taken: they come again.
CREATE OR REPLACE FUNCTION note_order_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM store_away WHERE store_id = NEW.store_id AND state <> 'closing')
       AND coalesce(current_setting('hub.mover', true), '') <> 'on' THEN
        RAISE EXCEPTION 'store % is on its way to another cell', NEW.store_id
              USING ERRCODE = 'lock_not_available';
    END IF;
    INSERT INTO order_change (store_id, order_id)
    VALUES (NEW.store_id, NEW.id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION note_claim_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM store_away WHERE store_id = NEW.store_id AND state <> 'closing')
       AND coalesce(current_setting('hub.mover', true), '') <> 'on' THEN
        RAISE EXCEPTION 'store % is on its way to another cell', NEW.store_id
              USING ERRCODE = 'lock_not_available';
    END IF;
    INSERT INTO order_change (store_id, order_id)
    VALUES (NEW.store_id, NEW.order_id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

-- The same for what changes without its order; once a statement, as documents come in thousands.
CREATE FUNCTION must_be_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM store_away JOIN fresh USING (store_id) WHERE state <> 'closing')
       AND coalesce(current_setting('hub.mover', true), '') <> 'on' THEN
        RAISE EXCEPTION 'a store is on its way to another cell'
              USING ERRCODE = 'lock_not_available';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER document_comes_here AFTER INSERT ON document
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION must_be_here();
CREATE TRIGGER document_changes_here AFTER UPDATE ON document
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION must_be_here();
CREATE TRIGGER help_request_comes_here AFTER INSERT ON help_request
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION must_be_here();
CREATE TRIGGER help_request_changes_here AFTER UPDATE ON help_request
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION must_be_here();
CREATE TRIGGER pick_run_comes_here AFTER INSERT ON pick_run
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION must_be_here();
CREATE TRIGGER pick_run_changes_here AFTER UPDATE ON pick_run
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION must_be_here();
CREATE TRIGGER sale_change_comes_here AFTER INSERT ON sale_change
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION must_be_here();
CREATE TRIGGER sale_change_changes_here AFTER UPDATE ON sale_change
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION must_be_here();
CREATE TRIGGER shift_comes_here AFTER INSERT ON shift
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION must_be_here();
CREATE TRIGGER shift_changes_here AFTER UPDATE ON shift
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION must_be_here();
