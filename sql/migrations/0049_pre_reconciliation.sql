-- Marketplaces are asked which orders there are, and what they say is compared with what we know: what
-- never arrived is found.

-- How an account stands, known_at: since when it is looked after. covered_until: what its marketplace changed before was looked at; begun_at:
-- when the newest look began; run_id: the look that is under way, whoever works on it under the lease
-- and epoch. retry_at: not before, after one that failed. unlisted: why its orders cannot be listed.
CREATE TABLE reconciliation (
    account_id    uuid        PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    known_at      timestamptz NOT NULL DEFAULT now(),
    covered_until timestamptz,
    begun_at      timestamptz,
    retry_at      timestamptz NOT NULL DEFAULT '-infinity',
    run_id        uuid,
    lease_until   timestamptz NOT NULL DEFAULT '-infinity',
    epoch         integer     NOT NULL DEFAULT 0,
    asked_at      timestamptz,
    asked_by      text,
    asked_since   timestamptz,
    failures      integer     NOT NULL DEFAULT 0,
    trouble       text,
    unlisted      text,
    found         bigint      NOT NULL DEFAULT 0
) WITH (fillfactor = 70);

-- One look: all that changed in [since, until) at the marketplace, page by page; cursor: the page that is next.
-- found: orders of which something had never arrived; differing: that stand otherwise there;
-- unreadable: that were no orders. stale: pages in a row that said nothing new.
CREATE TABLE reconciliation_run (
    id          uuid        PRIMARY KEY,
    account_id  uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    why         text        NOT NULL,
    actor       text        NOT NULL DEFAULT 'hub',
    since       timestamptz NOT NULL,
    until       timestamptz NOT NULL,
    cursor      text,
    pages       integer     NOT NULL DEFAULT 0,
    stale       integer     NOT NULL DEFAULT 0,
    listed      integer     NOT NULL DEFAULT 0,
    found       integer     NOT NULL DEFAULT 0,
    differing   integer     NOT NULL DEFAULT 0,
    unreadable  integer     NOT NULL DEFAULT 0,
    state       text        NOT NULL DEFAULT 'running',
    error       text,
    started_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    CONSTRAINT reconciliation_run_state_known CHECK (state IN ('running', 'done', 'failed')),
    CONSTRAINT reconciliation_run_finished_when_ended CHECK (
        (state = 'running') = (finished_at IS NULL)),
    CONSTRAINT reconciliation_run_window CHECK (since < until)
) WITH (fillfactor = 70);
CREATE INDEX reconciliation_run_account_idx ON reconciliation_run (account_id, started_at);
CREATE INDEX reconciliation_run_age_idx ON reconciliation_run (finished_at);

-- What a look has seen, each order once; kept until some looks later.
CREATE TABLE reconciliation_listed (
    run_id    uuid NOT NULL REFERENCES reconciliation_run ON DELETE CASCADE,
    order_ref text NOT NULL,
    PRIMARY KEY (run_id, order_ref)
);

-- What differs, or must be looked at once more (kind unsettled: told to nobody). theirs: the order as
-- it was listed last, since noted_at, and body its bytes, until it is over: what is not listed again has
-- not changed there. said: both sides in a few words. told_at: since when people may know of it.
CREATE TABLE reconciliation_mismatch (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    order_ref   text        NOT NULL,
    kind        text        NOT NULL,
    order_id    uuid,
    theirs      jsonb,
    body        bytea,
    said_theirs text        NOT NULL DEFAULT '',
    said_ours   text        NOT NULL DEFAULT '',
    first_at    timestamptz NOT NULL DEFAULT now(),
    noted_at    timestamptz NOT NULL DEFAULT now(),
    seen_at     timestamptz NOT NULL DEFAULT now(),
    told_at     timestamptz,
    resolved_at timestamptz,
    CONSTRAINT reconciliation_mismatch_kind_known CHECK (kind IN (
        'unsettled', 'state', 'composition', 'sum', 'paid', 'missing', 'absent', 'unreadable'))
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX reconciliation_mismatch_once
    ON reconciliation_mismatch (account_id, order_ref, kind) WHERE resolved_at IS NULL;
CREATE INDEX reconciliation_mismatch_over_idx ON reconciliation_mismatch (resolved_at)
    WHERE resolved_at IS NOT NULL;
