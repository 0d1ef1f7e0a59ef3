-- Dumped from sql/migrations by `orderhub migrate --dump`; do not edit.


CREATE TABLE public.account (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    code text NOT NULL,
    adapter text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    active boolean DEFAULT true NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.account_credential (
    account_id uuid NOT NULL,
    kind text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    sealed bytea NOT NULL,
    valid_until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL
);

CREATE TABLE public.account_store (
    account_id uuid NOT NULL,
    external_id text NOT NULL,
    store_id uuid NOT NULL
);

CREATE TABLE public.cell (
    id smallint NOT NULL,
    name text NOT NULL
);

CREATE TABLE public.document (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    store_id uuid NOT NULL,
    account_id uuid NOT NULL,
    order_id uuid NOT NULL,
    kind text NOT NULL,
    series text NOT NULL,
    year smallint NOT NULL,
    serial integer NOT NULL,
    number text NOT NULL,
    issued_on date NOT NULL,
    currency text NOT NULL,
    total bigint NOT NULL,
    vat_total bigint NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT document_kind_known CHECK ((kind = 'sale'::text))
);

CREATE TABLE public.document_counter (
    merchant_id uuid NOT NULL,
    series text NOT NULL,
    year smallint NOT NULL,
    last integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.document_line (
    document_id uuid NOT NULL,
    "position" smallint NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    unit text NOT NULL,
    pieces integer NOT NULL,
    grams integer,
    unit_grams integer,
    price bigint NOT NULL,
    total bigint NOT NULL,
    vat_code text NOT NULL,
    vat_percent smallint,
    vat bigint NOT NULL,
    marks text[] NOT NULL
);

CREATE TABLE public.heartbeat (
    worker text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE SEQUENCE public.queue_item_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

CREATE TABLE public.queue_item (
    queue text NOT NULL,
    id uuid NOT NULL,
    seq bigint DEFAULT nextval('public.queue_item_seq'::regclass) NOT NULL,
    account_id uuid,
    fifo_key text NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    epoch integer DEFAULT 0 NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    leased_by text,
    unsure boolean DEFAULT false NOT NULL,
    trace_id text DEFAULT ''::text NOT NULL,
    replay_of uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    reason text,
    last_error text,
    CONSTRAINT queue_item_dead_has_reason CHECK (((state <> 'dead'::text) OR (reason IS NOT NULL))),
    CONSTRAINT queue_item_finished_when_ended CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['done'::text, 'dead'::text, 'superseded'::text])))),
    CONSTRAINT queue_item_state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text, 'done'::text, 'dead'::text, 'superseded'::text])))
)
PARTITION BY LIST (queue);

CREATE TABLE public.inbox (
    queue text CONSTRAINT queue_item_queue_not_null NOT NULL,
    id uuid CONSTRAINT queue_item_id_not_null NOT NULL,
    seq bigint DEFAULT nextval('public.queue_item_seq'::regclass) CONSTRAINT queue_item_seq_not_null NOT NULL,
    account_id uuid,
    fifo_key text CONSTRAINT queue_item_fifo_key_not_null NOT NULL,
    state text DEFAULT 'waiting'::text CONSTRAINT queue_item_state_not_null NOT NULL,
    attempts smallint DEFAULT 0 CONSTRAINT queue_item_attempts_not_null NOT NULL,
    epoch integer DEFAULT 0 CONSTRAINT queue_item_epoch_not_null NOT NULL,
    due_at timestamp with time zone DEFAULT now() CONSTRAINT queue_item_due_at_not_null NOT NULL,
    leased_by text,
    unsure boolean DEFAULT false CONSTRAINT queue_item_unsure_not_null NOT NULL,
    trace_id text DEFAULT ''::text CONSTRAINT queue_item_trace_id_not_null NOT NULL,
    replay_of uuid,
    created_at timestamp with time zone DEFAULT now() CONSTRAINT queue_item_created_at_not_null NOT NULL,
    finished_at timestamp with time zone,
    reason text,
    last_error text,
    CONSTRAINT queue_item_dead_has_reason CHECK (((state <> 'dead'::text) OR (reason IS NOT NULL))),
    CONSTRAINT queue_item_finished_when_ended CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['done'::text, 'dead'::text, 'superseded'::text])))),
    CONSTRAINT queue_item_state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text, 'done'::text, 'dead'::text, 'superseded'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02');

