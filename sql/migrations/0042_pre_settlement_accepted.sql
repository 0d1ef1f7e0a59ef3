-- What of a marketplace's report a person accepted: what differs later is not accepted with it.

-- Each difference in a few characters (Difference.key in app/domain/settlement.py).
ALTER TABLE settlement ADD COLUMN accepted_what text[] NOT NULL DEFAULT '{}';
