-- While a store is on its way, what goes to its ERPs and own systems is put a hundred years off
-- (sql/queries/cell_steps.sql). Whoever makes rows of theirs due, when somebody is well again, because
-- an ERP said so or by hand, leaves these as they are: only a mover lets them go.
CREATE FUNCTION stays_held() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END $$;

CREATE TRIGGER erp_outbox_stays_held BEFORE UPDATE OF due_at ON erp_outbox FOR EACH ROW
    WHEN (OLD.due_at > now() + interval '50 years' AND NEW.due_at < now() + interval '50 years'
          AND current_setting('hub.mover', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION stays_held();
CREATE TRIGGER event_outbox_stays_held BEFORE UPDATE OF due_at ON event_outbox FOR EACH ROW
    WHEN (OLD.due_at > now() + interval '50 years' AND NEW.due_at < now() + interval '50 years'
          AND current_setting('hub.mover', true) IS DISTINCT FROM 'on')
    EXECUTE FUNCTION stays_held();

-- What of a store changes without its order, its documents and its people (migration 0050): marketplaces'
-- reports, and what somebody lets pass.
CREATE FUNCTION account_must_be_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM account_away JOIN fresh USING (account_id))
       AND coalesce(current_setting('hub.mover', true), '') <> 'on' THEN
        RAISE EXCEPTION 'an account is on its way to another cell'
              USING ERRCODE = 'lock_not_available';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION order_must_be_here() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh JOIN orders ON orders.id = fresh.order_id
                 JOIN store_away USING (store_id) WHERE store_away.state <> 'closing')
       AND coalesce(current_setting('hub.mover', true), '') <> 'on' THEN
        RAISE EXCEPTION 'a store is on its way to another cell'
              USING ERRCODE = 'lock_not_available';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER settlement_comes_here AFTER INSERT ON settlement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION account_must_be_here();
CREATE TRIGGER settlement_changes_here AFTER UPDATE ON settlement
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION account_must_be_here();
CREATE TRIGGER sale_waiver_comes_here AFTER INSERT ON sale_waiver
    REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION order_must_be_here();
