-- What comes in from Telegram, who may write and press there, and what they did.

-- One row a bot: which process talks to Telegram for it (a lease with an epoch), where its updates
-- are pushed to (null: they are fetched), and what Telegram was told once.
CREATE TABLE telegram_bot (
    bot_id      bigint PRIMARY KEY,
    username    text NOT NULL DEFAULT '',
    owner       text,
    epoch       integer NOT NULL DEFAULT 0,
    lease_until timestamptz NOT NULL DEFAULT '-infinity',
    hook_url    text,
    hook_path   bytea,  -- SHA-256 of the last part of the path
    hook_token  bytea,  -- SHA-256 of what Telegram sends along in a header
    menu        bytea,  -- SHA-256 of the commands Telegram shows
    CONSTRAINT telegram_bot_hook_whole
        CHECK ((hook_path IS NULL) = (hook_token IS NULL) AND (hook_url IS NULL OR hook_path IS NOT NULL))
);

-- Every update as it came, once; with the bot, because each bot counts its own. What cannot be
-- handled is put off some times and then noted, in nobody's way.
CREATE TABLE telegram_update (
    bot_id      bigint NOT NULL,
    update_id   bigint NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    body        bytea NOT NULL,
    due_at      timestamptz NOT NULL DEFAULT now(),
    attempts    smallint NOT NULL DEFAULT 0,
    done_at     timestamptz,
    outcome     text,
    PRIMARY KEY (bot_id, update_id),
    CONSTRAINT telegram_update_done_somehow CHECK ((done_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX telegram_update_waiting_idx ON telegram_update (update_id) WHERE done_at IS NULL;
CREATE INDEX telegram_update_received_idx ON telegram_update (bot_id, received_at, update_id);

-- Codes that link a person, once.
CREATE TABLE telegram_link (
    code_hash   bytea PRIMARY KEY,
    merchant_id uuid NOT NULL REFERENCES merchant,
    store_id    uuid REFERENCES store,
    name        text NOT NULL,
    role        text NOT NULL,
    made_by     text NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT now(),
    until       timestamptz NOT NULL,
    used_at     timestamptz,
    used_by     bigint,
    CONSTRAINT telegram_link_role_known CHECK (role IN ('duty', 'supervisor')),
    CONSTRAINT telegram_link_used_by_somebody CHECK ((used_at IS NULL) = (used_by IS NULL))
);

-- Who pressed and wrote what, and what came of it. A stranger is one row a day, however often.
CREATE TABLE telegram_audit (
    id          uuid PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT now(),
    user_id     bigint NOT NULL,
    name        text NOT NULL,
    chat_id     bigint NOT NULL,
    merchant_id uuid REFERENCES merchant,
    kind        text NOT NULL,
    what        text NOT NULL DEFAULT '',
    outcome     text NOT NULL,
    times       integer NOT NULL DEFAULT 1
);
CREATE INDEX telegram_audit_at_idx ON telegram_audit (at);
CREATE INDEX telegram_audit_guess_idx ON telegram_audit (at) WHERE kind = 'link' AND outcome = 'wrong';
CREATE UNIQUE INDEX telegram_audit_stranger_once
    ON telegram_audit (user_id, ((at AT TIME ZONE 'UTC')::date)) WHERE kind = 'stranger';

-- Groups that somebody added the bot to and that nobody has admitted yet.
CREATE TABLE telegram_stranger_chat (
    chat_id  bigint PRIMARY KEY,
    title    text NOT NULL,
    added_by text NOT NULL,
    seen_at  timestamptz NOT NULL DEFAULT now(),
    left_at  timestamptz
);
