-- The second way out: what critical trouble no chat shows, and which letter told of it. Digests.

-- A way that letters go by; one process at a time writes one.
CREATE TABLE alarm_way (
    way           text PRIMARY KEY,
    epoch         integer NOT NULL DEFAULT 0,
    leased_until  timestamptz,
    due_at        timestamptz NOT NULL DEFAULT '-infinity',
    failures      integer NOT NULL DEFAULT 0,  -- in a row
    failing_since timestamptz,
    error         text,
    sent_at       timestamptz,
    CONSTRAINT alarm_way_fails_for_a_reason CHECK ((failures > 0) = (failing_since IS NOT NULL)),
    CONSTRAINT alarm_way_known CHECK (way IN ('email', 'webhook'))
);

-- What went out. An unsent one may have arrived: it is sent again as it is, under the same id.
CREATE TABLE alarm_letter (
    id         uuid PRIMARY KEY,
    way        text NOT NULL REFERENCES alarm_way,
    created_at timestamptz NOT NULL,
    subject    text NOT NULL,
    body       text NOT NULL,
    facts      jsonb NOT NULL,
    answers    uuid[] NOT NULL,  -- the letters that told the beginning of what it tells the end of
    began      uuid[] NOT NULL,
    ended      uuid[] NOT NULL,
    sent_at    timestamptz,
    said       text
);
CREATE UNIQUE INDEX alarm_letter_one_unsent ON alarm_letter (way) WHERE sent_at IS NULL;
CREATE INDEX alarm_letter_sent_idx ON alarm_letter (way, sent_at);

-- due: the way has to tell it; told: it has, but not yet the end; over: it has told the end.
CREATE TABLE alarm (
    way         text NOT NULL REFERENCES alarm_way,
    incident_id uuid NOT NULL REFERENCES incident ON DELETE CASCADE,
    state       text NOT NULL DEFAULT 'due',
    noted_at    timestamptz NOT NULL,
    letter_id   uuid REFERENCES alarm_letter,
    PRIMARY KEY (way, incident_id),
    CONSTRAINT alarm_state_known CHECK (state IN ('due', 'told', 'over')),
    CONSTRAINT alarm_told_in_a_letter CHECK (state = 'due' OR letter_id IS NOT NULL)
);
CREATE INDEX alarm_open_idx ON alarm (way) WHERE state <> 'over';

-- Since when an incident is as bad and as loud as it is, and whether a chat has shown it since.
CREATE VIEW incident_hearing AS
SELECT incident.id, worse.since,
       EXISTS (SELECT FROM incident_post AS post
                WHERE post.incident_id = incident.id AND post.telegram_id IS NOT NULL
                  AND (post.shown >= incident.revision OR post.shown_at >= worse.since)) AS seen
  FROM incident
 CROSS JOIN LATERAL (
    SELECT coalesce(max(event.at), incident.fired_at) AS since FROM incident_event AS event
     WHERE event.incident_id = incident.id
       AND event.kind IN ('fired', 'returned', 'worsened', 'grew', 'told', 'unmuted')
 ) AS worse;

-- Which day of which store (null: all of the merchant's) a chat has had its digest of. Days begin at
-- four in the morning (app/domain/digest.py).
CREATE TABLE digest (
    id          uuid PRIMARY KEY,
    chat_id     bigint NOT NULL REFERENCES telegram_chat ON UPDATE CASCADE ON DELETE CASCADE,
    merchant_id uuid NOT NULL REFERENCES merchant,
    store_id    uuid REFERENCES store,
    day         date NOT NULL,
    made_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT digest_once UNIQUE NULLS NOT DISTINCT (chat_id, merchant_id, store_id, day)
);
CREATE INDEX shift_ended_idx ON shift (ended_at) WHERE ended_at IS NOT NULL;
