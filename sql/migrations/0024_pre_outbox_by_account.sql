-- Whether an account's messages get through is asked with writes of pickers: one look at the oldest
-- unsent one, however many wait.
CREATE INDEX outbox_account_idx ON outbox (account_id, created_at)
    WHERE state IN ('waiting', 'leased', 'parked');
