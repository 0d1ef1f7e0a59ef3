-- Accounts are managed while the hub runs: who paused one and why, secrets with a beginning and an
-- end, what each marketplace calls goods, units and statuses of ours, and what waits for such a word.

-- A paused account's rows stay where they are. A removed one is known to no webhook any more; its
-- orders stay, and its code is nobody else's.
ALTER TABLE account
    ADD COLUMN paused_at     timestamptz,
    ADD COLUMN paused_by     text,
    ADD COLUMN paused_reason text,
    ADD COLUMN created_at    timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN removed_at    timestamptz;

-- A version counts from valid_from until valid_until. One that is revoked, or has ended, is emptied:
-- what sealed it is not there to be opened.
ALTER TABLE account_credential
    ADD COLUMN valid_from timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN added_by   text        NOT NULL DEFAULT '',
    ADD COLUMN revoked_at timestamptz,
    ADD COLUMN revoked_by text;

-- Who did what to an account; never a secret.
CREATE TABLE account_event (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid        NOT NULL REFERENCES account,
    at         timestamptz NOT NULL DEFAULT now(),
    actor      text        NOT NULL,
    event      text        NOT NULL,
    detail     jsonb       NOT NULL DEFAULT '{}'
);
CREATE INDEX account_event_account_idx ON account_event (account_id, id);

-- What a word of a marketplace means to us: goods, units, statuses, and what else an adapter asks
-- about. Stores are in account_store.
CREATE TABLE account_mapping (
    account_id uuid        NOT NULL REFERENCES account,
    kind       text        NOT NULL,
    theirs     text        NOT NULL,
    ours       text        NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    changed_by text        NOT NULL,
    PRIMARY KEY (account_id, kind, theirs),
    CONSTRAINT account_mapping_kind_is_a_word CHECK (kind ~ '^[a-z_]{1,30}$' AND kind <> 'store')
);
-- The way back: what they call goods of ours.
CREATE INDEX account_mapping_ours_idx ON account_mapping (account_id, kind, ours);

-- Which delivery waits for which word. A row goes when somebody says what the word means.
CREATE TABLE unmapped (
    inbox_id   uuid        NOT NULL,
    account_id uuid        NOT NULL REFERENCES account,
    kind       text        NOT NULL,
    theirs     text        NOT NULL,
    order_ref  text        NOT NULL,
    seen_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (inbox_id, kind, theirs)
);
CREATE INDEX unmapped_word_idx ON unmapped (account_id, kind, theirs);
