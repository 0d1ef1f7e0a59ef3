-- Incidents with their whole life, who is told of them and where, thresholds of one's own.

ALTER TABLE incident ALTER COLUMN merchant_id DROP NOT NULL;  -- the hub's own troubles are nobody's
ALTER TABLE incident
    ADD COLUMN value           double precision NOT NULL DEFAULT 0,
    ADD COLUMN acknowledged_by text,
    ADD COLUMN parent_id       uuid REFERENCES incident,  -- the one incident it is told as part of
    ADD COLUMN silenced_by     uuid REFERENCES incident,  -- the incident that explains it
    ADD COLUMN step            smallint NOT NULL DEFAULT 0,  -- how far it has been escalated
    ADD COLUMN stepped_at      timestamptz,
    ADD COLUMN returns         integer  NOT NULL DEFAULT 0,  -- how often it came back after its end
    ADD COLUMN seq             integer  NOT NULL DEFAULT 0,  -- what buttons are valid for
    ADD COLUMN revision        integer  NOT NULL DEFAULT 0;  -- what its posts should show
CREATE INDEX incident_alive_idx ON incident (id) WHERE state <> 'resolved';
CREATE INDEX incident_recent_idx ON incident (resolved_at) WHERE state = 'resolved';
CREATE INDEX incident_parent_idx ON incident (parent_id) WHERE parent_id IS NOT NULL;

