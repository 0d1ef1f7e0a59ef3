-- Telegram's paces, kept for all processes; an archive by months that says how each message ended.

-- When the next message would arrive if all had come evenly (GCRA), per chat; 0 is the bot itself.
-- closed_*: Telegram asked for patience then, until then.
CREATE TABLE telegram_pace (
    chat_id       bigint PRIMARY KEY,
    arrival       timestamptz NOT NULL DEFAULT 'epoch',
    group_arrival timestamptz NOT NULL DEFAULT 'epoch',
    closed_at     timestamptz,
    closed_until  timestamptz,
    CONSTRAINT telegram_pace_closed_whole CHECK ((closed_at IS NULL) = (closed_until IS NULL))
) WITH (fillfactor = 50);

-- What a post shows: an edit that would show the same is not sent.
ALTER TABLE incident_post ADD COLUMN shown_hash text;
CREATE INDEX incident_post_chat_idx ON incident_post (chat_id, incident_id);

ALTER TABLE telegram_archive RENAME TO telegram_archive_old;
ALTER TABLE telegram_archive_old RENAME CONSTRAINT telegram_archive_pkey TO telegram_archive_old_pkey;
ALTER INDEX telegram_archive_sent_idx RENAME TO telegram_archive_old_sent_idx;

CREATE TABLE telegram_archive (
    id          uuid        NOT NULL,
    chat_id     bigint      NOT NULL,
    kind        text        NOT NULL DEFAULT 'incident',
    incident_id uuid,
    outcome     text        NOT NULL DEFAULT 'sent',
    text        text        NOT NULL DEFAULT '',
    silent      boolean     NOT NULL,
    created_at  timestamptz NOT NULL,
    sent_at     timestamptz NOT NULL DEFAULT now(),  -- or when it was given up
    attempts    smallint    NOT NULL,
    telegram_id bigint,
    edited      boolean,  -- written by the release before this one while both run
    PRIMARY KEY (id, sent_at),
    CONSTRAINT telegram_archive_outcome_known
        CHECK (outcome IN ('sent', 'edited', 'expired', 'dropped', 'undeliverable')),
    CONSTRAINT telegram_archive_sent_has_id
        CHECK (telegram_id IS NOT NULL OR outcome NOT IN ('sent', 'edited'))
) PARTITION BY RANGE (sent_at);
CREATE INDEX telegram_archive_sent_idx ON telegram_archive (sent_at);
CREATE INDEX telegram_archive_incident_idx ON telegram_archive (incident_id)
    WHERE incident_id IS NOT NULL;
-- Takes what no month is there for, so that nothing can fail.
CREATE TABLE telegram_archive_rest PARTITION OF telegram_archive DEFAULT;

-- A month of the archive with what the rest holds of it; nothing happens when it is there already.
CREATE FUNCTION telegram_archive_month(month timestamp) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name  text := 'telegram_archive_' || to_char(month, 'YYYY_MM');
    start timestamptz := month AT TIME ZONE 'UTC';
    until timestamptz := (month + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    LOCK TABLE telegram_archive IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE %I (LIKE telegram_archive INCLUDING ALL)', name);
    EXECUTE format(
        'WITH moved AS (DELETE FROM telegram_archive_rest
                         WHERE sent_at >= %L AND sent_at < %L RETURNING *)
         INSERT INTO %I SELECT * FROM moved', start, until, name);
    EXECUTE format('ALTER TABLE telegram_archive ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   name, start, until);
END $$;

-- Drop months that ended before `before`, and rows of the rest as old; how many months.
CREATE FUNCTION telegram_archive_forget(before timestamp) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    month text;
    gone  integer := 0;
BEGIN
    FOR month IN
        SELECT child.relname FROM pg_inherits
          JOIN pg_class AS child ON child.oid = inhrelid
         WHERE inhparent = 'telegram_archive'::regclass
           AND child.relname ~ '^telegram_archive_\d{4}_\d\d$'
           AND to_date(right(child.relname, 7), 'YYYY_MM') + interval '1 month' <= before
    LOOP
        EXECUTE format('DROP TABLE %I', month);
        gone := gone + 1;
    END LOOP;
    DELETE FROM telegram_archive_rest WHERE sent_at < before AT TIME ZONE 'UTC';
    RETURN gone;
END $$;

-- The months first: what goes in is written once.
SELECT telegram_archive_month(month)
  FROM (SELECT DISTINCT date_trunc('month', sent_at AT TIME ZONE 'UTC') AS month
          FROM telegram_archive_old) AS months;
INSERT INTO telegram_archive (id, chat_id, kind, incident_id, outcome, text, silent, created_at,
                              sent_at, attempts, telegram_id)
SELECT id, chat_id, CASE WHEN incident_id IS NULL THEN 'notice' ELSE 'incident' END, incident_id,
       CASE WHEN edited THEN 'edited' ELSE 'sent' END, text, silent, created_at, sent_at, attempts,
       telegram_id
  FROM telegram_archive_old;
DROP TABLE telegram_archive_old;