CREATE TABLE public.inbox_delivery (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    event text NOT NULL,
    headers jsonb NOT NULL,
    body bytea NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.inbox_key (
    account_id uuid NOT NULL,
    dedupe_key text NOT NULL,
    inbox_id uuid NOT NULL,
    reply_status smallint NOT NULL,
    reply_body bytea NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.inbox_refused (
    id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    account text NOT NULL,
    reason text NOT NULL,
    headers jsonb NOT NULL,
    size integer NOT NULL,
    peer text NOT NULL,
    trace_id text NOT NULL
);

CREATE TABLE public.incident (
    id uuid NOT NULL,
    rule text NOT NULL,
    subject text NOT NULL,
    merchant_id uuid NOT NULL,
    store_id uuid,
    account_id uuid,
    order_id uuid,
    level text NOT NULL,
    state text NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    fired_at timestamp with time zone,
    acknowledged_at timestamp with time zone,
    resolved_at timestamp with time zone,
    chat_id bigint,
    telegram_id bigint,
    CONSTRAINT incident_level_known CHECK ((level = ANY (ARRAY['warning'::text, 'critical'::text]))),
    CONSTRAINT incident_resolved_has_time CHECK (((state = 'resolved'::text) = (resolved_at IS NOT NULL))),
    CONSTRAINT incident_state_known CHECK ((state = ANY (ARRAY['pending'::text, 'firing'::text, 'acknowledged'::text, 'resolved'::text])))
);

CREATE TABLE public.merchant (
    id uuid NOT NULL,
    name text NOT NULL,
    series text DEFAULT 'СМ'::text NOT NULL,
    telegram_chat bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.operation (
    picker_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint NOT NULL,
    etag text,
    body bytea NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.operator (
    id uuid NOT NULL,
    login text NOT NULL,
    password_hash text NOT NULL
);

CREATE TABLE public.order_contact (
    order_id uuid NOT NULL,
    customer jsonb NOT NULL,
    address jsonb NOT NULL
);

CREATE TABLE public.order_line (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    store_id uuid NOT NULL,
    "position" smallint NOT NULL,
    external_id text NOT NULL,
    name text NOT NULL,
    unit text NOT NULL,
    unit_grams integer,
    price bigint NOT NULL,
    requested_pieces integer NOT NULL,
    requested_grams integer,
    barcodes text[] DEFAULT '{}'::text[] NOT NULL,
    plu text,
    vat text NOT NULL,
    marked boolean DEFAULT false NOT NULL,
    state text DEFAULT 'todo'::text NOT NULL,
    picked_pieces integer,
    picked_grams integer,
    total bigint,
    reason text,
    shelf_empty boolean DEFAULT false NOT NULL,
    marks text[] DEFAULT '{}'::text[] NOT NULL,
    replaced_by uuid,
    CONSTRAINT order_line_quantities_not_negative CHECK (((price >= 0) AND (requested_pieces >= 0) AND (COALESCE(picked_pieces, 0) >= 0) AND (COALESCE(picked_grams, 0) >= 0) AND (COALESCE(total, (0)::bigint) >= 0))),
    CONSTRAINT order_line_state_known CHECK ((state = ANY (ARRAY['todo'::text, 'picked'::text, 'short'::text, 'dropped'::text, 'proposed'::text, 'replaced'::text]))),
    CONSTRAINT order_line_unit_known CHECK ((unit = ANY (ARRAY['piece'::text, 'weight'::text]))),
    CONSTRAINT order_line_vat_known CHECK ((vat = ANY (ARRAY['standard'::text, 'reduced'::text, 'zero'::text, 'none'::text]))),
    CONSTRAINT order_line_weight_has_grams CHECK (((unit = 'weight'::text) = ((unit_grams IS NOT NULL) AND (requested_grams IS NOT NULL))))
);

CREATE TABLE public.orders (
    id uuid NOT NULL,
    store_id uuid NOT NULL,
    account_id uuid NOT NULL,
    number text NOT NULL,
    external_id text NOT NULL,
    external_uuid text,
    state text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    currency text DEFAULT 'RUB'::text NOT NULL,
    requested_total bigint NOT NULL,
    final_total bigint,
    paid_total bigint,
    payment_state text DEFAULT 'unpaid'::text NOT NULL,
    payment_methods text[] DEFAULT '{}'::text[] NOT NULL,
    replacement_policy text DEFAULT 'ask'::text NOT NULL,
    comment text DEFAULT ''::text NOT NULL,
    business boolean DEFAULT false NOT NULL,
    planned boolean DEFAULT false NOT NULL,
    delivery_from timestamp with time zone,
    delivery_to timestamp with time zone,
    due_at timestamp with time zone NOT NULL,
    courier text DEFAULT 'none'::text NOT NULL,
    implied boolean DEFAULT false NOT NULL,
    cancelled_by text,
    cancel_reason text,
    sale_due boolean DEFAULT false NOT NULL,
    trace_id text DEFAULT ''::text NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    accepted_at timestamp with time zone,
    picking_at timestamp with time zone,
    picked_at timestamp with time zone,
    ready_at timestamp with time zone,
    handed_over_at timestamp with time zone,
    delivered_at timestamp with time zone,
    ended_at timestamp with time zone,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT orders_courier_known CHECK ((courier = ANY (ARRAY['none'::text, 'assigned'::text, 'arrived'::text]))),
    CONSTRAINT orders_money_not_negative CHECK (((requested_total >= 0) AND (COALESCE(final_total, (0)::bigint) >= 0) AND (COALESCE(paid_total, (0)::bigint) >= 0))),
    CONSTRAINT orders_payment_state_known CHECK ((payment_state = ANY (ARRAY['unpaid'::text, 'paid'::text]))),
    CONSTRAINT orders_ready_has_final_total CHECK (((state <> 'ready'::text) OR (final_total IS NOT NULL))),
    CONSTRAINT orders_state_known CHECK ((state = ANY (ARRAY['received'::text, 'accepted'::text, 'picking'::text, 'picked'::text, 'ready'::text, 'handed_over'::text, 'delivered'::text, 'rejected'::text, 'cancelled'::text, 'returned'::text])))
);

CREATE TABLE public.outbox (
    queue text CONSTRAINT queue_item_queue_not_null NOT NULL,
    id uuid CONSTRAINT queue_item_id_not_null NOT NULL,
    seq bigint DEFAULT nextval('public.queue_item_seq'::regclass) CONSTRAINT queue_item_seq_not_null NOT NULL,
    account_id uuid,
    fifo_key text CONSTRAINT queue_item_fifo_key_not_null NOT NULL,
    state text DEFAULT 'waiting'::text CONSTRAINT queue_item_state_not_null NOT NULL,
    attempts smallint DEFAULT 0 CONSTRAINT queue_item_attempts_not_null NOT NULL,
    epoch integer DEFAULT 0 CONSTRAINT queue_item_epoch_not_null NOT NULL,
    due_at timestamp with time zone DEFAULT now() CONSTRAINT queue_item_due_at_not_null NOT NULL,
    leased_by text,
    unsure boolean DEFAULT false CONSTRAINT queue_item_unsure_not_null NOT NULL,
    trace_id text DEFAULT ''::text CONSTRAINT queue_item_trace_id_not_null NOT NULL,
    replay_of uuid,
    created_at timestamp with time zone DEFAULT now() CONSTRAINT queue_item_created_at_not_null NOT NULL,
    finished_at timestamp with time zone,
    reason text,
    last_error text,
    CONSTRAINT queue_item_dead_has_reason CHECK (((state <> 'dead'::text) OR (reason IS NOT NULL))),
    CONSTRAINT queue_item_finished_when_ended CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['done'::text, 'dead'::text, 'superseded'::text])))),
    CONSTRAINT queue_item_state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text, 'done'::text, 'dead'::text, 'superseded'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02');

CREATE TABLE public.outbox_attempt (
    message_id uuid NOT NULL,
    attempt smallint NOT NULL,
    account_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    ms integer NOT NULL,
    status smallint,
    outcome text NOT NULL,
    request text NOT NULL,
    response text NOT NULL
);

CREATE TABLE public.outbox_message (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    account_id uuid NOT NULL,
    kind text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.pick_job (
    order_id uuid NOT NULL,
    store_id uuid NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    picker_id uuid,
    lease_until timestamp with time zone,
    claimed_at timestamp with time zone,
    done_at timestamp with time zone,
    CONSTRAINT pick_job_held_by_somebody CHECK (((state = ANY (ARRAY['claimed'::text, 'active'::text, 'paused'::text])) <= ((picker_id IS NOT NULL) AND (lease_until IS NOT NULL)))),
    CONSTRAINT pick_job_state_known CHECK ((state = ANY (ARRAY['open'::text, 'claimed'::text, 'active'::text, 'paused'::text, 'done'::text])))
);

CREATE TABLE public.picker (
    id uuid NOT NULL,
    store_id uuid NOT NULL,
    badge text NOT NULL,
    name text NOT NULL,
    pin_hash text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    failures smallint DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);

CREATE TABLE public.picker_session (
    token_hash bytea NOT NULL,
    picker_id uuid NOT NULL,
    device_id text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);

CREATE TABLE public.product (
    merchant_id uuid NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    barcodes text[] DEFAULT '{}'::text[] NOT NULL,
    plu text,
    vat text NOT NULL,
    marked boolean DEFAULT false NOT NULL,
    CONSTRAINT product_vat_known CHECK ((vat = ANY (ARRAY['standard'::text, 'reduced'::text, 'zero'::text, 'none'::text])))
);

CREATE TABLE public.scan (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    line_id uuid,
    picker_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    raw text NOT NULL,
    outcome text NOT NULL,
    pieces integer,
    grams integer
);

CREATE TABLE public.schema_migration (
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.store (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    cell_id smallint DEFAULT 1 NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    timezone text DEFAULT 'Europe/Moscow'::text NOT NULL,
    telegram_chat bigint
);

CREATE TABLE public.telegram_archive (
    id uuid NOT NULL,
    chat_id bigint NOT NULL,
    incident_id uuid,
    text text NOT NULL,
    silent boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    sent_at timestamp with time zone DEFAULT now() NOT NULL,
    attempts smallint NOT NULL,
    telegram_id bigint NOT NULL,
    edited boolean NOT NULL
);

CREATE TABLE public.telegram_message (
    id uuid NOT NULL,
    chat_id bigint NOT NULL,
    incident_id uuid,
    text text NOT NULL,
    silent boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.telegram_outbox (
    queue text CONSTRAINT queue_item_queue_not_null NOT NULL,
    id uuid CONSTRAINT queue_item_id_not_null NOT NULL,
    seq bigint DEFAULT nextval('public.queue_item_seq'::regclass) CONSTRAINT queue_item_seq_not_null NOT NULL,
    account_id uuid,
    fifo_key text CONSTRAINT queue_item_fifo_key_not_null NOT NULL,
    state text DEFAULT 'waiting'::text CONSTRAINT queue_item_state_not_null NOT NULL,
    attempts smallint DEFAULT 0 CONSTRAINT queue_item_attempts_not_null NOT NULL,
    epoch integer DEFAULT 0 CONSTRAINT queue_item_epoch_not_null NOT NULL,
    due_at timestamp with time zone DEFAULT now() CONSTRAINT queue_item_due_at_not_null NOT NULL,
    leased_by text,
    unsure boolean DEFAULT false CONSTRAINT queue_item_unsure_not_null NOT NULL,
    trace_id text DEFAULT ''::text CONSTRAINT queue_item_trace_id_not_null NOT NULL,
    replay_of uuid,
    created_at timestamp with time zone DEFAULT now() CONSTRAINT queue_item_created_at_not_null NOT NULL,
    finished_at timestamp with time zone,
    reason text,
    last_error text,
    CONSTRAINT queue_item_dead_has_reason CHECK (((state <> 'dead'::text) OR (reason IS NOT NULL))),
    CONSTRAINT queue_item_finished_when_ended CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['done'::text, 'dead'::text, 'superseded'::text])))),
    CONSTRAINT queue_item_state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text, 'done'::text, 'dead'::text, 'superseded'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02');

CREATE TABLE public.tick (
    job text NOT NULL,
    due_at timestamp with time zone NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    epoch integer DEFAULT 1 NOT NULL,
    owner text NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    result text DEFAULT ''::text NOT NULL,
    CONSTRAINT tick_finished_when_ended CHECK (((finished_at IS NULL) = (state = 'running'::text))),
    CONSTRAINT tick_state_known CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text])))
);