-- What happened to an incident, and who acted.
CREATE TABLE incident_event (
    id          uuid PRIMARY KEY,
    incident_id uuid NOT NULL REFERENCES incident,
    at          timestamptz NOT NULL,
    kind        text NOT NULL,
    actor       text NOT NULL,
    detail      jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX incident_event_incident_idx ON incident_event (incident_id, id);

-- Silence that somebody asked for: it has an end, a reason and an owner. Columns left out match all.
CREATE TABLE incident_mute (
    id         uuid PRIMARY KEY,
    rule       text NOT NULL,
    subject    text,
    merchant_id uuid REFERENCES merchant,
    store_id   uuid REFERENCES store,
    account_id uuid REFERENCES account,
    reason     text NOT NULL,
    owner      text NOT NULL,
    created_at timestamptz NOT NULL,
    until      timestamptz NOT NULL,
    ended_at   timestamptz,
    ended_by   text,
    CONSTRAINT incident_mute_ends CHECK (until > created_at),
    CONSTRAINT incident_mute_ended_by_somebody CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE INDEX incident_mute_live_idx ON incident_mute (until) WHERE ended_at IS NULL;

-- A chain's own thresholds; the most specific row wins, field by field. Hours are the store's.
CREATE TABLE rule_threshold (
    id          uuid PRIMARY KEY,
    rule        text NOT NULL,
    merchant_id uuid NOT NULL REFERENCES merchant,
    store_id    uuid REFERENCES store,
    account_id  uuid REFERENCES account,
    from_hour   smallint,
    until_hour  smallint,
    warn        double precision,
    critical    double precision,
    clear       double precision,
    least       integer,
    hold        integer,
    off         boolean NOT NULL DEFAULT false,
    CONSTRAINT rule_threshold_hours_whole CHECK ((from_hour IS NULL) = (until_hour IS NULL)),
    CONSTRAINT rule_threshold_hours_of_day
        CHECK (from_hour BETWEEN 0 AND 23 AND until_hour BETWEEN 0 AND 23)
);
CREATE UNIQUE INDEX rule_threshold_once ON rule_threshold
    (rule, merchant_id, store_id, account_id, from_hour) NULLS NOT DISTINCT;

-- How each rule's last run went; one row a rule.
CREATE TABLE rule_run (
    rule     text PRIMARY KEY,
    at       timestamptz NOT NULL,
    ms       integer NOT NULL,
    seen     integer NOT NULL,
    failures integer NOT NULL DEFAULT 0,  -- in a row
    error    text
);

-- Chats the bot speaks in; it speaks in no others.
CREATE TABLE telegram_chat (
    chat_id         bigint PRIMARY KEY,
    merchant_id     uuid REFERENCES merchant,
    title           text NOT NULL DEFAULT '',
    language        text,
    timezone        text NOT NULL DEFAULT 'Europe/Moscow',
    quiet_from      time,
    quiet_until     time,
    digest_at       time,
    added_at        timestamptz NOT NULL DEFAULT now(),
    disabled_at     timestamptz,
    disabled_reason text,
    CONSTRAINT telegram_chat_language_known CHECK (language IN ('ru', 'en')),
    CONSTRAINT telegram_chat_quiet_whole CHECK ((quiet_from IS NULL) = (quiet_until IS NULL)),
    CONSTRAINT telegram_chat_disabled_why CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
);
INSERT INTO telegram_chat (chat_id, merchant_id, title, timezone)
SELECT DISTINCT ON (telegram_chat) telegram_chat, merchant_id, name, timezone
  FROM store WHERE telegram_chat IS NOT NULL ORDER BY telegram_chat, code;
INSERT INTO telegram_chat (chat_id, merchant_id, title)
SELECT DISTINCT ON (telegram_chat) telegram_chat, id, name
  FROM merchant WHERE telegram_chat IS NOT NULL ORDER BY telegram_chat, name
    ON CONFLICT DO NOTHING;

-- Which chat, and which topic of it, hears of what. Without a row: the store's chat, then the
-- merchant's. Steps above 0 are the escalation ladder.
CREATE TABLE telegram_route (
    id          uuid PRIMARY KEY,
    merchant_id uuid REFERENCES merchant,
    store_id    uuid REFERENCES store,
    class       text,
    step        smallint NOT NULL DEFAULT 0,
    chat_id     bigint NOT NULL REFERENCES telegram_chat ON UPDATE CASCADE,
    thread_id   integer
);
CREATE UNIQUE INDEX telegram_route_once ON telegram_route
    (merchant_id, store_id, class, step, chat_id) NULLS NOT DISTINCT;

-- People who may press and ask.
CREATE TABLE telegram_person (
    user_id     bigint PRIMARY KEY,
    merchant_id uuid NOT NULL REFERENCES merchant,
    store_id    uuid REFERENCES store,
    name        text NOT NULL,
    username    text NOT NULL DEFAULT '',
    role        text NOT NULL,
    language    text,
    linked_at   timestamptz NOT NULL DEFAULT now(),
    revoked_at  timestamptz,
    CONSTRAINT telegram_person_role_known CHECK (role IN ('duty', 'supervisor')),
    CONSTRAINT telegram_person_language_known CHECK (language IN ('ru', 'en'))
);

-- Where an incident is to be seen, and what is shown there now.
CREATE TABLE incident_post (
    incident_id uuid NOT NULL REFERENCES incident,
    chat_id     bigint NOT NULL REFERENCES telegram_chat ON UPDATE CASCADE,
    thread_id   integer,
    telegram_id bigint,
    shown       integer NOT NULL DEFAULT -1,  -- the revision
    shown_at    timestamptz,
    PRIMARY KEY (incident_id, chat_id)
);
CREATE INDEX incident_post_message_idx ON incident_post (chat_id, telegram_id);
INSERT INTO incident_post (incident_id, chat_id, telegram_id, shown)
SELECT id, chat_id, telegram_id, 0 FROM incident
 WHERE telegram_id IS NOT NULL AND state <> 'resolved'
   AND chat_id IN (SELECT chat_id FROM telegram_chat);

ALTER TABLE telegram_message
    ADD COLUMN kind       text NOT NULL DEFAULT 'notice',
    ADD COLUMN thread_id  integer,
    ADD COLUMN reply_to   bigint,
    ADD COLUMN keyboard   jsonb,
    ADD COLUMN photo      bytea,
    ADD COLUMN expires_at timestamptz,
    ALTER COLUMN text DROP NOT NULL,  -- an incident's is written when it is sent
    ADD CONSTRAINT telegram_message_says_something
        CHECK (text IS NOT NULL OR (kind = 'incident' AND incident_id IS NOT NULL));
-- One row waits for one post, however often the incident changes meanwhile.
CREATE UNIQUE INDEX telegram_message_post_once ON telegram_message (incident_id, chat_id)
    WHERE kind = 'incident';
