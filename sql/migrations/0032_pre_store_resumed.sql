-- When a store's pause last ended: an order waits for a picker only while it can be taken.

ALTER TABLE store ADD COLUMN resumed_at timestamptz;

CREATE FUNCTION note_resumption() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.resumed_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER store_resumed BEFORE UPDATE OF paused ON store
    FOR EACH ROW WHEN (OLD.paused AND NOT NEW.paused) EXECUTE FUNCTION note_resumption();