CREATE TABLE public.timeline (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    store_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    kind text NOT NULL,
    actor text NOT NULL,
    trace_id text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE public.vat_rate (
    code text NOT NULL,
    valid_from date NOT NULL,
    percent smallint
);

ALTER TABLE ONLY public.queue_item ATTACH PARTITION public.inbox FOR VALUES IN ('inbox');

ALTER TABLE ONLY public.queue_item ATTACH PARTITION public.outbox FOR VALUES IN ('outbox');

ALTER TABLE ONLY public.queue_item ATTACH PARTITION public.telegram_outbox FOR VALUES IN ('telegram_outbox');

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_code_once UNIQUE (code);

ALTER TABLE ONLY public.account_credential
    ADD CONSTRAINT account_credential_pkey PRIMARY KEY (account_id, kind, version);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_store
    ADD CONSTRAINT account_store_pkey PRIMARY KEY (account_id, external_id);

ALTER TABLE ONLY public.cell
    ADD CONSTRAINT cell_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.document_counter
    ADD CONSTRAINT document_counter_pkey PRIMARY KEY (merchant_id, series, year);

ALTER TABLE ONLY public.document_line
    ADD CONSTRAINT document_line_pkey PRIMARY KEY (document_id, "position");

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_number_once UNIQUE (merchant_id, number);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_once_per_order_and_kind UNIQUE (order_id, kind);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_serial_once UNIQUE (merchant_id, series, year, serial);

ALTER TABLE ONLY public.heartbeat
    ADD CONSTRAINT heartbeat_pkey PRIMARY KEY (worker);

ALTER TABLE ONLY public.inbox_delivery
    ADD CONSTRAINT inbox_delivery_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.inbox_key
    ADD CONSTRAINT inbox_key_pkey PRIMARY KEY (account_id, dedupe_key);

ALTER TABLE ONLY public.queue_item
    ADD CONSTRAINT queue_item_pkey PRIMARY KEY (queue, id);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (queue, id);

ALTER TABLE ONLY public.inbox_refused
    ADD CONSTRAINT inbox_refused_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.incident
    ADD CONSTRAINT incident_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.merchant
    ADD CONSTRAINT merchant_name_once UNIQUE (name);

ALTER TABLE ONLY public.merchant
    ADD CONSTRAINT merchant_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.operation
    ADD CONSTRAINT operation_pkey PRIMARY KEY (picker_id, key);

ALTER TABLE ONLY public.operator
    ADD CONSTRAINT operator_login_once UNIQUE (login);

ALTER TABLE ONLY public.operator
    ADD CONSTRAINT operator_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.order_contact
    ADD CONSTRAINT order_contact_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY public.order_line
    ADD CONSTRAINT order_line_external_id_once UNIQUE (order_id, external_id);

ALTER TABLE ONLY public.order_line
    ADD CONSTRAINT order_line_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_external_id_once UNIQUE (account_id, external_id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_number_once UNIQUE (account_id, number);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outbox_attempt
    ADD CONSTRAINT outbox_attempt_pkey PRIMARY KEY (message_id, attempt, at);

ALTER TABLE ONLY public.outbox_message
    ADD CONSTRAINT outbox_message_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (queue, id);

ALTER TABLE ONLY public.pick_job
    ADD CONSTRAINT pick_job_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY public.picker
    ADD CONSTRAINT picker_badge_once UNIQUE (badge);

ALTER TABLE ONLY public.picker
    ADD CONSTRAINT picker_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.picker_session
    ADD CONSTRAINT picker_session_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.product
    ADD CONSTRAINT product_pkey PRIMARY KEY (merchant_id, sku);

ALTER TABLE ONLY public.scan
    ADD CONSTRAINT scan_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.store
    ADD CONSTRAINT store_code_once_per_merchant UNIQUE (merchant_id, code);

ALTER TABLE ONLY public.store
    ADD CONSTRAINT store_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telegram_archive
    ADD CONSTRAINT telegram_archive_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telegram_message
    ADD CONSTRAINT telegram_message_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telegram_outbox
    ADD CONSTRAINT telegram_outbox_pkey PRIMARY KEY (queue, id);

ALTER TABLE ONLY public.tick
    ADD CONSTRAINT tick_pkey PRIMARY KEY (job, due_at);

ALTER TABLE ONLY public.timeline
    ADD CONSTRAINT timeline_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.vat_rate
    ADD CONSTRAINT vat_rate_pkey PRIMARY KEY (code, valid_from);

CREATE INDEX document_issued_idx ON public.document USING btree (issued_on, id);

CREATE INDEX queue_item_due_idx ON ONLY public.queue_item USING btree (due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX inbox_due_at_seq_idx ON public.inbox USING btree (due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX queue_item_fifo_idx ON ONLY public.queue_item USING btree (fifo_key, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX inbox_fifo_key_seq_idx ON public.inbox USING btree (fifo_key, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX queue_item_dead_idx ON ONLY public.queue_item USING btree (finished_at) WHERE (state = 'dead'::text);

CREATE INDEX inbox_finished_at_idx ON public.inbox USING btree (finished_at) WHERE (state = 'dead'::text);

CREATE INDEX inbox_refused_at_idx ON public.inbox_refused USING btree (at);

CREATE INDEX queue_item_replay_idx ON ONLY public.queue_item USING btree (replay_of) WHERE (replay_of IS NOT NULL);

CREATE INDEX inbox_replay_of_idx ON public.inbox USING btree (replay_of) WHERE (replay_of IS NOT NULL);

CREATE UNIQUE INDEX incident_live_once ON public.incident USING btree (rule, subject) WHERE (state <> 'resolved'::text);

CREATE INDEX incident_order_idx ON public.incident USING btree (order_id) WHERE (order_id IS NOT NULL);

CREATE INDEX orders_active_idx ON public.orders USING btree (store_id, due_at) WHERE (state = ANY (ARRAY['received'::text, 'accepted'::text, 'picking'::text, 'picked'::text, 'ready'::text, 'handed_over'::text]));

CREATE INDEX orders_external_id_idx ON public.orders USING btree (external_id);

CREATE INDEX orders_number_idx ON public.orders USING btree (number);

CREATE INDEX orders_sale_due_idx ON public.orders USING btree (delivered_at) WHERE sale_due;

CREATE INDEX outbox_attempt_recent_idx ON public.outbox_attempt USING btree (account_id, at);

CREATE INDEX outbox_due_at_seq_idx ON public.outbox USING btree (due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX outbox_fifo_key_seq_idx ON public.outbox USING btree (fifo_key, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX outbox_finished_at_idx ON public.outbox USING btree (finished_at) WHERE (state = 'dead'::text);

CREATE INDEX outbox_message_order_idx ON public.outbox_message USING btree (order_id, id);

CREATE INDEX outbox_replay_of_idx ON public.outbox USING btree (replay_of) WHERE (replay_of IS NOT NULL);

CREATE INDEX pick_job_holder_idx ON public.pick_job USING btree (picker_id) WHERE (state = ANY (ARRAY['claimed'::text, 'active'::text, 'paused'::text]));

CREATE INDEX scan_order_idx ON public.scan USING btree (order_id, id);

CREATE INDEX telegram_archive_sent_idx ON public.telegram_archive USING btree (sent_at);

CREATE INDEX telegram_outbox_due_at_seq_idx ON public.telegram_outbox USING btree (due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX telegram_outbox_fifo_key_seq_idx ON public.telegram_outbox USING btree (fifo_key, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX telegram_outbox_finished_at_idx ON public.telegram_outbox USING btree (finished_at) WHERE (state = 'dead'::text);

CREATE INDEX telegram_outbox_replay_of_idx ON public.telegram_outbox USING btree (replay_of) WHERE (replay_of IS NOT NULL);

CREATE INDEX timeline_order_idx ON public.timeline USING btree (order_id, id);

ALTER INDEX public.queue_item_due_idx ATTACH PARTITION public.inbox_due_at_seq_idx;

ALTER INDEX public.queue_item_fifo_idx ATTACH PARTITION public.inbox_fifo_key_seq_idx;

ALTER INDEX public.queue_item_dead_idx ATTACH PARTITION public.inbox_finished_at_idx;

ALTER INDEX public.queue_item_pkey ATTACH PARTITION public.inbox_pkey;

ALTER INDEX public.queue_item_replay_idx ATTACH PARTITION public.inbox_replay_of_idx;

ALTER INDEX public.queue_item_due_idx ATTACH PARTITION public.outbox_due_at_seq_idx;

ALTER INDEX public.queue_item_fifo_idx ATTACH PARTITION public.outbox_fifo_key_seq_idx;

ALTER INDEX public.queue_item_dead_idx ATTACH PARTITION public.outbox_finished_at_idx;

ALTER INDEX public.queue_item_pkey ATTACH PARTITION public.outbox_pkey;

ALTER INDEX public.queue_item_replay_idx ATTACH PARTITION public.outbox_replay_of_idx;

ALTER INDEX public.queue_item_due_idx ATTACH PARTITION public.telegram_outbox_due_at_seq_idx;

ALTER INDEX public.queue_item_fifo_idx ATTACH PARTITION public.telegram_outbox_fifo_key_seq_idx;

ALTER INDEX public.queue_item_dead_idx ATTACH PARTITION public.telegram_outbox_finished_at_idx;

ALTER INDEX public.queue_item_pkey ATTACH PARTITION public.telegram_outbox_pkey;

ALTER INDEX public.queue_item_replay_idx ATTACH PARTITION public.telegram_outbox_replay_of_idx;

ALTER TABLE ONLY public.account_credential
    ADD CONSTRAINT account_credential_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.account_store
    ADD CONSTRAINT account_store_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.account_store
    ADD CONSTRAINT account_store_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.document_counter
    ADD CONSTRAINT document_counter_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.document_line
    ADD CONSTRAINT document_line_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.incident
    ADD CONSTRAINT incident_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.order_contact
    ADD CONSTRAINT order_contact_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.order_line
    ADD CONSTRAINT order_line_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.order_line
    ADD CONSTRAINT order_line_replaced_by_fkey FOREIGN KEY (replaced_by) REFERENCES public.order_line(id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.outbox_message
    ADD CONSTRAINT outbox_message_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.pick_job
    ADD CONSTRAINT pick_job_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.pick_job
    ADD CONSTRAINT pick_job_picker_id_fkey FOREIGN KEY (picker_id) REFERENCES public.picker(id);

ALTER TABLE ONLY public.picker_session
    ADD CONSTRAINT picker_session_picker_id_fkey FOREIGN KEY (picker_id) REFERENCES public.picker(id);

ALTER TABLE ONLY public.picker
    ADD CONSTRAINT picker_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.product
    ADD CONSTRAINT product_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.scan
    ADD CONSTRAINT scan_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.store
    ADD CONSTRAINT store_cell_id_fkey FOREIGN KEY (cell_id) REFERENCES public.cell(id);

ALTER TABLE ONLY public.store
    ADD CONSTRAINT store_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.telegram_message
    ADD CONSTRAINT telegram_message_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES public.incident(id);

