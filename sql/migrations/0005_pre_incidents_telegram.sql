-- Problems with a life, and what people are told of them.

CREATE TABLE incident (
    id               uuid PRIMARY KEY,
    rule             text NOT NULL,
    subject          text NOT NULL,
    merchant_id      uuid NOT NULL REFERENCES merchant,
    store_id         uuid,
    account_id       uuid,
    order_id         uuid,
    level            text NOT NULL,
    state            text NOT NULL,
    facts            jsonb NOT NULL DEFAULT '{}',
    seen_at          timestamptz NOT NULL DEFAULT now(),
    last_seen_at     timestamptz NOT NULL DEFAULT now(),
    fired_at         timestamptz,
    acknowledged_at  timestamptz,
    resolved_at      timestamptz,
    chat_id          bigint,
    telegram_id      bigint,
    CONSTRAINT incident_level_known CHECK (level IN ('warning', 'critical')),
    CONSTRAINT incident_state_known CHECK (
        state IN ('pending', 'firing', 'acknowledged', 'resolved')),
    CONSTRAINT incident_resolved_has_time CHECK (
        (state = 'resolved') = (resolved_at IS NOT NULL))
);
-- One live incident for one problem.
CREATE UNIQUE INDEX incident_live_once ON incident (rule, subject) WHERE state <> 'resolved';
CREATE INDEX incident_order_idx ON incident (order_id) WHERE order_id IS NOT NULL;

CREATE TABLE telegram_message (
    id          uuid    PRIMARY KEY,
    chat_id     bigint  NOT NULL,
    incident_id uuid    REFERENCES incident,
    text        text    NOT NULL,
    silent      boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE telegram_archive (
    id          uuid    PRIMARY KEY,
    chat_id     bigint  NOT NULL,
    incident_id uuid,
    text        text    NOT NULL,
    silent      boolean NOT NULL,
    created_at  timestamptz NOT NULL,
    sent_at     timestamptz NOT NULL DEFAULT now(),
    attempts    smallint NOT NULL,
    telegram_id bigint  NOT NULL,
    edited      boolean NOT NULL
);
CREATE INDEX telegram_archive_sent_idx ON telegram_archive (sent_at);
