-- Calls to an account's marketplace pass a gate that all processes share: as fast as it allows, and
-- none while it is away, asks for patience or does not take our key. app/domain/breaker.py decides.

-- arrival: when the next call would come if all had come evenly (GCRA); free_at: until then all turns
-- are taken. rest_until: the marketplace asked for patience (Retry-After), whatever the state.
-- state: closed (calls go), open (none goes before open_until), half_open (one goes and shows: the
-- probe, probe_id, which has until probe_until). failures: in a row; opened: so many times in a row.
CREATE TABLE account_gate (
    account_id  uuid        PRIMARY KEY REFERENCES account ON DELETE CASCADE,
    arrival     timestamptz NOT NULL DEFAULT 'epoch',
    free_at     timestamptz NOT NULL DEFAULT 'epoch',
    rest_until  timestamptz NOT NULL DEFAULT 'epoch',
    state       text        NOT NULL DEFAULT 'closed',
    since       timestamptz NOT NULL DEFAULT now(),
    open_until  timestamptz NOT NULL DEFAULT 'epoch',
    probe_until timestamptz NOT NULL DEFAULT 'epoch',
    probe_id    uuid,
    failures    integer     NOT NULL DEFAULT 0,
    opened      integer     NOT NULL DEFAULT 0,
    reason      text,
    said        text,
    CONSTRAINT account_gate_state_known CHECK (state IN ('closed', 'open', 'half_open')),
    CONSTRAINT account_gate_reason_known CHECK (reason IN ('failing', 'credentials')),
    CONSTRAINT account_gate_shut_says_why CHECK (state = 'closed' OR reason IS NOT NULL)
) WITH (fillfactor = 50);

-- How calls went that are no messages of the outbox: fetched orders, pages of lists, connection tests.
-- who: the delivery it was for.
CREATE TABLE account_call (
    account_id uuid        NOT NULL REFERENCES account ON DELETE CASCADE,
    at         timestamptz NOT NULL DEFAULT now(),
    what       text        NOT NULL,
    ms         integer     NOT NULL,
    outcome    text        NOT NULL,
    said       text        NOT NULL,
    who        uuid
);
CREATE INDEX account_call_recent_idx ON account_call (account_id, at);
CREATE INDEX account_call_at_idx ON account_call (at);

-- What is claimed next, account by account, first tries apart from retries: whoever may not be called
-- costs one look, however many rows wait for him.
CREATE INDEX queue_item_turn_idx ON queue_item (account_id, least(attempts, 1::smallint), due_at, seq)
    WHERE state IN ('waiting', 'leased', 'parked');
