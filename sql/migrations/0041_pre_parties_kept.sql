-- A document names both sides as they were called when it was issued, whenever a file of it is made.

-- What a merchant, a store, or an account's buyer was called, since when.
CREATE TABLE party_version (
    owner_id uuid        NOT NULL,
    since    timestamptz NOT NULL,
    said     jsonb       NOT NULL,
    PRIMARY KEY (owner_id, since)
);
INSERT INTO party_version (owner_id, since, said)
SELECT id, '-infinity'::timestamptz, requisites FROM merchant WHERE requisites <> '{}'
UNION ALL
SELECT id, '-infinity'::timestamptz, requisites FROM store WHERE requisites <> '{}'
UNION ALL
SELECT id, '-infinity'::timestamptz, buyer FROM account WHERE buyer <> '{}';

-- A trigger, so that no way of changing the names leaves their history out.
CREATE FUNCTION note_party() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO party_version (owner_id, since, said)
    VALUES (NEW.id, now(), to_jsonb(NEW) -> TG_ARGV[0])
    ON CONFLICT (owner_id, since) DO UPDATE SET said = excluded.said;
    RETURN NULL;
END $$;
CREATE TRIGGER merchant_party AFTER UPDATE OF requisites ON merchant FOR EACH ROW
    WHEN (OLD.requisites IS DISTINCT FROM NEW.requisites)
    EXECUTE FUNCTION note_party('requisites');
CREATE TRIGGER store_party AFTER UPDATE OF requisites ON store FOR EACH ROW
    WHEN (OLD.requisites IS DISTINCT FROM NEW.requisites)
    EXECUTE FUNCTION note_party('requisites');
CREATE TRIGGER account_party AFTER UPDATE OF buyer ON account FOR EACH ROW
    WHEN (OLD.buyer IS DISTINCT FROM NEW.buyer)
    EXECUTE FUNCTION note_party('buyer');

-- What somebody was called at a moment; if nobody had said it by then, what was said first.
CREATE FUNCTION party_at(owner uuid, moment timestamptz) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        (SELECT said FROM party_version
          WHERE owner_id = owner AND said <> '{}' AND since <= moment
          ORDER BY since DESC LIMIT 1),
        (SELECT said FROM party_version
          WHERE owner_id = owner AND said <> '{}' ORDER BY since LIMIT 1),
        '{}')
$$;
