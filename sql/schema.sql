-- Dumped from sql/migrations by `orderhub migrate --dump`; do not edit.


CREATE FUNCTION public.account_must_be_here() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM account_away JOIN fresh USING (account_id))
       AND coalesce(current_setting('hub.mover', true), '') <> 'on' THEN
        RAISE EXCEPTION 'an account is on its way to another cell'
              USING ERRCODE = 'lock_not_available';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.cause_of(said text) RETURNS text
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    RETURN "left"(btrim(regexp_replace(regexp_replace(regexp_replace("substring"(split_part("left"(said, 1000), '
'::text, 1), '^.*?(?:[.!?](?=\s)|$)'::text), '''[^'']*''|"[^"]*"|«[^»]*»'::text, '…'::text, 'g'::text), '\m[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\M'::text, '#'::text, 'g'::text), '\d+'::text, '#'::text, 'g'::text)), 160);

CREATE FUNCTION public.end_pick_jobs() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE pick_job SET state = 'done', done_at = now()
     WHERE order_id = NEW.id AND state IN ('claimed', 'active', 'paused');
    RETURN NULL;
END $$;

CREATE FUNCTION public.must_be_here() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM store_away JOIN fresh USING (store_id) WHERE state <> 'closing')
       AND coalesce(current_setting('hub.mover', true), '') <> 'on' THEN
        RAISE EXCEPTION 'a store is on its way to another cell'
              USING ERRCODE = 'lock_not_available';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.note_claim_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM store_away WHERE store_id = NEW.store_id AND state <> 'closing')
       AND coalesce(current_setting('hub.mover', true), '') <> 'on' THEN
        RAISE EXCEPTION 'store % is on its way to another cell', NEW.store_id
              USING ERRCODE = 'lock_not_available';
    END IF;
    INSERT INTO order_change (store_id, order_id)
    VALUES (NEW.store_id, NEW.order_id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION public.note_order_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM store_away WHERE store_id = NEW.store_id AND state <> 'closing')
       AND coalesce(current_setting('hub.mover', true), '') <> 'on' THEN
        RAISE EXCEPTION 'store % is on its way to another cell', NEW.store_id
              USING ERRCODE = 'lock_not_available';
    END IF;
    INSERT INTO order_change (store_id, order_id)
    VALUES (NEW.store_id, NEW.id)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;

CREATE FUNCTION public.note_party() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO party_version (owner_id, since, said)
    VALUES (NEW.id, now(), to_jsonb(NEW) -> TG_ARGV[0])
    ON CONFLICT (owner_id, since) DO UPDATE SET said = excluded.said;
    RETURN NULL;
END $$;

CREATE FUNCTION public.note_resumption() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.resumed_at := now();
    RETURN NEW;
END $$;

CREATE FUNCTION public.order_must_be_here() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF EXISTS (SELECT FROM fresh JOIN orders ON orders.id = fresh.order_id
                 JOIN store_away USING (store_id) WHERE store_away.state <> 'closing')
       AND coalesce(current_setting('hub.mover', true), '') <> 'on' THEN
        RAISE EXCEPTION 'a store is on its way to another cell'
              USING ERRCODE = 'lock_not_available';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION public.party_at(owner uuid, moment timestamp with time zone) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT coalesce(
        (SELECT said FROM party_version
          WHERE owner_id = owner AND said <> '{}' AND since <= moment
          ORDER BY since DESC LIMIT 1),
        (SELECT said FROM party_version
          WHERE owner_id = owner AND said <> '{}' ORDER BY since LIMIT 1),
        '{}')
$$;

CREATE FUNCTION public.product_words(name text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_tsvector('simple'::regconfig, regexp_replace(translate(lower(name), 'ё'::text, 'е'::text), '[[:punct:][:space:]]+'::text, ' '::text, 'g'::text));

CREATE FUNCTION public.stays_held() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN NULL;
END $$;

CREATE FUNCTION public.store_today(moment timestamp with time zone) RETURNS TABLE(store_id uuid, orders bigint, cancelled_by_store bigint, lines bigint, found bigint, short bigint, replaced bigint, dropped bigint, proposed bigint, approved bigint, rejected bigint, day timestamp with time zone)
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$
    SELECT it.store_id, sum(it.orders), sum(it.cancelled_by_store), sum(it.lines), sum(it.found),
           sum(it.short), sum(it.replaced), sum(it.dropped), sum(it.proposed), sum(it.approved),
           sum(it.rejected), midnight.day
      FROM (  -- OFFSET: a day's begin is found once for each store, not for each hour
           SELECT store.id, date_trunc('day', moment AT TIME ZONE store.timezone)
                            AT TIME ZONE store.timezone AS day
             FROM store OFFSET 0) AS midnight
      JOIN store_hour AS it ON it.store_id = midnight.id
                           AND it.hour - midnight.day >= interval '0'  -- by the hour, not store by store
     WHERE it.hour > moment - interval '26 hours' AND it.hour <= moment
     GROUP BY it.store_id, midnight.day
    HAVING sum(it.orders) > 0 OR sum(it.lines) > 0
$$;

CREATE FUNCTION public.telegram_archive_forget(before timestamp without time zone) RETURNS integer
    LANGUAGE plpgsql
    AS $_$
DECLARE
    month text;
    gone  integer := 0;
BEGIN
    FOR month IN
        SELECT child.relname FROM pg_inherits
          JOIN pg_class AS child ON child.oid = inhrelid
         WHERE inhparent = 'telegram_archive'::regclass
           AND child.relname ~ '^telegram_archive_\d{4}_\d\d$'
           AND to_date(right(child.relname, 7), 'YYYY_MM') + interval '1 month' <= before
    LOOP
        EXECUTE format('DROP TABLE %I', month);
        gone := gone + 1;
    END LOOP;
    DELETE FROM telegram_archive_rest WHERE sent_at < before AT TIME ZONE 'UTC';
    RETURN gone;
END $_$;

CREATE FUNCTION public.telegram_archive_month(month timestamp without time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    name  text := 'telegram_archive_' || to_char(month, 'YYYY_MM');
    start timestamptz := month AT TIME ZONE 'UTC';
    until timestamptz := (month + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    LOCK TABLE telegram_archive IN ACCESS EXCLUSIVE MODE;
    EXECUTE format('CREATE TABLE %I (LIKE telegram_archive INCLUDING ALL)', name);
    EXECUTE format(
        'WITH moved AS (DELETE FROM telegram_archive_rest
                         WHERE sent_at >= %L AND sent_at < %L RETURNING *)
         INSERT INTO %I SELECT * FROM moved', start, until, name);
    EXECUTE format('ALTER TABLE telegram_archive ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                   name, start, until);
END $$;

CREATE TABLE public.account (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    code text NOT NULL,
    adapter text NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    active boolean DEFAULT true NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    rules jsonb DEFAULT '{}'::jsonb NOT NULL,
    buyer jsonb DEFAULT '{}'::jsonb NOT NULL,
    paused_at timestamp with time zone,
    paused_by text,
    paused_reason text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    removed_at timestamp with time zone
);

CREATE TABLE public.account_away (
    account_id uuid NOT NULL,
    move_id uuid NOT NULL,
    state text NOT NULL,
    CONSTRAINT account_away_state_known CHECK ((state = ANY (ARRAY['moving'::text, 'gone'::text])))
);

CREATE TABLE public.account_call (
    account_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    what text NOT NULL,
    ms integer NOT NULL,
    outcome text NOT NULL,
    said text NOT NULL,
    who uuid
);

CREATE TABLE public.account_credential (
    account_id uuid NOT NULL,
    kind text NOT NULL,
    version integer DEFAULT 1 NOT NULL,
    sealed bytea NOT NULL,
    valid_until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    valid_from timestamp with time zone DEFAULT now() NOT NULL,
    added_by text DEFAULT ''::text NOT NULL,
    revoked_at timestamp with time zone,
    revoked_by text
);

CREATE TABLE public.account_event (
    id bigint NOT NULL,
    account_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor text NOT NULL,
    event text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL
);

ALTER TABLE public.account_event ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.account_event_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.account_gate (
    account_id uuid NOT NULL,
    arrival timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    free_at timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    rest_until timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    state text DEFAULT 'closed'::text NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    open_until timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    probe_until timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    probe_id uuid,
    failures integer DEFAULT 0 NOT NULL,
    opened integer DEFAULT 0 NOT NULL,
    reason text,
    said text,
    CONSTRAINT account_gate_reason_known CHECK ((reason = ANY (ARRAY['failing'::text, 'credentials'::text]))),
    CONSTRAINT account_gate_shut_says_why CHECK (((state = 'closed'::text) OR (reason IS NOT NULL))),
    CONSTRAINT account_gate_state_known CHECK ((state = ANY (ARRAY['closed'::text, 'open'::text, 'half_open'::text])))
)
WITH (fillfactor='50');

CREATE TABLE public.account_hour (
    account_id uuid NOT NULL,
    hour timestamp with time zone NOT NULL,
    deliveries integer DEFAULT 0 NOT NULL,
    events integer DEFAULT 0 NOT NULL,
    refused integer DEFAULT 0 NOT NULL
)
WITH (fillfactor='60');

CREATE TABLE public.account_mapping (
    account_id uuid NOT NULL,
    kind text NOT NULL,
    theirs text NOT NULL,
    ours text NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    changed_by text NOT NULL,
    CONSTRAINT account_mapping_kind_is_a_word CHECK (((kind ~ '^[a-z_]{1,30}$'::text) AND (kind <> 'store'::text)))
);

CREATE TABLE public.account_store (
    account_id uuid NOT NULL,
    external_id text NOT NULL,
    store_id uuid NOT NULL
);

CREATE TABLE public.account_token (
    account_id uuid NOT NULL,
    name text NOT NULL,
    sealed bytea,
    kept bytea,
    good_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    asking_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);

CREATE TABLE public.erp_destination (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    code text NOT NULL,
    way text NOT NULL,
    form text NOT NULL,
    language text DEFAULT 'ru'::text NOT NULL,
    kinds text[] NOT NULL,
    settings jsonb DEFAULT '{}'::jsonb NOT NULL,
    sealed bytea,
    token_hash bytea,
    active boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    removed_at timestamp with time zone,
    rest_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    trouble text,
    last_position bigint DEFAULT 0 NOT NULL,
    CONSTRAINT erp_destination_pull_has_token CHECK (((way <> 'pull'::text) OR (token_hash IS NOT NULL))),
    CONSTRAINT erp_destination_some_kind CHECK ((cardinality(kinds) > 0)),
    CONSTRAINT erp_destination_way_known CHECK ((way = ANY (ARRAY['http'::text, 'folder'::text, 'sftp'::text, 's3'::text, 'pull'::text])))
)
WITH (fillfactor='70');

CREATE TABLE public.integrator (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    code text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    url text NOT NULL,
    events text[] DEFAULT '{}'::text[] NOT NULL,
    stores uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    sealed bytea,
    parallel smallint DEFAULT 4 NOT NULL,
    pause_after interval DEFAULT '5 days'::interval NOT NULL,
    active boolean DEFAULT true NOT NULL,
    pause_reason text,
    paused_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    removed_at timestamp with time zone,
    rest_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    failing_since timestamp with time zone,
    taken_at timestamp with time zone,
    trouble text,
    CONSTRAINT integrator_patience_in_reason CHECK (((pause_after >= '01:00:00'::interval) AND (pause_after <= '30 days'::interval))),
    CONSTRAINT integrator_pause_known CHECK ((pause_reason = ANY (ARRAY['operator'::text, 'failing'::text, 'gone'::text]))),
    CONSTRAINT integrator_paused_says_why CHECK (((removed_at IS NOT NULL) OR (active = ((pause_reason IS NULL) AND (paused_at IS NULL))))),
    CONSTRAINT integrator_sealed_while_there CHECK (((removed_at IS NOT NULL) OR (sealed IS NOT NULL))),
    CONSTRAINT integrator_some_at_once CHECK (((parallel >= 1) AND (parallel <= 16)))
)
WITH (fillfactor='70');

CREATE VIEW public.addressee AS
 SELECT erp_destination.id,
    (erp_destination.active AND (erp_destination.removed_at IS NULL) AND (erp_destination.rest_until <= now())) AS open
   FROM public.erp_destination
UNION ALL
 SELECT integrator.id,
    (integrator.active AND (integrator.removed_at IS NULL) AND (integrator.rest_until <= now())) AS open
   FROM public.integrator;

CREATE TABLE public.alarm (
    way text NOT NULL,
    incident_id uuid NOT NULL,
    state text DEFAULT 'due'::text NOT NULL,
    noted_at timestamp with time zone NOT NULL,
    letter_id uuid,
    CONSTRAINT alarm_state_known CHECK ((state = ANY (ARRAY['due'::text, 'told'::text, 'over'::text]))),
    CONSTRAINT alarm_told_in_a_letter CHECK (((state = 'due'::text) OR (letter_id IS NOT NULL)))
);

CREATE TABLE public.alarm_letter (
    id uuid NOT NULL,
    way text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    subject text NOT NULL,
    body text NOT NULL,
    facts jsonb NOT NULL,
    answers uuid[] NOT NULL,
    began uuid[] NOT NULL,
    ended uuid[] NOT NULL,
    sent_at timestamp with time zone,
    said text
);

CREATE TABLE public.alarm_way (
    way text NOT NULL,
    epoch integer DEFAULT 0 NOT NULL,
    leased_until timestamp with time zone,
    due_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    failing_since timestamp with time zone,
    error text,
    sent_at timestamp with time zone,
    CONSTRAINT alarm_way_fails_for_a_reason CHECK (((failures > 0) = (failing_since IS NOT NULL))),
    CONSTRAINT alarm_way_known CHECK ((way = ANY (ARRAY['email'::text, 'webhook'::text])))
);

CREATE TABLE public.api_client (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone
);

CREATE TABLE public.bag (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    store_id uuid NOT NULL,
    "position" smallint NOT NULL,
    code text NOT NULL,
    temperature text NOT NULL,
    state text NOT NULL,
    place text,
    opened_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT bag_staged_somewhere CHECK (((state = 'staged'::text) <= (place IS NOT NULL))),
    CONSTRAINT bag_state_known CHECK ((state = ANY (ARRAY['open'::text, 'sealed'::text, 'staged'::text, 'handed_over'::text, 'void'::text]))),
    CONSTRAINT bag_temperature_known CHECK ((temperature = ANY (ARRAY['ambient'::text, 'chilled'::text, 'frozen'::text, 'non_food'::text])))
);

CREATE TABLE public.cell (
    id smallint NOT NULL,
    name text NOT NULL
);

CREATE TABLE public.cell_move (
    id uuid NOT NULL,
    side text NOT NULL,
    other text NOT NULL,
    url text NOT NULL,
    actor text NOT NULL,
    step text NOT NULL,
    stores uuid[] NOT NULL,
    accounts uuid[] NOT NULL,
    paused uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    series text,
    whole boolean NOT NULL,
    shift bigint DEFAULT 0 NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    closed_at timestamp with time zone,
    copied_at timestamp with time zone,
    finished_at timestamp with time zone,
    CONSTRAINT cell_move_side_known CHECK ((side = ANY (ARRAY['out'::text, 'in'::text])))
);

CREATE TABLE public.device (
    id uuid NOT NULL,
    store_id uuid NOT NULL,
    code_hash bytea NOT NULL,
    name text NOT NULL,
    registered_at timestamp with time zone DEFAULT now() NOT NULL,
    registered_by text NOT NULL,
    revoked_at timestamp with time zone,
    client_version text DEFAULT ''::text NOT NULL,
    seen_at timestamp with time zone,
    failures smallint DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL
);

CREATE TABLE public.digest (
    id uuid NOT NULL,
    chat_id bigint NOT NULL,
    merchant_id uuid NOT NULL,
    store_id uuid,
    day date NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.document (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    store_id uuid,
    account_id uuid NOT NULL,
    order_id uuid,
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
    base_id uuid,
    change_id uuid,
    nth smallint DEFAULT 1 NOT NULL,
    occurred_at timestamp with time zone,
    reason text DEFAULT ''::text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT document_later_has_base CHECK (((kind <> ALL (ARRAY['correction'::text, 'return'::text])) OR ((base_id IS NOT NULL) AND (change_id IS NOT NULL)))),
    CONSTRAINT document_of_an_order CHECK ((((kind = 'commission'::text) = (order_id IS NULL)) AND ((order_id IS NULL) = (store_id IS NULL))))
);

CREATE TABLE public.document_counter (
    merchant_id uuid NOT NULL,
    series text NOT NULL,
    year smallint NOT NULL,
    last integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.document_file (
    document_id uuid NOT NULL,
    form text NOT NULL,
    language text NOT NULL,
    sha256 text NOT NULL COLLATE pg_catalog."C",
    made_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.document_kind (
    kind text NOT NULL,
    suffix text NOT NULL,
    sold boolean NOT NULL
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
    marks text[] NOT NULL,
    kind text DEFAULT 'goods'::text NOT NULL,
    line_id uuid,
    barcode text,
    discount bigint DEFAULT 0 NOT NULL,
    before_pieces integer,
    before_grams integer,
    before_price bigint,
    before_total bigint,
    before_vat bigint,
    CONSTRAINT document_line_kind_known CHECK ((kind = ANY (ARRAY['goods'::text, 'delivery'::text, 'fee'::text])))
);

CREATE TABLE public.door_away (
    knock bytea NOT NULL,
    store_id uuid NOT NULL,
    until timestamp with time zone NOT NULL
);

CREATE TABLE public.erp_attempt (
    delivery_id uuid NOT NULL,
    attempt smallint NOT NULL,
    destination_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    ms integer NOT NULL,
    status smallint,
    outcome text NOT NULL,
    said text NOT NULL
);

CREATE TABLE public.erp_delivery (
    id uuid NOT NULL,
    seq bigint NOT NULL,
    destination_id uuid NOT NULL,
    document_id uuid NOT NULL,
    message_id uuid NOT NULL,
    cause text NOT NULL,
    actor text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    pulled boolean DEFAULT false NOT NULL,
    "position" bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    sha256 text,
    sent_at timestamp with time zone,
    acknowledged_at timestamp with time zone,
    erp_number text,
    refused_at timestamp with time zone,
    refusal text,
    CONSTRAINT erp_delivery_cause_known CHECK ((cause = ANY (ARRAY['issued'::text, 'resent'::text, 're-exported'::text, 'replayed'::text]))),
    CONSTRAINT erp_delivery_refused_says_why CHECK (((refused_at IS NULL) = (refusal IS NULL)))
)
WITH (fillfactor='80');

ALTER TABLE public.erp_delivery ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.erp_delivery_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
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
    destination_id uuid,
    first_id uuid,
    first_seq bigint,
    CONSTRAINT queue_item_dead_has_reason CHECK (((state <> 'dead'::text) OR (reason IS NOT NULL))),
    CONSTRAINT queue_item_finished_when_ended CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['done'::text, 'dead'::text, 'superseded'::text])))),
    CONSTRAINT queue_item_state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text, 'done'::text, 'dead'::text, 'superseded'::text])))
)
PARTITION BY LIST (queue);

CREATE TABLE public.erp_outbox (
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
    destination_id uuid,
    first_id uuid,
    first_seq bigint,
    CONSTRAINT queue_item_dead_has_reason CHECK (((state <> 'dead'::text) OR (reason IS NOT NULL))),
    CONSTRAINT queue_item_finished_when_ended CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['done'::text, 'dead'::text, 'superseded'::text])))),
    CONSTRAINT queue_item_state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text, 'done'::text, 'dead'::text, 'superseded'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02');

CREATE TABLE public.event_outbox (
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
    destination_id uuid,
    first_id uuid,
    first_seq bigint,
    CONSTRAINT queue_item_dead_has_reason CHECK (((state <> 'dead'::text) OR (reason IS NOT NULL))),
    CONSTRAINT queue_item_finished_when_ended CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['done'::text, 'dead'::text, 'superseded'::text])))),
    CONSTRAINT queue_item_state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text, 'done'::text, 'dead'::text, 'superseded'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02');

CREATE TABLE public.fact_mark (
    name text NOT NULL,
    place text,
    seen text,
    goal text,
    after uuid,
    swept uuid,
    pruned xid8,
    until timestamp with time zone
);

CREATE TABLE public.heartbeat (
    worker text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    role text,
    host text,
    version text,
    started_at timestamp with time zone,
    pulsed_at timestamp with time zone,
    reached_since timestamp with time zone,
    reach_ms double precision,
    skew_ms double precision,
    disk_free double precision
);

CREATE TABLE public.help_request (
    id uuid NOT NULL,
    store_id uuid NOT NULL,
    order_id uuid,
    line_id uuid,
    picker_id uuid NOT NULL,
    text text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    closed_at timestamp with time zone,
    closed_by uuid,
    CONSTRAINT help_request_closed_by_somebody CHECK (((closed_at IS NULL) = (closed_by IS NULL)))
);

CREATE TABLE public.hook_minute (
    account_id uuid NOT NULL,
    minute timestamp with time zone NOT NULL,
    worker text NOT NULL,
    answered integer NOT NULL,
    refused integer NOT NULL,
    failed integer NOT NULL,
    times integer[] NOT NULL
)
WITH (fillfactor='70', autovacuum_vacuum_scale_factor='0.05');

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
    destination_id uuid,
    first_id uuid,
    first_seq bigint,
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
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    origin text DEFAULT 'webhook'::text NOT NULL,
    fetched bytea,
    fetched_at timestamp with time zone,
    CONSTRAINT inbox_delivery_origin_known CHECK ((origin = ANY (ARRAY['webhook'::text, 'reconciled'::text])))
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
    trace_id text NOT NULL,
    word text DEFAULT ''::text NOT NULL
);

CREATE TABLE public.incident (
    id uuid NOT NULL,
    rule text NOT NULL,
    subject text NOT NULL,
    merchant_id uuid,
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
    value double precision DEFAULT 0 NOT NULL,
    acknowledged_by text,
    parent_id uuid,
    silenced_by uuid,
    step smallint DEFAULT 0 NOT NULL,
    stepped_at timestamp with time zone,
    returns integer DEFAULT 0 NOT NULL,
    seq integer DEFAULT 0 NOT NULL,
    revision integer DEFAULT 0 NOT NULL,
    told_at timestamp with time zone,
    muted_until timestamp with time zone,
    muted_by text,
    muted_why text,
    CONSTRAINT incident_level_known CHECK ((level = ANY (ARRAY['warning'::text, 'critical'::text]))),
    CONSTRAINT incident_muted_whole CHECK ((((muted_until IS NULL) = (muted_by IS NULL)) AND ((muted_until IS NULL) = (muted_why IS NULL)))),
    CONSTRAINT incident_resolved_has_time CHECK (((state = 'resolved'::text) = (resolved_at IS NOT NULL))),
    CONSTRAINT incident_state_known CHECK ((state = ANY (ARRAY['pending'::text, 'firing'::text, 'acknowledged'::text, 'resolved'::text])))
);

CREATE TABLE public.incident_event (
    id uuid NOT NULL,
    incident_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    actor text NOT NULL,
    detail jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE public.incident_post (
    incident_id uuid NOT NULL,
    chat_id bigint NOT NULL,
    thread_id integer,
    telegram_id bigint,
    shown integer DEFAULT '-1'::integer NOT NULL,
    shown_at timestamp with time zone,
    shown_hash text
);

CREATE VIEW public.incident_hearing AS
 SELECT incident.id,
    worse.since,
    (EXISTS ( SELECT
           FROM public.incident_post post
          WHERE ((post.incident_id = incident.id) AND (post.telegram_id IS NOT NULL) AND ((post.shown >= incident.revision) OR (post.shown_at >= worse.since))))) AS seen
   FROM (public.incident
     CROSS JOIN LATERAL ( SELECT COALESCE(max(event.at), incident.fired_at) AS since
           FROM public.incident_event event
          WHERE ((event.incident_id = incident.id) AND (event.kind = ANY (ARRAY['fired'::text, 'returned'::text, 'worsened'::text, 'grew'::text, 'told'::text, 'unmuted'::text])))) worse);

CREATE TABLE public.incident_mute (
    id uuid NOT NULL,
    rule text NOT NULL,
    subject text,
    merchant_id uuid,
    store_id uuid,
    account_id uuid,
    reason text NOT NULL,
    owner text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    ended_by text,
    level text DEFAULT 'critical'::text NOT NULL,
    CONSTRAINT incident_mute_ended_by_somebody CHECK (((ended_at IS NULL) = (ended_by IS NULL))),
    CONSTRAINT incident_mute_ends CHECK ((until > created_at)),
    CONSTRAINT incident_mute_level_known CHECK ((level = ANY (ARRAY['warning'::text, 'critical'::text])))
);

CREATE TABLE public.integrator_attempt (
    delivery_id uuid NOT NULL,
    attempt smallint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    ms integer NOT NULL,
    status smallint,
    outcome text NOT NULL,
    said text NOT NULL
);

CREATE TABLE public.integrator_delivery (
    id uuid NOT NULL,
    seq bigint NOT NULL,
    integrator_id uuid NOT NULL,
    event_id uuid NOT NULL,
    message_id uuid NOT NULL,
    actor text DEFAULT 'hub'::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    taken_at timestamp with time zone
)
WITH (fillfactor='80');

ALTER TABLE public.integrator_delivery ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.integrator_delivery_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.integrator_event (
    id uuid NOT NULL,
    type text NOT NULL,
    store_id uuid,
    order_id uuid,
    occurred_at timestamp with time zone DEFAULT now() NOT NULL,
    body text NOT NULL
);

CREATE TABLE public.merchant (
    id uuid NOT NULL,
    name text NOT NULL,
    series text DEFAULT 'СМ'::text NOT NULL,
    telegram_chat bigint,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    requisites jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE public.operation (
    picker_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint NOT NULL,
    etag text,
    body bytea NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    order_id uuid,
    verb text,
    version integer,
    before jsonb,
    after jsonb,
    undone_by text,
    CONSTRAINT operation_images_whole CHECK ((num_nulls(order_id, verb, version, before, after) = ANY (ARRAY[0, 5]))),
    CONSTRAINT operation_undone_had_images CHECK (((undone_by IS NOT NULL) <= (before IS NOT NULL)))
);

CREATE TABLE public.operator (
    id uuid NOT NULL,
    login text NOT NULL,
    password_hash text NOT NULL
);

CREATE TABLE public.order_change (
    store_id uuid NOT NULL,
    xid xid8 DEFAULT pg_current_xact_id() NOT NULL,
    order_id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0.05');

CREATE TABLE public.order_contact (
    order_id uuid NOT NULL,
    customer jsonb NOT NULL,
    address jsonb NOT NULL
);

CREATE TABLE public.order_hour (
    order_id uuid NOT NULL,
    hour timestamp with time zone NOT NULL,
    store_id uuid NOT NULL,
    account_id uuid NOT NULL,
    orders smallint DEFAULT 0 NOT NULL,
    accepted smallint DEFAULT 0 NOT NULL,
    accept_seconds integer DEFAULT 0 NOT NULL,
    started smallint DEFAULT 0 NOT NULL,
    start_seconds integer DEFAULT 0 NOT NULL,
    picked smallint DEFAULT 0 NOT NULL,
    pick_seconds integer DEFAULT 0 NOT NULL,
    lines integer DEFAULT 0 NOT NULL,
    found integer DEFAULT 0 NOT NULL,
    short integer DEFAULT 0 NOT NULL,
    replaced integer DEFAULT 0 NOT NULL,
    dropped integer DEFAULT 0 NOT NULL,
    proposed integer DEFAULT 0 NOT NULL,
    approved integer DEFAULT 0 NOT NULL,
    rejected integer DEFAULT 0 NOT NULL,
    pieces integer DEFAULT 0 NOT NULL,
    ready smallint DEFAULT 0 NOT NULL,
    ready_on_time smallint DEFAULT 0 NOT NULL,
    late_seconds integer DEFAULT 0 NOT NULL,
    handed_over smallint DEFAULT 0 NOT NULL,
    courier_waits smallint DEFAULT 0 NOT NULL,
    courier_wait_seconds integer DEFAULT 0 NOT NULL,
    delivered smallint DEFAULT 0 NOT NULL,
    delivered_total bigint DEFAULT 0 NOT NULL,
    cancelled smallint DEFAULT 0 NOT NULL,
    cancelled_by_store smallint DEFAULT 0 NOT NULL,
    cancel text,
    version integer NOT NULL,
    changed_at timestamp with time zone NOT NULL
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02');

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
    category text DEFAULT ''::text NOT NULL,
    temperature text DEFAULT 'ambient'::text NOT NULL,
    zone text DEFAULT ''::text NOT NULL,
    aisle text DEFAULT ''::text NOT NULL,
    shelf text DEFAULT ''::text NOT NULL,
    rank integer,
    postponed smallint DEFAULT 0 NOT NULL,
    min_age smallint,
    restriction text DEFAULT 'none'::text NOT NULL,
    photo_url text,
    wish text,
    wish_skus text[] DEFAULT '{}'::text[] NOT NULL,
    replaces uuid,
    decide_by timestamp with time zone,
    override_by text,
    mark_uses jsonb DEFAULT '[]'::jsonb NOT NULL,
    refused integer DEFAULT 0 NOT NULL,
    refused_reason text,
    list_price bigint,
    ref text,
    CONSTRAINT order_line_quantities_not_negative CHECK (((price >= 0) AND (requested_pieces >= 0) AND (COALESCE(picked_pieces, 0) >= 0) AND (COALESCE(picked_grams, 0) >= 0) AND (COALESCE(total, (0)::bigint) >= 0))),
    CONSTRAINT order_line_refused_not_negative CHECK ((refused >= 0)),
    CONSTRAINT order_line_replaces_other CHECK ((replaces <> id)),
    CONSTRAINT order_line_state_known CHECK ((state = ANY (ARRAY['todo'::text, 'picked'::text, 'short'::text, 'dropped'::text, 'proposed'::text, 'replaced'::text]))),
    CONSTRAINT order_line_unit_known CHECK ((unit = ANY (ARRAY['piece'::text, 'weight'::text]))),
    CONSTRAINT order_line_weight_has_grams CHECK (((unit = 'weight'::text) = ((unit_grams IS NOT NULL) AND (requested_grams IS NOT NULL))))
)
WITH (fillfactor='90', autovacuum_vacuum_scale_factor='0.02');

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
    authorised_total bigint,
    pickup boolean DEFAULT false NOT NULL,
    bag_count smallint,
    putback text DEFAULT 'none'::text NOT NULL,
    reopened boolean DEFAULT false NOT NULL,
    agreed_total bigint,
    courier_arrived_at timestamp with time zone,
    paid_at timestamp with time zone,
    delivery_fee bigint DEFAULT 0 NOT NULL,
    discount bigint DEFAULT 0 NOT NULL,
    CONSTRAINT orders_agreed_not_negative CHECK ((agreed_total >= 0)),
    CONSTRAINT orders_authorised_not_negative CHECK ((authorised_total >= 0)),
    CONSTRAINT orders_bag_count_possible CHECK ((bag_count >= 0)),
    CONSTRAINT orders_courier_known CHECK ((courier = ANY (ARRAY['none'::text, 'assigned'::text, 'arrived'::text]))),
    CONSTRAINT orders_money_not_negative CHECK (((requested_total >= 0) AND (COALESCE(final_total, (0)::bigint) >= 0) AND (COALESCE(paid_total, (0)::bigint) >= 0))),
    CONSTRAINT orders_payment_state_known CHECK ((payment_state = ANY (ARRAY['unpaid'::text, 'paid'::text]))),
    CONSTRAINT orders_putback_known CHECK ((putback = ANY (ARRAY['none'::text, 'due'::text, 'done'::text]))),
    CONSTRAINT orders_ready_has_final_total CHECK (((state <> 'ready'::text) OR (final_total IS NOT NULL))),
    CONSTRAINT orders_state_known CHECK ((state = ANY (ARRAY['received'::text, 'accepted'::text, 'picking'::text, 'picked'::text, 'ready'::text, 'handed_over'::text, 'delivered'::text, 'rejected'::text, 'cancelled'::text, 'returned'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02');

CREATE TABLE public.outbound_hold (
    id bigint NOT NULL,
    reason text NOT NULL,
    held_at timestamp with time zone DEFAULT now() NOT NULL,
    held_by text NOT NULL,
    released_at timestamp with time zone,
    released_by text,
    CONSTRAINT outbound_hold_reason_said CHECK ((reason <> ''::text)),
    CONSTRAINT outbound_hold_release_whole CHECK (((released_at IS NULL) = (released_by IS NULL)))
);

ALTER TABLE public.outbound_hold ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbound_hold_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
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
    destination_id uuid,
    first_id uuid,
    first_seq bigint,
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

CREATE TABLE public.party_version (
    owner_id uuid NOT NULL,
    since timestamp with time zone NOT NULL,
    said jsonb NOT NULL
);

CREATE TABLE public.pick_job (
    order_id uuid NOT NULL,
    store_id uuid NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    picker_id uuid,
    lease_until timestamp with time zone,
    claimed_at timestamp with time zone,
    done_at timestamp with time zone,
    zone text DEFAULT ''::text NOT NULL,
    run_id uuid,
    CONSTRAINT pick_job_held_by_somebody CHECK (((state = ANY (ARRAY['claimed'::text, 'active'::text, 'paused'::text])) <= ((picker_id IS NOT NULL) AND (lease_until IS NOT NULL)))),
    CONSTRAINT pick_job_state_known CHECK ((state = ANY (ARRAY['open'::text, 'claimed'::text, 'active'::text, 'paused'::text, 'done'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02');

CREATE TABLE public.pick_run (
    id uuid NOT NULL,
    store_id uuid NOT NULL,
    picker_id uuid NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone
);

CREATE TABLE public.pick_run_order (
    run_id uuid NOT NULL,
    order_id uuid NOT NULL,
    tote text NOT NULL,
    CONSTRAINT pick_run_order_tote_known CHECK ((tote = ANY (ARRAY['A'::text, 'B'::text, 'C'::text, 'D'::text])))
);

CREATE TABLE public.picker (
    id uuid NOT NULL,
    store_id uuid NOT NULL,
    badge text NOT NULL,
    name text NOT NULL,
    pin_hash text NOT NULL,
    active boolean DEFAULT true NOT NULL,
    failures smallint DEFAULT 0 NOT NULL,
    locked_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    role text DEFAULT 'picker'::text NOT NULL,
    CONSTRAINT picker_role_known CHECK ((role = ANY (ARRAY['picker'::text, 'supervisor'::text])))
);

CREATE TABLE public.picker_session (
    token_hash bytea NOT NULL,
    picker_id uuid NOT NULL,
    device_id text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    device uuid
);

CREATE TABLE public.product (
    merchant_id uuid NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    barcodes text[] DEFAULT '{}'::text[] NOT NULL,
    plu text,
    vat text NOT NULL,
    marked boolean DEFAULT false NOT NULL,
    unit text DEFAULT 'piece'::text NOT NULL,
    unit_grams integer,
    category text DEFAULT ''::text NOT NULL,
    temperature text DEFAULT 'ambient'::text NOT NULL,
    min_age smallint,
    restriction text DEFAULT 'none'::text NOT NULL,
    photo_url text,
    active boolean DEFAULT true NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT product_age_possible CHECK (((min_age >= 1) AND (min_age <= 21))),
    CONSTRAINT product_restriction_known CHECK ((restriction = ANY (ARRAY['none'::text, 'blocked'::text, 'pickup_only'::text]))),
    CONSTRAINT product_temperature_known CHECK ((temperature = ANY (ARRAY['ambient'::text, 'chilled'::text, 'frozen'::text, 'non_food'::text]))),
    CONSTRAINT product_unit_known CHECK ((unit = ANY (ARRAY['piece'::text, 'weight'::text]))),
    CONSTRAINT product_weight_has_grams CHECK (((unit <> 'weight'::text) OR (COALESCE(unit_grams, 0) > 0)))
);

CREATE TABLE public.product_mark (
    merchant_id uuid NOT NULL,
    ki text NOT NULL,
    used smallint NOT NULL,
    CONSTRAINT product_mark_used_once CHECK (((used >= 0) AND (used <= 1000)))
);

CREATE TABLE public.product_mark_use (
    merchant_id uuid NOT NULL,
    ki text NOT NULL,
    line_id uuid NOT NULL,
    order_id uuid NOT NULL,
    part smallint NOT NULL,
    CONSTRAINT product_mark_use_some CHECK (((part >= 1) AND (part <= 1000)))
);

CREATE TABLE public.product_substitute (
    merchant_id uuid NOT NULL,
    sku text NOT NULL,
    with_sku text NOT NULL,
    priority smallint DEFAULT 0 NOT NULL
);

CREATE VIEW public.queue_story AS
 SELECT item.queue,
    item.id,
    item.seq,
    item.state,
    item.reason,
    item.last_error,
    item.fifo_key,
    item.account_id,
    item.destination_id,
    COALESCE(item.account_id, item.destination_id) AS whom,
    item.replay_of,
    item.first_id,
    item.created_at,
    item.finished_at,
    item.attempts,
    COALESCE(delivery.event, message.kind, document.kind) AS kind,
    COALESCE(placed.id, message.order_id, document.order_id) AS order_id,
    COALESCE(placed.store_id, told.store_id, document.store_id) AS store_id,
    COALESCE(placed.number, told.number, document.number) AS number
   FROM ((((((public.queue_item item
     LEFT JOIN public.inbox_delivery delivery ON (((item.queue = 'inbox'::text) AND (delivery.id = item.id))))
     LEFT JOIN public.orders placed ON (((item.queue = 'inbox'::text) AND (placed.account_id = item.account_id) AND (placed.external_id = substr(item.fifo_key, 38)))))
     LEFT JOIN public.outbox_message message ON (((item.queue = 'outbox'::text) AND (message.id = item.id))))
     LEFT JOIN public.orders told ON ((told.id = message.order_id)))
     LEFT JOIN public.erp_delivery handed ON (((item.queue = 'erp_outbox'::text) AND (handed.id = item.id))))
     LEFT JOIN public.document ON ((document.id = handed.document_id)))
  WHERE (item.queue = ANY (ARRAY['inbox'::text, 'outbox'::text, 'erp_outbox'::text]));

CREATE TABLE public.receipt_due (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    kind text NOT NULL,
    base_id uuid,
    occurred_at timestamp with time zone NOT NULL,
    document_id uuid,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    tried_at timestamp with time zone,
    broken text,
    CONSTRAINT receipt_due_kind_possible CHECK ((kind = ANY (ARRAY['receipt_advance'::text, 'receipt_final'::text, 'receipt_return'::text])))
);

CREATE TABLE public.reconciliation (
    account_id uuid NOT NULL,
    known_at timestamp with time zone DEFAULT now() NOT NULL,
    covered_until timestamp with time zone,
    begun_at timestamp with time zone,
    retry_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    run_id uuid,
    lease_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    epoch integer DEFAULT 0 NOT NULL,
    asked_at timestamp with time zone,
    asked_by text,
    asked_since timestamp with time zone,
    failures integer DEFAULT 0 NOT NULL,
    trouble text,
    unlisted text,
    found bigint DEFAULT 0 NOT NULL
)
WITH (fillfactor='70');

CREATE TABLE public.reconciliation_listed (
    run_id uuid NOT NULL,
    order_ref text NOT NULL
);

CREATE TABLE public.reconciliation_mismatch (
    id bigint NOT NULL,
    account_id uuid NOT NULL,
    order_ref text NOT NULL,
    kind text NOT NULL,
    order_id uuid,
    theirs jsonb,
    body bytea,
    said_theirs text DEFAULT ''::text NOT NULL,
    said_ours text DEFAULT ''::text NOT NULL,
    first_at timestamp with time zone DEFAULT now() NOT NULL,
    noted_at timestamp with time zone DEFAULT now() NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    told_at timestamp with time zone,
    resolved_at timestamp with time zone,
    CONSTRAINT reconciliation_mismatch_kind_known CHECK ((kind = ANY (ARRAY['unsettled'::text, 'state'::text, 'composition'::text, 'sum'::text, 'paid'::text, 'missing'::text, 'absent'::text, 'unreadable'::text])))
)
WITH (fillfactor='70');

ALTER TABLE public.reconciliation_mismatch ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.reconciliation_mismatch_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reconciliation_run (
    id uuid NOT NULL,
    account_id uuid NOT NULL,
    why text NOT NULL,
    actor text DEFAULT 'hub'::text NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    cursor text,
    pages integer DEFAULT 0 NOT NULL,
    stale integer DEFAULT 0 NOT NULL,
    listed integer DEFAULT 0 NOT NULL,
    found integer DEFAULT 0 NOT NULL,
    differing integer DEFAULT 0 NOT NULL,
    unreadable integer DEFAULT 0 NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    error text,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    CONSTRAINT reconciliation_run_finished_when_ended CHECK (((state = 'running'::text) = (finished_at IS NULL))),
    CONSTRAINT reconciliation_run_state_known CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text]))),
    CONSTRAINT reconciliation_run_window CHECK ((since < until))
)
WITH (fillfactor='70');

CREATE TABLE public.replay_row (
    run_id uuid NOT NULL,
    old_id uuid NOT NULL,
    new_id uuid NOT NULL
);

CREATE TABLE public.replay_run (
    id uuid NOT NULL,
    queue text NOT NULL,
    wanted jsonb NOT NULL,
    ids uuid[],
    most integer NOT NULL,
    rate double precision NOT NULL,
    actor text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    trace_id text NOT NULL,
    state text DEFAULT 'running'::text NOT NULL,
    matched integer NOT NULL,
    goal bigint NOT NULL,
    whom uuid,
    at timestamp with time zone,
    seq bigint,
    place integer DEFAULT 0 NOT NULL,
    replayed integer DEFAULT 0 NOT NULL,
    skipped jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    paced_at timestamp with time zone DEFAULT now() NOT NULL,
    finished_at timestamp with time zone,
    cancelled_by text,
    CONSTRAINT replay_run_cancelled_by_somebody CHECK (((state = 'cancelled'::text) = (cancelled_by IS NOT NULL))),
    CONSTRAINT replay_run_finished_when_ended CHECK (((state = 'running'::text) = (finished_at IS NULL))),
    CONSTRAINT replay_run_pace CHECK (((most > 0) AND (rate > (0)::double precision))),
    CONSTRAINT replay_run_state_known CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'cancelled'::text])))
)
WITH (fillfactor='70');

CREATE TABLE public.rule_run (
    rule text NOT NULL,
    at timestamp with time zone NOT NULL,
    ms integer NOT NULL,
    seen integer NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    error text
);

CREATE TABLE public.rule_threshold (
    id uuid NOT NULL,
    rule text NOT NULL,
    merchant_id uuid NOT NULL,
    store_id uuid,
    account_id uuid,
    from_hour smallint,
    until_hour smallint,
    warn double precision,
    critical double precision,
    clear double precision,
    "least" integer,
    hold integer,
    off boolean DEFAULT false NOT NULL,
    CONSTRAINT rule_threshold_hours_of_day CHECK ((((from_hour >= 0) AND (from_hour <= 23)) AND ((until_hour >= 0) AND (until_hour <= 23)))),
    CONSTRAINT rule_threshold_hours_whole CHECK (((from_hour IS NULL) = (until_hour IS NULL)))
);

CREATE TABLE public.sale_change (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    store_id uuid NOT NULL,
    account_id uuid NOT NULL,
    kind text NOT NULL,
    occurred_at timestamp with time zone NOT NULL,
    reason text NOT NULL,
    actor text NOT NULL,
    trace_id text NOT NULL,
    source text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    document_id uuid,
    request_hash bytea,
    seq bigint NOT NULL,
    tried_at timestamp with time zone,
    broken text,
    CONSTRAINT sale_change_kind_possible CHECK ((kind = ANY (ARRAY['correction'::text, 'return'::text])))
);

CREATE TABLE public.sale_change_line (
    change_id uuid NOT NULL,
    line_id uuid NOT NULL,
    pieces integer NOT NULL,
    grams integer,
    price bigint NOT NULL,
    total bigint NOT NULL,
    marks text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT sale_change_line_not_negative CHECK (((pieces >= 0) AND (COALESCE(grams, 0) >= 0) AND (price >= 0) AND (total >= 0)))
);

ALTER TABLE public.sale_change ALTER COLUMN seq ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sale_change_seq_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.sale_doubt (
    order_id uuid NOT NULL,
    ours bigint NOT NULL,
    theirs bigint NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.sale_hold (
    order_id uuid NOT NULL,
    store_id uuid NOT NULL,
    account_id uuid NOT NULL,
    problems jsonb NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    checked_at timestamp with time zone DEFAULT now() NOT NULL
)
WITH (fillfactor='80');

CREATE VIEW public.sold_delivery AS
 SELECT orders.id AS order_id,
    orders.delivery_fee AS total,
    'Доставка'::text AS name,
    COALESCE((account.rules ->> 'delivery_vat'::text), 'standard'::text) AS vat
   FROM (public.orders
     JOIN public.account ON ((account.id = orders.account_id)))
  WHERE ((orders.delivery_fee > 0) AND ((account.rules ->> 'delivery_by'::text) = 'merchant'::text));

CREATE VIEW public.sold_goods AS
 SELECT line.order_id,
    line.id AS line_id,
    line."position",
    line.external_id AS sku,
    line.name,
    line.unit,
    it.pieces,
    it.grams,
    line.unit_grams,
    line.price,
        CASE
            WHEN (it.open OR (line.total IS NULL)) THEN cost.total
            ELSE line.total
        END AS total,
    cost.full_total,
    line.vat,
    it.open,
    line.barcodes[1] AS barcode,
    line.marks,
        CASE
            WHEN (line.marked AND (line.unit = 'piece'::text)) THEN ((it.pieces - cardinality(line.marks)) + (( SELECT COALESCE(ceil(((sum((1000 - ((use.value ->> 'part'::text))::integer)))::numeric / 1000.0)), (0)::numeric) AS "coalesce"
               FROM jsonb_array_elements(line.mark_uses) use(value)
              WHERE ((use.value ->> 'code'::text) = ANY (line.marks))))::integer)
            ELSE 0
        END AS unmarked
   FROM ((public.order_line line
     CROSS JOIN LATERAL ( SELECT (line.state = ANY (ARRAY['todo'::text, 'proposed'::text])) AS open,
                CASE
                    WHEN (line.state = ANY (ARRAY['todo'::text, 'proposed'::text])) THEN line.requested_pieces
                    WHEN (line.unit = 'piece'::text) THEN (line.picked_pieces - line.refused)
                    ELSE COALESCE(line.picked_pieces, 0)
                END AS pieces,
                CASE
                    WHEN (line.state = ANY (ARRAY['todo'::text, 'proposed'::text])) THEN line.requested_grams
                    WHEN (line.unit = 'weight'::text) THEN (line.picked_grams - line.refused)
                    ELSE NULL::integer
                END AS grams) it)
     CROSS JOIN LATERAL ( SELECT
                CASE
                    WHEN (line.unit = 'piece'::text) THEN (line.price * it.pieces)
                    ELSE ((((2 * line.price) * it.grams) + line.unit_grams) / (2 * line.unit_grams))
                END AS total,
                CASE
                    WHEN (line.unit = 'piece'::text) THEN (line.list_price * it.pieces)
                    ELSE ((((2 * line.list_price) * it.grams) + line.unit_grams) / (2 * line.unit_grams))
                END AS full_total) cost)
  WHERE (((line.state = ANY (ARRAY['picked'::text, 'short'::text])) AND (line.refused <
        CASE line.unit
            WHEN 'piece'::text THEN line.picked_pieces
            ELSE line.picked_grams
        END)) OR (((line.state = 'todo'::text) OR ((line.state = 'proposed'::text) AND (line.replaces IS NULL))) AND (COALESCE(line.reason, ''::text) <> ALL (ARRAY['removed_by_customer'::text, 'withdrawn'::text]))));

CREATE TABLE public.store (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    cell_id smallint DEFAULT 1 NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    timezone text DEFAULT 'Europe/Moscow'::text NOT NULL,
    telegram_chat bigint,
    paused boolean DEFAULT false NOT NULL,
    devices text DEFAULT 'any'::text NOT NULL,
    shifts text DEFAULT 'optional'::text NOT NULL,
    zone_picking boolean DEFAULT false NOT NULL,
    bags text DEFAULT 'optional'::text NOT NULL,
    mark_check text DEFAULT 'off'::text NOT NULL,
    resumed_at timestamp with time zone,
    requisites jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT store_bags_known CHECK ((bags = ANY (ARRAY['optional'::text, 'required'::text]))),
    CONSTRAINT store_devices_known CHECK ((devices = ANY (ARRAY['any'::text, 'registered'::text]))),
    CONSTRAINT store_mark_check_known CHECK ((mark_check = ANY (ARRAY['off'::text, 'permissive'::text, 'strict'::text]))),
    CONSTRAINT store_shifts_known CHECK ((shifts = ANY (ARRAY['optional'::text, 'required'::text])))
);

CREATE TABLE public.vat_rate (
    code text NOT NULL,
    valid_from date NOT NULL,
    percent smallint
);

CREATE VIEW public.sale_line AS
 SELECT part.order_id,
    part.line_id,
    part.kind,
    part."position",
    part.sku,
    part.name,
    part.unit,
    part.pieces,
    part.grams,
    part.unit_grams,
    part.price,
    part.total,
    code.vat AS vat_code,
    rate.percent AS vat_percent,
    part.open,
    part.marks
   FROM (((((( SELECT sold_goods.order_id,
            sold_goods.line_id,
            'goods'::text AS kind,
            sold_goods."position",
            sold_goods.sku,
            sold_goods.name,
            sold_goods.unit,
            sold_goods.pieces,
            sold_goods.grams,
            sold_goods.unit_grams,
            sold_goods.price,
            sold_goods.total,
            sold_goods.vat,
            sold_goods.open,
            sold_goods.marks
           FROM public.sold_goods
        UNION ALL
         SELECT sold_delivery.order_id,
            NULL::uuid,
            'delivery'::text,
            32767,
            'delivery'::text,
            sold_delivery.name,
            'piece'::text,
            1,
            NULL::integer,
            NULL::integer,
            sold_delivery.total,
            sold_delivery.total,
            sold_delivery.vat,
            false,
            '{}'::text[]
           FROM public.sold_delivery) part
     JOIN public.orders ON ((orders.id = part.order_id)))
     JOIN public.store ON ((store.id = orders.store_id)))
     LEFT JOIN public.product ON (((product.merchant_id = store.merchant_id) AND (product.sku = part.sku) AND (part.kind = 'goods'::text))))
     CROSS JOIN LATERAL ( SELECT
                CASE
                    WHEN (part.vat = 'unknown'::text) THEN COALESCE(product.vat, 'unknown'::text)
                    ELSE part.vat
                END AS vat) code)
     LEFT JOIN LATERAL ( SELECT vat_rate.percent
           FROM public.vat_rate
          WHERE ((vat_rate.code = code.vat) AND (vat_rate.valid_from <= ((orders.delivered_at AT TIME ZONE store.timezone))::date))
          ORDER BY vat_rate.valid_from DESC
         LIMIT 1) rate ON (true));

CREATE TABLE public.sale_waiver (
    order_id uuid NOT NULL,
    problem text NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL
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

CREATE TABLE public.settlement (
    id uuid NOT NULL,
    merchant_id uuid NOT NULL,
    account_id uuid NOT NULL,
    kind text NOT NULL,
    number text NOT NULL,
    first date NOT NULL,
    last date NOT NULL,
    sha256 text NOT NULL,
    name text NOT NULL,
    imported_by text NOT NULL,
    imported_at timestamp with time zone DEFAULT now() NOT NULL,
    accepted_by text,
    accepted_why text,
    accepted_at timestamp with time zone,
    document_id uuid,
    matched integer DEFAULT 0 NOT NULL,
    differing integer DEFAULT 0 NOT NULL,
    blocking integer DEFAULT 0 NOT NULL,
    checked_at timestamp with time zone,
    accepted_what text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT settlement_accepted_whole CHECK ((num_nulls(accepted_by, accepted_why, accepted_at) = ANY (ARRAY[0, 3]))),
    CONSTRAINT settlement_days_in_order CHECK ((first <= last)),
    CONSTRAINT settlement_document_of_commission CHECK (((document_id IS NULL) OR (kind = 'commission'::text))),
    CONSTRAINT settlement_kind_known CHECK ((kind = ANY (ARRAY['payment'::text, 'commission'::text])))
);

CREATE TABLE public.settlement_row (
    settlement_id uuid NOT NULL,
    "row" integer NOT NULL,
    order_ref text NOT NULL,
    deal text NOT NULL,
    sku text NOT NULL,
    name text NOT NULL,
    milli bigint,
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    at date,
    CONSTRAINT settlement_row_deal_known CHECK ((deal = ANY (ARRAY['sale'::text, 'return'::text, 'fee'::text])))
);

CREATE TABLE public.shift (
    id uuid NOT NULL,
    picker_id uuid NOT NULL,
    store_id uuid NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT shift_ends_after_it_began CHECK ((ended_at >= started_at))
);

CREATE TABLE public.shift_pause (
    shift_id uuid NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT shift_pause_ends_after_it_began CHECK ((ended_at >= started_at))
);

CREATE TABLE public.staff_change (
    id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    actor text NOT NULL,
    act text NOT NULL,
    picker_id uuid,
    device_id uuid,
    store_id uuid NOT NULL,
    detail text DEFAULT ''::text NOT NULL,
    trace_id text NOT NULL,
    CONSTRAINT staff_change_is_of_one CHECK ((num_nonnulls(picker_id, device_id) = 1)),
    CONSTRAINT staff_change_known CHECK ((act = ANY (ARRAY['added'::text, 'renamed'::text, 'new_pin'::text, 'role'::text, 'deactivated'::text, 'activated'::text, 'device_added'::text, 'device_revoked'::text])))
);

CREATE TABLE public.store_aisle (
    store_id uuid NOT NULL,
    aisle text NOT NULL,
    rank integer NOT NULL
);

CREATE TABLE public.store_away (
    store_id uuid NOT NULL,
    move_id uuid NOT NULL,
    state text NOT NULL,
    url text NOT NULL,
    CONSTRAINT store_away_state_known CHECK ((state = ANY (ARRAY['closing'::text, 'shut'::text, 'gone'::text])))
);

CREATE TABLE public.store_hour (
    store_id uuid NOT NULL,
    hour timestamp with time zone NOT NULL,
    account_id uuid NOT NULL,
    orders integer DEFAULT 0 NOT NULL,
    accepted integer DEFAULT 0 NOT NULL,
    accept_seconds bigint DEFAULT 0 NOT NULL,
    started integer DEFAULT 0 NOT NULL,
    start_seconds bigint DEFAULT 0 NOT NULL,
    start_times integer[] DEFAULT '{}'::integer[] NOT NULL,
    picked integer DEFAULT 0 NOT NULL,
    pick_seconds bigint DEFAULT 0 NOT NULL,
    pick_times integer[] DEFAULT '{}'::integer[] NOT NULL,
    lines integer DEFAULT 0 NOT NULL,
    found integer DEFAULT 0 NOT NULL,
    short integer DEFAULT 0 NOT NULL,
    replaced integer DEFAULT 0 NOT NULL,
    dropped integer DEFAULT 0 NOT NULL,
    proposed integer DEFAULT 0 NOT NULL,
    approved integer DEFAULT 0 NOT NULL,
    rejected integer DEFAULT 0 NOT NULL,
    pieces integer DEFAULT 0 NOT NULL,
    ready integer DEFAULT 0 NOT NULL,
    ready_on_time integer DEFAULT 0 NOT NULL,
    late_seconds bigint DEFAULT 0 NOT NULL,
    late_seconds_max integer DEFAULT 0 NOT NULL,
    handed_over integer DEFAULT 0 NOT NULL,
    courier_waits integer DEFAULT 0 NOT NULL,
    courier_wait_seconds bigint DEFAULT 0 NOT NULL,
    delivered integer DEFAULT 0 NOT NULL,
    delivered_total bigint DEFAULT 0 NOT NULL,
    cancelled integer DEFAULT 0 NOT NULL,
    cancelled_by_store integer DEFAULT 0 NOT NULL,
    cancels jsonb DEFAULT '{}'::jsonb NOT NULL
)
WITH (fillfactor='60', autovacuum_vacuum_scale_factor='0.02');

CREATE TABLE public.store_label (
    store_id uuid NOT NULL,
    "position" smallint NOT NULL,
    prefix text NOT NULL,
    length smallint DEFAULT 13 NOT NULL,
    item_from smallint NOT NULL,
    item_until smallint NOT NULL,
    value_from smallint NOT NULL,
    value_until smallint NOT NULL,
    value text NOT NULL,
    divisor integer DEFAULT 1 NOT NULL,
    check_digit boolean DEFAULT true NOT NULL,
    multiplier integer DEFAULT 1 NOT NULL,
    CONSTRAINT store_label_divisor_possible CHECK ((divisor > 0)),
    CONSTRAINT store_label_item_inside CHECK (((0 <= item_from) AND (item_from < item_until) AND (item_until <= (length - (check_digit)::integer)))),
    CONSTRAINT store_label_length_possible CHECK (((length >= 8) AND (length <= 48))),
    CONSTRAINT store_label_multiplier_possible CHECK ((multiplier > 0)),
    CONSTRAINT store_label_prefix_digits CHECK ((prefix ~ '^[0-9]{1,12}$'::text)),
    CONSTRAINT store_label_spans_apart CHECK (((item_until <= value_from) OR (value_until <= item_from))),
    CONSTRAINT store_label_value_inside CHECK (((char_length(prefix) <= value_from) AND (value_from < value_until) AND (value_until <= (length - (check_digit)::integer)) AND ((value_until - value_from) <= 9))),
    CONSTRAINT store_label_value_known CHECK ((value = ANY (ARRAY['weight'::text, 'price'::text, 'count'::text])))
);

CREATE TABLE public.store_pace (
    store_id uuid NOT NULL,
    orders integer NOT NULL,
    pick_seconds integer NOT NULL,
    line_seconds real NOT NULL,
    counted_at timestamp with time zone NOT NULL
);

CREATE TABLE public.store_place (
    store_id uuid NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    name text DEFAULT ''::text NOT NULL,
    aisle text DEFAULT ''::text NOT NULL,
    temperature text,
    capacity smallint,
    CONSTRAINT store_place_capacity_possible CHECK ((capacity > 0)),
    CONSTRAINT store_place_kind_known CHECK ((kind = ANY (ARRAY['shelf'::text, 'staging'::text])))
);

CREATE TABLE public.store_product (
    store_id uuid NOT NULL,
    sku text NOT NULL,
    price bigint,
    zone text DEFAULT ''::text NOT NULL,
    aisle text DEFAULT ''::text NOT NULL,
    shelf text DEFAULT ''::text NOT NULL,
    available boolean DEFAULT true NOT NULL,
    CONSTRAINT store_product_price_not_negative CHECK ((price >= 0))
);

CREATE TABLE public.store_tolerance (
    store_id uuid NOT NULL,
    category text DEFAULT ''::text NOT NULL,
    soft_under smallint NOT NULL,
    hard_under smallint NOT NULL,
    soft_over smallint NOT NULL,
    hard_over smallint NOT NULL,
    CONSTRAINT store_tolerance_possible CHECK ((((soft_under >= 0) AND (soft_under <= hard_under)) AND (hard_under <= 100) AND ((soft_over >= 0) AND (soft_over <= hard_over)) AND (hard_over <= 1000)))
);

CREATE TABLE public.stored_file (
    sha256 text NOT NULL COLLATE pg_catalog."C",
    size bigint NOT NULL,
    media_type text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT stored_file_sha256_is_hex CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT stored_file_size_not_negative CHECK ((size >= 0))
);

CREATE TABLE public.telegram_archive (
    id uuid CONSTRAINT telegram_archive_id_not_null1 NOT NULL,
    chat_id bigint CONSTRAINT telegram_archive_chat_id_not_null1 NOT NULL,
    kind text DEFAULT 'incident'::text NOT NULL,
    incident_id uuid,
    outcome text DEFAULT 'sent'::text NOT NULL,
    text text DEFAULT ''::text CONSTRAINT telegram_archive_text_not_null1 NOT NULL,
    silent boolean CONSTRAINT telegram_archive_silent_not_null1 NOT NULL,
    created_at timestamp with time zone CONSTRAINT telegram_archive_created_at_not_null1 NOT NULL,
    sent_at timestamp with time zone DEFAULT now() CONSTRAINT telegram_archive_sent_at_not_null1 NOT NULL,
    attempts smallint CONSTRAINT telegram_archive_attempts_not_null1 NOT NULL,
    telegram_id bigint,
    edited boolean,
    CONSTRAINT telegram_archive_outcome_known CHECK ((outcome = ANY (ARRAY['sent'::text, 'edited'::text, 'expired'::text, 'dropped'::text, 'undeliverable'::text]))),
    CONSTRAINT telegram_archive_sent_has_id CHECK (((telegram_id IS NOT NULL) OR (outcome <> ALL (ARRAY['sent'::text, 'edited'::text]))))
)
PARTITION BY RANGE (sent_at);

CREATE TABLE public.telegram_archive_rest (
    id uuid CONSTRAINT telegram_archive_id_not_null1 NOT NULL,
    chat_id bigint CONSTRAINT telegram_archive_chat_id_not_null1 NOT NULL,
    kind text DEFAULT 'incident'::text CONSTRAINT telegram_archive_kind_not_null NOT NULL,
    incident_id uuid,
    outcome text DEFAULT 'sent'::text CONSTRAINT telegram_archive_outcome_not_null NOT NULL,
    text text DEFAULT ''::text CONSTRAINT telegram_archive_text_not_null1 NOT NULL,
    silent boolean CONSTRAINT telegram_archive_silent_not_null1 NOT NULL,
    created_at timestamp with time zone CONSTRAINT telegram_archive_created_at_not_null1 NOT NULL,
    sent_at timestamp with time zone DEFAULT now() CONSTRAINT telegram_archive_sent_at_not_null1 NOT NULL,
    attempts smallint CONSTRAINT telegram_archive_attempts_not_null1 NOT NULL,
    telegram_id bigint,
    edited boolean,
    CONSTRAINT telegram_archive_outcome_known CHECK ((outcome = ANY (ARRAY['sent'::text, 'edited'::text, 'expired'::text, 'dropped'::text, 'undeliverable'::text]))),
    CONSTRAINT telegram_archive_sent_has_id CHECK (((telegram_id IS NOT NULL) OR (outcome <> ALL (ARRAY['sent'::text, 'edited'::text]))))
);

CREATE TABLE public.telegram_audit (
    id uuid NOT NULL,
    at timestamp with time zone DEFAULT now() NOT NULL,
    user_id bigint NOT NULL,
    name text NOT NULL,
    chat_id bigint NOT NULL,
    merchant_id uuid,
    kind text NOT NULL,
    what text DEFAULT ''::text NOT NULL,
    outcome text NOT NULL,
    times integer DEFAULT 1 NOT NULL
);

CREATE TABLE public.telegram_bot (
    bot_id bigint NOT NULL,
    username text DEFAULT ''::text NOT NULL,
    owner text,
    epoch integer DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    hook_url text,
    hook_path bytea,
    hook_token bytea,
    menu bytea,
    CONSTRAINT telegram_bot_hook_whole CHECK ((((hook_path IS NULL) = (hook_token IS NULL)) AND ((hook_url IS NULL) OR (hook_path IS NOT NULL))))
);

CREATE TABLE public.telegram_chat (
    chat_id bigint NOT NULL,
    merchant_id uuid,
    title text DEFAULT ''::text NOT NULL,
    language text,
    timezone text DEFAULT 'Europe/Moscow'::text NOT NULL,
    quiet_from time without time zone,
    quiet_until time without time zone,
    digest_at time without time zone,
    added_at timestamp with time zone DEFAULT now() NOT NULL,
    disabled_at timestamp with time zone,
    disabled_reason text,
    CONSTRAINT telegram_chat_disabled_why CHECK (((disabled_at IS NULL) = (disabled_reason IS NULL))),
    CONSTRAINT telegram_chat_language_known CHECK ((language = ANY (ARRAY['ru'::text, 'en'::text]))),
    CONSTRAINT telegram_chat_quiet_whole CHECK (((quiet_from IS NULL) = (quiet_until IS NULL)))
);

CREATE TABLE public.telegram_link (
    code_hash bytea NOT NULL,
    merchant_id uuid NOT NULL,
    store_id uuid,
    name text NOT NULL,
    role text NOT NULL,
    made_by text NOT NULL,
    made_at timestamp with time zone DEFAULT now() NOT NULL,
    until timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    used_by bigint,
    CONSTRAINT telegram_link_role_known CHECK ((role = ANY (ARRAY['duty'::text, 'supervisor'::text]))),
    CONSTRAINT telegram_link_used_by_somebody CHECK (((used_at IS NULL) = (used_by IS NULL)))
);

CREATE TABLE public.telegram_message (
    id uuid NOT NULL,
    chat_id bigint NOT NULL,
    incident_id uuid,
    text text,
    silent boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    kind text DEFAULT 'notice'::text NOT NULL,
    thread_id integer,
    reply_to bigint,
    keyboard jsonb,
    photo bytea,
    expires_at timestamp with time zone,
    CONSTRAINT telegram_message_says_something CHECK (((text IS NOT NULL) OR ((kind = 'incident'::text) AND (incident_id IS NOT NULL))))
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
    destination_id uuid,
    first_id uuid,
    first_seq bigint,
    CONSTRAINT queue_item_dead_has_reason CHECK (((state <> 'dead'::text) OR (reason IS NOT NULL))),
    CONSTRAINT queue_item_finished_when_ended CHECK (((finished_at IS NOT NULL) = (state = ANY (ARRAY['done'::text, 'dead'::text, 'superseded'::text])))),
    CONSTRAINT queue_item_state_known CHECK ((state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text, 'done'::text, 'dead'::text, 'superseded'::text])))
)
WITH (fillfactor='80', autovacuum_vacuum_scale_factor='0.02');

CREATE TABLE public.telegram_pace (
    chat_id bigint NOT NULL,
    arrival timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    group_arrival timestamp with time zone DEFAULT '1970-01-01 00:00:00+00'::timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    closed_until timestamp with time zone,
    CONSTRAINT telegram_pace_closed_whole CHECK (((closed_at IS NULL) = (closed_until IS NULL)))
)
WITH (fillfactor='50');

CREATE TABLE public.telegram_person (
    user_id bigint NOT NULL,
    merchant_id uuid NOT NULL,
    store_id uuid,
    name text NOT NULL,
    username text DEFAULT ''::text NOT NULL,
    role text NOT NULL,
    language text,
    linked_at timestamp with time zone DEFAULT now() NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT telegram_person_language_known CHECK ((language = ANY (ARRAY['ru'::text, 'en'::text]))),
    CONSTRAINT telegram_person_role_known CHECK ((role = ANY (ARRAY['duty'::text, 'supervisor'::text])))
);

CREATE TABLE public.telegram_route (
    id uuid NOT NULL,
    merchant_id uuid,
    store_id uuid,
    class text,
    step smallint DEFAULT 0 NOT NULL,
    chat_id bigint NOT NULL,
    thread_id integer
);

CREATE TABLE public.telegram_stranger_chat (
    chat_id bigint NOT NULL,
    title text NOT NULL,
    added_by text NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL,
    left_at timestamp with time zone
);

CREATE TABLE public.telegram_update (
    bot_id bigint NOT NULL,
    update_id bigint NOT NULL,
    received_at timestamp with time zone DEFAULT now() NOT NULL,
    body bytea NOT NULL,
    due_at timestamp with time zone DEFAULT now() NOT NULL,
    attempts smallint DEFAULT 0 NOT NULL,
    done_at timestamp with time zone,
    outcome text,
    CONSTRAINT telegram_update_done_somehow CHECK (((done_at IS NULL) = (outcome IS NULL)))
);

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

CREATE TABLE public.unmapped (
    inbox_id uuid NOT NULL,
    account_id uuid NOT NULL,
    kind text NOT NULL,
    theirs text NOT NULL,
    order_ref text NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.watched_expiry (
    host text NOT NULL,
    what text NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE ONLY public.queue_item ATTACH PARTITION public.erp_outbox FOR VALUES IN ('erp_outbox');

ALTER TABLE ONLY public.queue_item ATTACH PARTITION public.event_outbox FOR VALUES IN ('event_outbox');

ALTER TABLE ONLY public.queue_item ATTACH PARTITION public.inbox FOR VALUES IN ('inbox');

ALTER TABLE ONLY public.queue_item ATTACH PARTITION public.outbox FOR VALUES IN ('outbox');

ALTER TABLE ONLY public.telegram_archive ATTACH PARTITION public.telegram_archive_rest DEFAULT;

ALTER TABLE ONLY public.queue_item ATTACH PARTITION public.telegram_outbox FOR VALUES IN ('telegram_outbox');

ALTER TABLE ONLY public.account_away
    ADD CONSTRAINT account_away_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_code_once UNIQUE (code);

ALTER TABLE ONLY public.account_credential
    ADD CONSTRAINT account_credential_pkey PRIMARY KEY (account_id, kind, version);

ALTER TABLE ONLY public.account_event
    ADD CONSTRAINT account_event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_gate
    ADD CONSTRAINT account_gate_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.account_hour
    ADD CONSTRAINT account_hour_pkey PRIMARY KEY (account_id, hour);

ALTER TABLE ONLY public.account_mapping
    ADD CONSTRAINT account_mapping_pkey PRIMARY KEY (account_id, kind, theirs);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_store
    ADD CONSTRAINT account_store_pkey PRIMARY KEY (account_id, external_id);

ALTER TABLE ONLY public.account_token
    ADD CONSTRAINT account_token_pkey PRIMARY KEY (account_id, name);

ALTER TABLE ONLY public.alarm_letter
    ADD CONSTRAINT alarm_letter_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alarm
    ADD CONSTRAINT alarm_pkey PRIMARY KEY (way, incident_id);

ALTER TABLE ONLY public.alarm_way
    ADD CONSTRAINT alarm_way_pkey PRIMARY KEY (way);

ALTER TABLE ONLY public.api_client
    ADD CONSTRAINT api_client_merchant_id_name_key UNIQUE (merchant_id, name);

ALTER TABLE ONLY public.api_client
    ADD CONSTRAINT api_client_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_client
    ADD CONSTRAINT api_client_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.bag
    ADD CONSTRAINT bag_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.cell_move
    ADD CONSTRAINT cell_move_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.cell
    ADD CONSTRAINT cell_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_code_once UNIQUE (code_hash);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.digest
    ADD CONSTRAINT digest_once UNIQUE NULLS NOT DISTINCT (chat_id, merchant_id, store_id, day);

ALTER TABLE ONLY public.digest
    ADD CONSTRAINT digest_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_change_id_key UNIQUE (change_id);

ALTER TABLE ONLY public.document_counter
    ADD CONSTRAINT document_counter_pkey PRIMARY KEY (merchant_id, series, year);

ALTER TABLE ONLY public.document_file
    ADD CONSTRAINT document_file_pkey PRIMARY KEY (document_id, form, language);

ALTER TABLE ONLY public.document_kind
    ADD CONSTRAINT document_kind_pkey PRIMARY KEY (kind);

ALTER TABLE ONLY public.document_kind
    ADD CONSTRAINT document_kind_suffix_key UNIQUE (suffix);

ALTER TABLE ONLY public.document_line
    ADD CONSTRAINT document_line_pkey PRIMARY KEY (document_id, "position");

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_number_once UNIQUE (merchant_id, number);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_once_per_order_kind_nth UNIQUE (order_id, kind, nth);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_serial_once UNIQUE (merchant_id, series, year, serial);

ALTER TABLE ONLY public.door_away
    ADD CONSTRAINT door_away_pkey PRIMARY KEY (knock);

ALTER TABLE ONLY public.erp_delivery
    ADD CONSTRAINT erp_delivery_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.erp_destination
    ADD CONSTRAINT erp_destination_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.queue_item
    ADD CONSTRAINT queue_item_pkey PRIMARY KEY (queue, id);

ALTER TABLE ONLY public.erp_outbox
    ADD CONSTRAINT erp_outbox_pkey PRIMARY KEY (queue, id);

ALTER TABLE ONLY public.event_outbox
    ADD CONSTRAINT event_outbox_pkey PRIMARY KEY (queue, id);

ALTER TABLE ONLY public.fact_mark
    ADD CONSTRAINT fact_mark_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.heartbeat
    ADD CONSTRAINT heartbeat_pkey PRIMARY KEY (worker);

ALTER TABLE ONLY public.help_request
    ADD CONSTRAINT help_request_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hook_minute
    ADD CONSTRAINT hook_minute_pkey PRIMARY KEY (account_id, minute, worker);

ALTER TABLE ONLY public.inbox_delivery
    ADD CONSTRAINT inbox_delivery_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.inbox_key
    ADD CONSTRAINT inbox_key_pkey PRIMARY KEY (account_id, dedupe_key);

ALTER TABLE ONLY public.inbox
    ADD CONSTRAINT inbox_pkey PRIMARY KEY (queue, id);

ALTER TABLE ONLY public.inbox_refused
    ADD CONSTRAINT inbox_refused_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.incident_event
    ADD CONSTRAINT incident_event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.incident_mute
    ADD CONSTRAINT incident_mute_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.incident
    ADD CONSTRAINT incident_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.incident_post
    ADD CONSTRAINT incident_post_pkey PRIMARY KEY (incident_id, chat_id);

ALTER TABLE ONLY public.integrator_delivery
    ADD CONSTRAINT integrator_delivery_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.integrator_event
    ADD CONSTRAINT integrator_event_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.integrator
    ADD CONSTRAINT integrator_pkey PRIMARY KEY (id);

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

ALTER TABLE ONLY public.order_change
    ADD CONSTRAINT order_change_pkey PRIMARY KEY (store_id, xid, order_id);

ALTER TABLE ONLY public.order_contact
    ADD CONSTRAINT order_contact_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY public.order_hour
    ADD CONSTRAINT order_hour_pkey PRIMARY KEY (order_id, hour);

ALTER TABLE public.order_line
    ADD CONSTRAINT order_line_list_price_not_negative CHECK ((list_price >= 0)) NOT VALID;

ALTER TABLE ONLY public.order_line
    ADD CONSTRAINT order_line_pkey PRIMARY KEY (id);

ALTER TABLE public.order_line
    ADD CONSTRAINT order_line_vat_known CHECK ((vat = ANY (ARRAY['standard'::text, 'reduced'::text, 'zero'::text, 'none'::text, 'five'::text, 'seven'::text, 'unknown'::text]))) NOT VALID;

ALTER TABLE public.orders
    ADD CONSTRAINT orders_beside_not_negative CHECK (((delivery_fee >= 0) AND (discount >= 0))) NOT VALID;

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_external_id_once UNIQUE (account_id, external_id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_number_once UNIQUE (account_id, number);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outbound_hold
    ADD CONSTRAINT outbound_hold_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outbox_attempt
    ADD CONSTRAINT outbox_attempt_pkey PRIMARY KEY (message_id, attempt, at);

ALTER TABLE ONLY public.outbox_message
    ADD CONSTRAINT outbox_message_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (queue, id);

ALTER TABLE ONLY public.party_version
    ADD CONSTRAINT party_version_pkey PRIMARY KEY (owner_id, since);

ALTER TABLE ONLY public.pick_job
    ADD CONSTRAINT pick_job_pkey PRIMARY KEY (order_id, zone);

ALTER TABLE ONLY public.pick_run_order
    ADD CONSTRAINT pick_run_order_pkey PRIMARY KEY (run_id, order_id);

ALTER TABLE ONLY public.pick_run_order
    ADD CONSTRAINT pick_run_order_tote_once UNIQUE (run_id, tote);

ALTER TABLE ONLY public.pick_run
    ADD CONSTRAINT pick_run_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.picker
    ADD CONSTRAINT picker_badge_once UNIQUE (badge);

ALTER TABLE ONLY public.picker
    ADD CONSTRAINT picker_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.picker_session
    ADD CONSTRAINT picker_session_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.product_mark
    ADD CONSTRAINT product_mark_pkey PRIMARY KEY (merchant_id, ki);

ALTER TABLE ONLY public.product_mark_use
    ADD CONSTRAINT product_mark_use_pkey PRIMARY KEY (merchant_id, ki, line_id);

ALTER TABLE ONLY public.product
    ADD CONSTRAINT product_pkey PRIMARY KEY (merchant_id, sku);

ALTER TABLE ONLY public.product_substitute
    ADD CONSTRAINT product_substitute_pkey PRIMARY KEY (merchant_id, sku, with_sku);

ALTER TABLE public.product
    ADD CONSTRAINT product_vat_known CHECK ((vat = ANY (ARRAY['standard'::text, 'reduced'::text, 'zero'::text, 'none'::text, 'five'::text, 'seven'::text, 'unknown'::text]))) NOT VALID;

ALTER TABLE ONLY public.receipt_due
    ADD CONSTRAINT receipt_due_once UNIQUE NULLS NOT DISTINCT (order_id, kind, base_id);

ALTER TABLE ONLY public.receipt_due
    ADD CONSTRAINT receipt_due_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reconciliation_listed
    ADD CONSTRAINT reconciliation_listed_pkey PRIMARY KEY (run_id, order_ref);

ALTER TABLE ONLY public.reconciliation_mismatch
    ADD CONSTRAINT reconciliation_mismatch_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reconciliation
    ADD CONSTRAINT reconciliation_pkey PRIMARY KEY (account_id);

ALTER TABLE ONLY public.reconciliation_run
    ADD CONSTRAINT reconciliation_run_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.replay_row
    ADD CONSTRAINT replay_row_pkey PRIMARY KEY (run_id, old_id);

ALTER TABLE ONLY public.replay_run
    ADD CONSTRAINT replay_run_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.rule_run
    ADD CONSTRAINT rule_run_pkey PRIMARY KEY (rule);

ALTER TABLE ONLY public.rule_threshold
    ADD CONSTRAINT rule_threshold_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sale_change_line
    ADD CONSTRAINT sale_change_line_pkey PRIMARY KEY (change_id, line_id);

ALTER TABLE ONLY public.sale_change
    ADD CONSTRAINT sale_change_once UNIQUE (order_id, source);

ALTER TABLE ONLY public.sale_change
    ADD CONSTRAINT sale_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sale_doubt
    ADD CONSTRAINT sale_doubt_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY public.sale_hold
    ADD CONSTRAINT sale_hold_pkey PRIMARY KEY (order_id);

ALTER TABLE ONLY public.sale_waiver
    ADD CONSTRAINT sale_waiver_pkey PRIMARY KEY (order_id, problem);

ALTER TABLE ONLY public.scan
    ADD CONSTRAINT scan_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.schema_migration
    ADD CONSTRAINT schema_migration_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT settlement_document_id_key UNIQUE (document_id);

ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT settlement_file_once UNIQUE (account_id, kind, sha256);

ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT settlement_number_once UNIQUE (account_id, kind, number);

ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT settlement_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.settlement_row
    ADD CONSTRAINT settlement_row_pkey PRIMARY KEY (settlement_id, "row");

ALTER TABLE ONLY public.shift_pause
    ADD CONSTRAINT shift_pause_pkey PRIMARY KEY (shift_id, started_at);

ALTER TABLE ONLY public.shift
    ADD CONSTRAINT shift_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.staff_change
    ADD CONSTRAINT staff_change_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.store_aisle
    ADD CONSTRAINT store_aisle_pkey PRIMARY KEY (store_id, aisle);

ALTER TABLE ONLY public.store_away
    ADD CONSTRAINT store_away_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY public.store
    ADD CONSTRAINT store_code_once_per_merchant UNIQUE (merchant_id, code);

ALTER TABLE ONLY public.store_hour
    ADD CONSTRAINT store_hour_pkey PRIMARY KEY (store_id, hour, account_id);

ALTER TABLE ONLY public.store_label
    ADD CONSTRAINT store_label_pkey PRIMARY KEY (store_id, "position");

ALTER TABLE ONLY public.store_pace
    ADD CONSTRAINT store_pace_pkey PRIMARY KEY (store_id);

ALTER TABLE ONLY public.store
    ADD CONSTRAINT store_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.store_place
    ADD CONSTRAINT store_place_pkey PRIMARY KEY (store_id, code);

ALTER TABLE ONLY public.store_product
    ADD CONSTRAINT store_product_pkey PRIMARY KEY (store_id, sku);

ALTER TABLE ONLY public.store_tolerance
    ADD CONSTRAINT store_tolerance_pkey PRIMARY KEY (store_id, category);

ALTER TABLE ONLY public.stored_file
    ADD CONSTRAINT stored_file_pkey PRIMARY KEY (sha256);

ALTER TABLE ONLY public.telegram_archive
    ADD CONSTRAINT telegram_archive_pkey PRIMARY KEY (id, sent_at);

ALTER TABLE ONLY public.telegram_archive_rest
    ADD CONSTRAINT telegram_archive_rest_pkey PRIMARY KEY (id, sent_at);

ALTER TABLE ONLY public.telegram_audit
    ADD CONSTRAINT telegram_audit_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telegram_bot
    ADD CONSTRAINT telegram_bot_pkey PRIMARY KEY (bot_id);

ALTER TABLE ONLY public.telegram_chat
    ADD CONSTRAINT telegram_chat_pkey PRIMARY KEY (chat_id);

ALTER TABLE ONLY public.telegram_link
    ADD CONSTRAINT telegram_link_pkey PRIMARY KEY (code_hash);

ALTER TABLE ONLY public.telegram_message
    ADD CONSTRAINT telegram_message_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telegram_outbox
    ADD CONSTRAINT telegram_outbox_pkey PRIMARY KEY (queue, id);

ALTER TABLE ONLY public.telegram_pace
    ADD CONSTRAINT telegram_pace_pkey PRIMARY KEY (chat_id);

ALTER TABLE ONLY public.telegram_person
    ADD CONSTRAINT telegram_person_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.telegram_route
    ADD CONSTRAINT telegram_route_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.telegram_stranger_chat
    ADD CONSTRAINT telegram_stranger_chat_pkey PRIMARY KEY (chat_id);

ALTER TABLE ONLY public.telegram_update
    ADD CONSTRAINT telegram_update_pkey PRIMARY KEY (bot_id, update_id);

ALTER TABLE ONLY public.tick
    ADD CONSTRAINT tick_pkey PRIMARY KEY (job, due_at);

ALTER TABLE ONLY public.timeline
    ADD CONSTRAINT timeline_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.unmapped
    ADD CONSTRAINT unmapped_pkey PRIMARY KEY (inbox_id, kind, theirs);

ALTER TABLE ONLY public.vat_rate
    ADD CONSTRAINT vat_rate_pkey PRIMARY KEY (code, valid_from);

ALTER TABLE ONLY public.watched_expiry
    ADD CONSTRAINT watched_expiry_pkey PRIMARY KEY (host, what);

CREATE INDEX account_call_at_idx ON public.account_call USING btree (at);

CREATE INDEX account_call_recent_idx ON public.account_call USING btree (account_id, at);

CREATE INDEX account_event_account_idx ON public.account_event USING btree (account_id, id);

CREATE INDEX account_mapping_ours_idx ON public.account_mapping USING btree (account_id, kind, ours);

CREATE UNIQUE INDEX alarm_letter_one_unsent ON public.alarm_letter USING btree (way) WHERE (sent_at IS NULL);

CREATE INDEX alarm_letter_sent_idx ON public.alarm_letter USING btree (way, sent_at);

CREATE INDEX alarm_open_idx ON public.alarm USING btree (way) WHERE (state <> 'over'::text);

CREATE UNIQUE INDEX bag_code_live_once ON public.bag USING btree (store_id, code) WHERE (state = ANY (ARRAY['open'::text, 'sealed'::text, 'staged'::text]));

CREATE INDEX bag_order_idx ON public.bag USING btree (order_id, "position");

CREATE INDEX bag_staged_idx ON public.bag USING btree (store_id, place) WHERE (state = 'staged'::text);

CREATE UNIQUE INDEX cell_move_one_out ON public.cell_move USING btree (side) WHERE ((side = 'out'::text) AND (finished_at IS NULL));

CREATE INDEX device_store_idx ON public.device USING btree (store_id);

CREATE INDEX document_base_idx ON public.document USING btree (base_id) WHERE (base_id IS NOT NULL);

CREATE INDEX document_file_sha256_idx ON public.document_file USING btree (sha256);

CREATE INDEX document_issued_idx ON public.document USING btree (issued_on, id);

CREATE INDEX document_store_issued_idx ON public.document USING btree (store_id, issued_on);

CREATE INDEX erp_attempt_delivery_idx ON public.erp_attempt USING btree (delivery_id);

CREATE INDEX erp_attempt_destination_idx ON public.erp_attempt USING btree (destination_id, at);

CREATE INDEX erp_delivery_document_idx ON public.erp_delivery USING btree (document_id);

CREATE UNIQUE INDEX erp_delivery_issued_once ON public.erp_delivery USING btree (destination_id, document_id) WHERE (cause = 'issued'::text);

CREATE INDEX erp_delivery_new_idx ON public.erp_delivery USING btree (destination_id, seq) WHERE (pulled AND ("position" IS NULL));

CREATE INDEX erp_delivery_outstanding_idx ON public.erp_delivery USING btree (destination_id, created_at) WHERE ((acknowledged_at IS NULL) AND ((sent_at IS NULL) OR pulled));

CREATE UNIQUE INDEX erp_delivery_position_once ON public.erp_delivery USING btree (destination_id, "position") WHERE ("position" IS NOT NULL);

CREATE INDEX erp_delivery_refused_idx ON public.erp_delivery USING btree (destination_id, refused_at) WHERE (refused_at IS NOT NULL);

CREATE INDEX erp_delivery_unacknowledged_idx ON public.erp_delivery USING btree (destination_id, "position") WHERE (("position" IS NOT NULL) AND (acknowledged_at IS NULL));

CREATE UNIQUE INDEX erp_destination_code_once ON public.erp_destination USING btree (code) WHERE (removed_at IS NULL);

CREATE INDEX erp_destination_merchant_idx ON public.erp_destination USING btree (merchant_id) WHERE (removed_at IS NULL);

CREATE UNIQUE INDEX erp_destination_token_once ON public.erp_destination USING btree (token_hash) WHERE ((removed_at IS NULL) AND (token_hash IS NOT NULL));

CREATE INDEX queue_item_turn_idx ON ONLY public.queue_item USING btree (account_id, LEAST(attempts, (1)::smallint), due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX erp_outbox_account_id_least_due_at_seq_idx ON public.erp_outbox USING btree (account_id, LEAST(attempts, (1)::smallint), due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX erp_outbox_destination_idx ON public.erp_outbox USING btree (destination_id, due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX queue_item_replaying_idx ON ONLY public.queue_item USING btree (due_at) WHERE ((replay_of IS NOT NULL) AND (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text])));

CREATE INDEX erp_outbox_due_at_idx ON public.erp_outbox USING btree (due_at) WHERE ((replay_of IS NOT NULL) AND (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text])));

CREATE INDEX queue_item_due_idx ON ONLY public.queue_item USING btree (due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX erp_outbox_due_at_seq_idx ON public.erp_outbox USING btree (due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX queue_item_fifo_idx ON ONLY public.queue_item USING btree (fifo_key, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX erp_outbox_fifo_key_seq_idx ON public.erp_outbox USING btree (fifo_key, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX queue_item_dead_idx ON ONLY public.queue_item USING btree (finished_at) WHERE (state = 'dead'::text);

CREATE INDEX erp_outbox_finished_at_idx ON public.erp_outbox USING btree (finished_at) WHERE (state = 'dead'::text);

CREATE INDEX erp_outbox_finished_idx ON public.erp_outbox USING btree (COALESCE(account_id, destination_id), created_at, seq) WHERE (state = ANY (ARRAY['done'::text, 'dead'::text, 'superseded'::text]));

CREATE INDEX queue_item_replay_idx ON ONLY public.queue_item USING btree (replay_of) WHERE (replay_of IS NOT NULL);

CREATE INDEX erp_outbox_replay_of_idx ON public.erp_outbox USING btree (replay_of) WHERE (replay_of IS NOT NULL);

CREATE INDEX event_outbox_account_id_least_due_at_seq_idx ON public.event_outbox USING btree (account_id, LEAST(attempts, (1)::smallint), due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX event_outbox_destination_idx ON public.event_outbox USING btree (destination_id, due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX event_outbox_due_at_idx ON public.event_outbox USING btree (due_at) WHERE ((replay_of IS NOT NULL) AND (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text])));

CREATE INDEX event_outbox_due_at_seq_idx ON public.event_outbox USING btree (due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX event_outbox_fifo_key_seq_idx ON public.event_outbox USING btree (fifo_key, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX event_outbox_finished_at_idx ON public.event_outbox USING btree (finished_at) WHERE (state = 'dead'::text);

CREATE INDEX event_outbox_replay_of_idx ON public.event_outbox USING btree (replay_of) WHERE (replay_of IS NOT NULL);

CREATE INDEX help_request_open_idx ON public.help_request USING btree (store_id, at) WHERE (closed_at IS NULL);

CREATE INDEX hook_minute_minute_idx ON public.hook_minute USING btree (minute);

CREATE INDEX inbox_account_id_least_due_at_seq_idx ON public.inbox USING btree (account_id, LEAST(attempts, (1)::smallint), due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX inbox_due_at_idx ON public.inbox USING btree (due_at) WHERE ((replay_of IS NOT NULL) AND (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text])));

CREATE INDEX inbox_due_at_seq_idx ON public.inbox USING btree (due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX inbox_fifo_key_seq_idx ON public.inbox USING btree (fifo_key, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX inbox_finished_at_idx ON public.inbox USING btree (finished_at) WHERE (state = 'dead'::text);

CREATE INDEX inbox_finished_idx ON public.inbox USING btree (COALESCE(account_id, destination_id), created_at, seq) WHERE (state = ANY (ARRAY['done'::text, 'dead'::text, 'superseded'::text]));

CREATE INDEX inbox_refused_account_idx ON public.inbox_refused USING btree (account, at, id);

CREATE INDEX inbox_refused_at_idx ON public.inbox_refused USING btree (at);

CREATE INDEX inbox_refused_reason_idx ON public.inbox_refused USING btree (reason, at, id);

CREATE INDEX inbox_replay_of_idx ON public.inbox USING btree (replay_of) WHERE (replay_of IS NOT NULL);

CREATE INDEX incident_alive_idx ON public.incident USING btree (id) WHERE (state <> 'resolved'::text);

CREATE INDEX incident_event_incident_idx ON public.incident_event USING btree (incident_id, id);

CREATE UNIQUE INDEX incident_live_once ON public.incident USING btree (rule, subject) WHERE (state <> 'resolved'::text);

CREATE INDEX incident_mute_live_idx ON public.incident_mute USING btree (until) WHERE (ended_at IS NULL);

CREATE INDEX incident_order_idx ON public.incident USING btree (order_id) WHERE (order_id IS NOT NULL);

CREATE INDEX incident_parent_idx ON public.incident USING btree (parent_id) WHERE (parent_id IS NOT NULL);

CREATE INDEX incident_post_chat_idx ON public.incident_post USING btree (chat_id, incident_id);

CREATE INDEX incident_post_message_idx ON public.incident_post USING btree (chat_id, telegram_id);

CREATE INDEX incident_recent_idx ON public.incident USING btree (resolved_at) WHERE (state = 'resolved'::text);

CREATE INDEX incident_silencer_idx ON public.incident USING btree (silenced_by) WHERE (silenced_by IS NOT NULL);

CREATE INDEX incident_unheard_idx ON public.incident USING btree (resolved_at) WHERE ((fired_at IS NULL) AND (state = 'resolved'::text));

CREATE INDEX integrator_attempt_delivery_idx ON public.integrator_attempt USING btree (delivery_id);

CREATE UNIQUE INDEX integrator_code_once ON public.integrator USING btree (code) WHERE (removed_at IS NULL);

CREATE INDEX integrator_delivery_event_idx ON public.integrator_delivery USING btree (event_id);

CREATE INDEX integrator_delivery_integrator_idx ON public.integrator_delivery USING btree (integrator_id, seq);

CREATE INDEX integrator_event_age_idx ON public.integrator_event USING btree (occurred_at);

CREATE INDEX integrator_event_order_idx ON public.integrator_event USING btree (order_id);

CREATE INDEX integrator_merchant_idx ON public.integrator USING btree (merchant_id) WHERE (removed_at IS NULL);

CREATE INDEX operation_undo_idx ON public.operation USING btree (order_id, version DESC) WHERE (before IS NOT NULL);

CREATE INDEX order_hour_cell_idx ON public.order_hour USING btree (store_id, hour, account_id);

CREATE INDEX order_line_decide_idx ON public.order_line USING btree (decide_by) WHERE (state = 'proposed'::text);

CREATE INDEX order_line_order_idx ON public.order_line USING btree (order_id, "position");

CREATE UNIQUE INDEX order_line_sku_once_idx ON public.order_line USING btree (order_id, external_id) WHERE (reason IS DISTINCT FROM 'withdrawn'::text);

CREATE INDEX order_line_without_codes_idx ON public.order_line USING btree (id) WHERE ((barcodes = '{}'::text[]) AND (plu IS NULL));

CREATE INDEX orders_active_idx ON public.orders USING btree (store_id, due_at) WHERE (state = ANY (ARRAY['received'::text, 'accepted'::text, 'picking'::text, 'picked'::text, 'ready'::text, 'handed_over'::text]));

CREATE INDEX orders_external_id_idx ON public.orders USING btree (external_id);

CREATE INDEX orders_implied_idx ON public.orders USING btree (COALESCE(handed_over_at, delivered_at)) WHERE implied;

CREATE INDEX orders_no_response_idx ON public.orders USING btree (ended_at) WHERE (cancel_reason = 'no_response'::text);

CREATE INDEX orders_number_idx ON public.orders USING btree (number);

CREATE INDEX orders_putback_idx ON public.orders USING btree (store_id) WHERE (putback = 'due'::text);

CREATE INDEX orders_sale_due_idx ON public.orders USING btree (delivered_at) WHERE sale_due;

CREATE INDEX orders_stepped_idx ON public.orders USING btree (GREATEST(picking_at, picked_at, ready_at, handed_over_at));

CREATE INDEX orders_sum_apart_idx ON public.orders USING btree (GREATEST(delivered_at, paid_at)) WHERE (paid_total <> (final_total - discount));

CREATE UNIQUE INDEX outbound_hold_one ON public.outbound_hold USING btree ((true)) WHERE (released_at IS NULL);

CREATE INDEX outbox_account_id_least_due_at_seq_idx ON public.outbox USING btree (account_id, LEAST(attempts, (1)::smallint), due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX outbox_account_idx ON public.outbox USING btree (account_id, created_at) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX outbox_attempt_recent_idx ON public.outbox_attempt USING btree (account_id, at);

CREATE INDEX outbox_due_at_idx ON public.outbox USING btree (due_at) WHERE ((replay_of IS NOT NULL) AND (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text])));

CREATE INDEX outbox_due_at_seq_idx ON public.outbox USING btree (due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX outbox_fifo_key_seq_idx ON public.outbox USING btree (fifo_key, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX outbox_finished_at_idx ON public.outbox USING btree (finished_at) WHERE (state = 'dead'::text);

CREATE INDEX outbox_finished_idx ON public.outbox USING btree (COALESCE(account_id, destination_id), created_at, seq) WHERE (state = ANY (ARRAY['done'::text, 'dead'::text, 'superseded'::text]));

CREATE INDEX outbox_message_order_idx ON public.outbox_message USING btree (order_id, id);

CREATE INDEX outbox_replay_of_idx ON public.outbox USING btree (replay_of) WHERE (replay_of IS NOT NULL);

CREATE INDEX pick_job_holder_idx ON public.pick_job USING btree (picker_id) WHERE (state = ANY (ARRAY['claimed'::text, 'active'::text, 'paused'::text]));

CREATE UNIQUE INDEX pick_run_one_open_idx ON public.pick_run USING btree (picker_id) WHERE (finished_at IS NULL);

CREATE INDEX picker_session_device_idx ON public.picker_session USING btree (device) WHERE (ended_at IS NULL);

CREATE INDEX picker_session_picker_idx ON public.picker_session USING btree (picker_id) WHERE (ended_at IS NULL);

CREATE INDEX picker_store_idx ON public.picker USING btree (store_id);

CREATE INDEX product_barcode_idx ON public.product USING gin (barcodes);

CREATE INDEX product_plu_idx ON public.product USING btree (merchant_id, plu) WHERE (plu IS NOT NULL);

CREATE INDEX product_words_idx ON public.product USING gin (public.product_words(name));

CREATE INDEX receipt_due_idx ON public.receipt_due USING btree (occurred_at, id) WHERE (document_id IS NULL);

CREATE UNIQUE INDEX reconciliation_mismatch_once ON public.reconciliation_mismatch USING btree (account_id, order_ref, kind) WHERE (resolved_at IS NULL);

CREATE INDEX reconciliation_mismatch_over_idx ON public.reconciliation_mismatch USING btree (resolved_at) WHERE (resolved_at IS NOT NULL);

CREATE INDEX reconciliation_run_account_idx ON public.reconciliation_run USING btree (account_id, started_at);

CREATE INDEX reconciliation_run_age_idx ON public.reconciliation_run USING btree (finished_at);

CREATE INDEX replay_run_running_idx ON public.replay_run USING btree (paced_at) WHERE (state = 'running'::text);

CREATE UNIQUE INDEX rule_threshold_once ON public.rule_threshold USING btree (rule, merchant_id, store_id, account_id, from_hour) NULLS NOT DISTINCT;

CREATE INDEX sale_change_due_idx ON public.sale_change USING btree (seq) WHERE (document_id IS NULL);

CREATE INDEX sale_hold_store_idx ON public.sale_hold USING btree (store_id, since);

CREATE INDEX scan_order_idx ON public.scan USING btree (order_id, id);

CREATE INDEX settlement_open_idx ON public.settlement USING btree (account_id) WHERE ((differing > 0) OR ((kind = 'commission'::text) AND (document_id IS NULL)));

CREATE INDEX settlement_row_order_idx ON public.settlement_row USING btree (order_ref);

CREATE INDEX shift_ended_idx ON public.shift USING btree (ended_at) WHERE (ended_at IS NOT NULL);

CREATE UNIQUE INDEX shift_one_open_idx ON public.shift USING btree (picker_id) WHERE (ended_at IS NULL);

CREATE UNIQUE INDEX shift_pause_one_open_idx ON public.shift_pause USING btree (shift_id) WHERE (ended_at IS NULL);

CREATE INDEX shift_running_idx ON public.shift USING btree (store_id) WHERE (ended_at IS NULL);

CREATE INDEX staff_change_at_idx ON public.staff_change USING btree (at);

CREATE INDEX staff_change_picker_idx ON public.staff_change USING btree (picker_id) WHERE (picker_id IS NOT NULL);

CREATE INDEX store_hour_hour_idx ON public.store_hour USING btree (hour);

CREATE INDEX telegram_archive_incident_idx ON ONLY public.telegram_archive USING btree (incident_id) WHERE (incident_id IS NOT NULL);

CREATE INDEX telegram_archive_rest_incident_id_idx ON public.telegram_archive_rest USING btree (incident_id) WHERE (incident_id IS NOT NULL);

CREATE INDEX telegram_archive_sent_idx ON ONLY public.telegram_archive USING btree (sent_at);

CREATE INDEX telegram_archive_rest_sent_at_idx ON public.telegram_archive_rest USING btree (sent_at);

CREATE INDEX telegram_audit_at_idx ON public.telegram_audit USING btree (at);

CREATE INDEX telegram_audit_guess_idx ON public.telegram_audit USING btree (at) WHERE ((kind = 'link'::text) AND (outcome = 'wrong'::text));

CREATE UNIQUE INDEX telegram_audit_stranger_once ON public.telegram_audit USING btree (user_id, (((at AT TIME ZONE 'UTC'::text))::date)) WHERE (kind = 'stranger'::text);

CREATE UNIQUE INDEX telegram_message_post_once ON public.telegram_message USING btree (incident_id, chat_id) WHERE (kind = 'incident'::text);

CREATE INDEX telegram_outbox_account_id_least_due_at_seq_idx ON public.telegram_outbox USING btree (account_id, LEAST(attempts, (1)::smallint), due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX telegram_outbox_due_at_idx ON public.telegram_outbox USING btree (due_at) WHERE ((replay_of IS NOT NULL) AND (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text])));

CREATE INDEX telegram_outbox_due_at_seq_idx ON public.telegram_outbox USING btree (due_at, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX telegram_outbox_fifo_key_seq_idx ON public.telegram_outbox USING btree (fifo_key, seq) WHERE (state = ANY (ARRAY['waiting'::text, 'leased'::text, 'parked'::text]));

CREATE INDEX telegram_outbox_finished_at_idx ON public.telegram_outbox USING btree (finished_at) WHERE (state = 'dead'::text);

CREATE INDEX telegram_outbox_replay_of_idx ON public.telegram_outbox USING btree (replay_of) WHERE (replay_of IS NOT NULL);

CREATE UNIQUE INDEX telegram_route_once ON public.telegram_route USING btree (merchant_id, store_id, class, step, chat_id) NULLS NOT DISTINCT;

CREATE INDEX telegram_update_received_idx ON public.telegram_update USING btree (bot_id, received_at, update_id);

CREATE INDEX telegram_update_waiting_idx ON public.telegram_update USING btree (update_id) WHERE (done_at IS NULL);

CREATE INDEX timeline_contradicts_idx ON public.timeline USING btree (at) WHERE (detail ? 'contradicts'::text);

CREATE INDEX timeline_order_idx ON public.timeline USING btree (order_id, id);

CREATE INDEX timeline_person_idx ON public.timeline USING btree (actor, at) WHERE (kind = 'picker'::text);

CREATE INDEX unmapped_word_idx ON public.unmapped USING btree (account_id, kind, theirs);

ALTER INDEX public.queue_item_turn_idx ATTACH PARTITION public.erp_outbox_account_id_least_due_at_seq_idx;

ALTER INDEX public.queue_item_replaying_idx ATTACH PARTITION public.erp_outbox_due_at_idx;

ALTER INDEX public.queue_item_due_idx ATTACH PARTITION public.erp_outbox_due_at_seq_idx;

ALTER INDEX public.queue_item_fifo_idx ATTACH PARTITION public.erp_outbox_fifo_key_seq_idx;

ALTER INDEX public.queue_item_dead_idx ATTACH PARTITION public.erp_outbox_finished_at_idx;

ALTER INDEX public.queue_item_pkey ATTACH PARTITION public.erp_outbox_pkey;

ALTER INDEX public.queue_item_replay_idx ATTACH PARTITION public.erp_outbox_replay_of_idx;

ALTER INDEX public.queue_item_turn_idx ATTACH PARTITION public.event_outbox_account_id_least_due_at_seq_idx;

ALTER INDEX public.queue_item_replaying_idx ATTACH PARTITION public.event_outbox_due_at_idx;

ALTER INDEX public.queue_item_due_idx ATTACH PARTITION public.event_outbox_due_at_seq_idx;

ALTER INDEX public.queue_item_fifo_idx ATTACH PARTITION public.event_outbox_fifo_key_seq_idx;

ALTER INDEX public.queue_item_dead_idx ATTACH PARTITION public.event_outbox_finished_at_idx;

ALTER INDEX public.queue_item_pkey ATTACH PARTITION public.event_outbox_pkey;

ALTER INDEX public.queue_item_replay_idx ATTACH PARTITION public.event_outbox_replay_of_idx;

ALTER INDEX public.queue_item_turn_idx ATTACH PARTITION public.inbox_account_id_least_due_at_seq_idx;

ALTER INDEX public.queue_item_replaying_idx ATTACH PARTITION public.inbox_due_at_idx;

ALTER INDEX public.queue_item_due_idx ATTACH PARTITION public.inbox_due_at_seq_idx;

ALTER INDEX public.queue_item_fifo_idx ATTACH PARTITION public.inbox_fifo_key_seq_idx;

ALTER INDEX public.queue_item_dead_idx ATTACH PARTITION public.inbox_finished_at_idx;

ALTER INDEX public.queue_item_pkey ATTACH PARTITION public.inbox_pkey;

ALTER INDEX public.queue_item_replay_idx ATTACH PARTITION public.inbox_replay_of_idx;

ALTER INDEX public.queue_item_turn_idx ATTACH PARTITION public.outbox_account_id_least_due_at_seq_idx;

ALTER INDEX public.queue_item_replaying_idx ATTACH PARTITION public.outbox_due_at_idx;

ALTER INDEX public.queue_item_due_idx ATTACH PARTITION public.outbox_due_at_seq_idx;

ALTER INDEX public.queue_item_fifo_idx ATTACH PARTITION public.outbox_fifo_key_seq_idx;

ALTER INDEX public.queue_item_dead_idx ATTACH PARTITION public.outbox_finished_at_idx;

ALTER INDEX public.queue_item_pkey ATTACH PARTITION public.outbox_pkey;

ALTER INDEX public.queue_item_replay_idx ATTACH PARTITION public.outbox_replay_of_idx;

ALTER INDEX public.telegram_archive_incident_idx ATTACH PARTITION public.telegram_archive_rest_incident_id_idx;

ALTER INDEX public.telegram_archive_pkey ATTACH PARTITION public.telegram_archive_rest_pkey;

ALTER INDEX public.telegram_archive_sent_idx ATTACH PARTITION public.telegram_archive_rest_sent_at_idx;

ALTER INDEX public.queue_item_turn_idx ATTACH PARTITION public.telegram_outbox_account_id_least_due_at_seq_idx;

ALTER INDEX public.queue_item_replaying_idx ATTACH PARTITION public.telegram_outbox_due_at_idx;

ALTER INDEX public.queue_item_due_idx ATTACH PARTITION public.telegram_outbox_due_at_seq_idx;

ALTER INDEX public.queue_item_fifo_idx ATTACH PARTITION public.telegram_outbox_fifo_key_seq_idx;

ALTER INDEX public.queue_item_dead_idx ATTACH PARTITION public.telegram_outbox_finished_at_idx;

ALTER INDEX public.queue_item_pkey ATTACH PARTITION public.telegram_outbox_pkey;

ALTER INDEX public.queue_item_replay_idx ATTACH PARTITION public.telegram_outbox_replay_of_idx;

CREATE TRIGGER account_party AFTER UPDATE OF buyer ON public.account FOR EACH ROW WHEN ((old.buyer IS DISTINCT FROM new.buyer)) EXECUTE FUNCTION public.note_party('buyer');

CREATE TRIGGER document_changes_here AFTER UPDATE ON public.document REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.must_be_here();

CREATE TRIGGER document_comes_here AFTER INSERT ON public.document REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.must_be_here();

CREATE TRIGGER erp_outbox_stays_held BEFORE UPDATE OF due_at ON public.erp_outbox FOR EACH ROW WHEN (((old.due_at > (now() + '50 years'::interval)) AND (new.due_at < (now() + '50 years'::interval)) AND (current_setting('hub.mover'::text, true) IS DISTINCT FROM 'on'::text))) EXECUTE FUNCTION public.stays_held();

CREATE TRIGGER event_outbox_stays_held BEFORE UPDATE OF due_at ON public.event_outbox FOR EACH ROW WHEN (((old.due_at > (now() + '50 years'::interval)) AND (new.due_at < (now() + '50 years'::interval)) AND (current_setting('hub.mover'::text, true) IS DISTINCT FROM 'on'::text))) EXECUTE FUNCTION public.stays_held();

CREATE TRIGGER help_request_changes_here AFTER UPDATE ON public.help_request REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.must_be_here();

CREATE TRIGGER help_request_comes_here AFTER INSERT ON public.help_request REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.must_be_here();

CREATE TRIGGER merchant_party AFTER UPDATE OF requisites ON public.merchant FOR EACH ROW WHEN ((old.requisites IS DISTINCT FROM new.requisites)) EXECUTE FUNCTION public.note_party('requisites');

CREATE TRIGGER orders_change AFTER INSERT OR UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.note_order_change();

CREATE TRIGGER orders_end_jobs AFTER UPDATE OF state ON public.orders FOR EACH ROW WHEN ((new.state <> ALL (ARRAY['received'::text, 'accepted'::text, 'picking'::text, 'picked'::text]))) EXECUTE FUNCTION public.end_pick_jobs();

CREATE TRIGGER pick_job_change AFTER INSERT OR UPDATE ON public.pick_job FOR EACH ROW EXECUTE FUNCTION public.note_claim_change();

CREATE TRIGGER pick_run_changes_here AFTER UPDATE ON public.pick_run REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.must_be_here();

CREATE TRIGGER pick_run_comes_here AFTER INSERT ON public.pick_run REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.must_be_here();

CREATE TRIGGER sale_change_changes_here AFTER UPDATE ON public.sale_change REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.must_be_here();

CREATE TRIGGER sale_change_comes_here AFTER INSERT ON public.sale_change REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.must_be_here();

CREATE TRIGGER sale_waiver_comes_here AFTER INSERT ON public.sale_waiver REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.order_must_be_here();

CREATE TRIGGER settlement_changes_here AFTER UPDATE ON public.settlement REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.account_must_be_here();

CREATE TRIGGER settlement_comes_here AFTER INSERT ON public.settlement REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.account_must_be_here();

CREATE TRIGGER shift_changes_here AFTER UPDATE ON public.shift REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.must_be_here();

CREATE TRIGGER shift_comes_here AFTER INSERT ON public.shift REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION public.must_be_here();

CREATE TRIGGER store_party AFTER UPDATE OF requisites ON public.store FOR EACH ROW WHEN ((old.requisites IS DISTINCT FROM new.requisites)) EXECUTE FUNCTION public.note_party('requisites');

CREATE TRIGGER store_resumed BEFORE UPDATE OF paused ON public.store FOR EACH ROW WHEN ((old.paused AND (NOT new.paused))) EXECUTE FUNCTION public.note_resumption();

ALTER TABLE ONLY public.account_away
    ADD CONSTRAINT account_away_move_id_fkey FOREIGN KEY (move_id) REFERENCES public.cell_move(id);

ALTER TABLE ONLY public.account_call
    ADD CONSTRAINT account_call_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.account_credential
    ADD CONSTRAINT account_credential_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.account_event
    ADD CONSTRAINT account_event_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.account_gate
    ADD CONSTRAINT account_gate_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.account_mapping
    ADD CONSTRAINT account_mapping_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.account_store
    ADD CONSTRAINT account_store_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.account_store
    ADD CONSTRAINT account_store_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.account_token
    ADD CONSTRAINT account_token_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.alarm
    ADD CONSTRAINT alarm_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES public.incident(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.alarm
    ADD CONSTRAINT alarm_letter_id_fkey FOREIGN KEY (letter_id) REFERENCES public.alarm_letter(id);

ALTER TABLE ONLY public.alarm_letter
    ADD CONSTRAINT alarm_letter_way_fkey FOREIGN KEY (way) REFERENCES public.alarm_way(way);

ALTER TABLE ONLY public.alarm
    ADD CONSTRAINT alarm_way_fkey FOREIGN KEY (way) REFERENCES public.alarm_way(way);

ALTER TABLE ONLY public.api_client
    ADD CONSTRAINT api_client_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.bag
    ADD CONSTRAINT bag_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.digest
    ADD CONSTRAINT digest_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.telegram_chat(chat_id) ON UPDATE CASCADE ON DELETE CASCADE;

ALTER TABLE ONLY public.digest
    ADD CONSTRAINT digest_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.digest
    ADD CONSTRAINT digest_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_base_id_fkey FOREIGN KEY (base_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.document_counter
    ADD CONSTRAINT document_counter_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.document_file
    ADD CONSTRAINT document_file_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.document_file
    ADD CONSTRAINT document_file_sha256_fkey FOREIGN KEY (sha256) REFERENCES public.stored_file(sha256);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_kind_known FOREIGN KEY (kind) REFERENCES public.document_kind(kind);

ALTER TABLE ONLY public.document_line
    ADD CONSTRAINT document_line_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.document
    ADD CONSTRAINT document_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.erp_attempt
    ADD CONSTRAINT erp_attempt_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES public.erp_delivery(id);

ALTER TABLE ONLY public.erp_delivery
    ADD CONSTRAINT erp_delivery_destination_id_fkey FOREIGN KEY (destination_id) REFERENCES public.erp_destination(id);

ALTER TABLE ONLY public.erp_delivery
    ADD CONSTRAINT erp_delivery_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.erp_destination
    ADD CONSTRAINT erp_destination_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.help_request
    ADD CONSTRAINT help_request_closed_by_fkey FOREIGN KEY (closed_by) REFERENCES public.picker(id);

ALTER TABLE ONLY public.help_request
    ADD CONSTRAINT help_request_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.order_line(id);

ALTER TABLE ONLY public.help_request
    ADD CONSTRAINT help_request_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.help_request
    ADD CONSTRAINT help_request_picker_id_fkey FOREIGN KEY (picker_id) REFERENCES public.picker(id);

ALTER TABLE ONLY public.help_request
    ADD CONSTRAINT help_request_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.incident_event
    ADD CONSTRAINT incident_event_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES public.incident(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.incident
    ADD CONSTRAINT incident_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.incident_mute
    ADD CONSTRAINT incident_mute_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.incident_mute
    ADD CONSTRAINT incident_mute_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.incident_mute
    ADD CONSTRAINT incident_mute_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.incident
    ADD CONSTRAINT incident_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.incident(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.incident_post
    ADD CONSTRAINT incident_post_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.telegram_chat(chat_id) ON UPDATE CASCADE;

ALTER TABLE ONLY public.incident_post
    ADD CONSTRAINT incident_post_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES public.incident(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.incident
    ADD CONSTRAINT incident_silenced_by_fkey FOREIGN KEY (silenced_by) REFERENCES public.incident(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.integrator_attempt
    ADD CONSTRAINT integrator_attempt_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES public.integrator_delivery(id);

ALTER TABLE ONLY public.integrator_delivery
    ADD CONSTRAINT integrator_delivery_event_id_fkey FOREIGN KEY (event_id) REFERENCES public.integrator_event(id);

ALTER TABLE ONLY public.integrator_delivery
    ADD CONSTRAINT integrator_delivery_integrator_id_fkey FOREIGN KEY (integrator_id) REFERENCES public.integrator(id);

ALTER TABLE ONLY public.integrator
    ADD CONSTRAINT integrator_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.order_contact
    ADD CONSTRAINT order_contact_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.order_line
    ADD CONSTRAINT order_line_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.order_line
    ADD CONSTRAINT order_line_replaced_by_fkey FOREIGN KEY (replaced_by) REFERENCES public.order_line(id);

ALTER TABLE ONLY public.order_line
    ADD CONSTRAINT order_line_replaces_fkey FOREIGN KEY (replaces) REFERENCES public.order_line(id);

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

ALTER TABLE ONLY public.pick_job
    ADD CONSTRAINT pick_job_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.pick_run(id);

ALTER TABLE ONLY public.pick_run_order
    ADD CONSTRAINT pick_run_order_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.pick_run_order
    ADD CONSTRAINT pick_run_order_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.pick_run(id);

ALTER TABLE ONLY public.pick_run
    ADD CONSTRAINT pick_run_picker_id_fkey FOREIGN KEY (picker_id) REFERENCES public.picker(id);

ALTER TABLE ONLY public.pick_run
    ADD CONSTRAINT pick_run_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.picker_session
    ADD CONSTRAINT picker_session_device_fkey FOREIGN KEY (device) REFERENCES public.device(id);

ALTER TABLE ONLY public.picker_session
    ADD CONSTRAINT picker_session_picker_id_fkey FOREIGN KEY (picker_id) REFERENCES public.picker(id);

ALTER TABLE ONLY public.picker
    ADD CONSTRAINT picker_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.product_mark
    ADD CONSTRAINT product_mark_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.product_mark_use
    ADD CONSTRAINT product_mark_use_line_id_fkey FOREIGN KEY (line_id) REFERENCES public.order_line(id);

ALTER TABLE ONLY public.product_mark_use
    ADD CONSTRAINT product_mark_use_merchant_id_ki_fkey FOREIGN KEY (merchant_id, ki) REFERENCES public.product_mark(merchant_id, ki);

ALTER TABLE ONLY public.product_mark_use
    ADD CONSTRAINT product_mark_use_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.product
    ADD CONSTRAINT product_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.product_substitute
    ADD CONSTRAINT product_substitute_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.receipt_due
    ADD CONSTRAINT receipt_due_base_id_fkey FOREIGN KEY (base_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.receipt_due
    ADD CONSTRAINT receipt_due_kind_fkey FOREIGN KEY (kind) REFERENCES public.document_kind(kind);

ALTER TABLE ONLY public.reconciliation
    ADD CONSTRAINT reconciliation_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reconciliation_listed
    ADD CONSTRAINT reconciliation_listed_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.reconciliation_run(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reconciliation_mismatch
    ADD CONSTRAINT reconciliation_mismatch_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reconciliation_run
    ADD CONSTRAINT reconciliation_run_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.replay_row
    ADD CONSTRAINT replay_row_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.replay_run(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.rule_threshold
    ADD CONSTRAINT rule_threshold_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.rule_threshold
    ADD CONSTRAINT rule_threshold_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.rule_threshold
    ADD CONSTRAINT rule_threshold_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.sale_change
    ADD CONSTRAINT sale_change_kind_fkey FOREIGN KEY (kind) REFERENCES public.document_kind(kind);

ALTER TABLE ONLY public.sale_change_line
    ADD CONSTRAINT sale_change_line_change_id_fkey FOREIGN KEY (change_id) REFERENCES public.sale_change(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.scan
    ADD CONSTRAINT scan_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT settlement_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT settlement_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.document(id);

ALTER TABLE ONLY public.settlement
    ADD CONSTRAINT settlement_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.settlement_row
    ADD CONSTRAINT settlement_row_settlement_id_fkey FOREIGN KEY (settlement_id) REFERENCES public.settlement(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.shift_pause
    ADD CONSTRAINT shift_pause_shift_id_fkey FOREIGN KEY (shift_id) REFERENCES public.shift(id);

ALTER TABLE ONLY public.shift
    ADD CONSTRAINT shift_picker_id_fkey FOREIGN KEY (picker_id) REFERENCES public.picker(id);

ALTER TABLE ONLY public.shift
    ADD CONSTRAINT shift_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.staff_change
    ADD CONSTRAINT staff_change_device_id_fkey FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.staff_change
    ADD CONSTRAINT staff_change_picker_id_fkey FOREIGN KEY (picker_id) REFERENCES public.picker(id);

ALTER TABLE ONLY public.staff_change
    ADD CONSTRAINT staff_change_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.store_aisle
    ADD CONSTRAINT store_aisle_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.store_away
    ADD CONSTRAINT store_away_move_id_fkey FOREIGN KEY (move_id) REFERENCES public.cell_move(id);

ALTER TABLE ONLY public.store
    ADD CONSTRAINT store_cell_id_fkey FOREIGN KEY (cell_id) REFERENCES public.cell(id);

ALTER TABLE ONLY public.store_label
    ADD CONSTRAINT store_label_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.store
    ADD CONSTRAINT store_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.store_place
    ADD CONSTRAINT store_place_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.store_product
    ADD CONSTRAINT store_product_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.store_tolerance
    ADD CONSTRAINT store_tolerance_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.telegram_audit
    ADD CONSTRAINT telegram_audit_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.telegram_chat
    ADD CONSTRAINT telegram_chat_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.telegram_link
    ADD CONSTRAINT telegram_link_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.telegram_link
    ADD CONSTRAINT telegram_link_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.telegram_message
    ADD CONSTRAINT telegram_message_incident_id_fkey FOREIGN KEY (incident_id) REFERENCES public.incident(id);

ALTER TABLE ONLY public.telegram_person
    ADD CONSTRAINT telegram_person_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.telegram_person
    ADD CONSTRAINT telegram_person_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.telegram_route
    ADD CONSTRAINT telegram_route_chat_id_fkey FOREIGN KEY (chat_id) REFERENCES public.telegram_chat(chat_id) ON UPDATE CASCADE;

ALTER TABLE ONLY public.telegram_route
    ADD CONSTRAINT telegram_route_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES public.merchant(id);

ALTER TABLE ONLY public.telegram_route
    ADD CONSTRAINT telegram_route_store_id_fkey FOREIGN KEY (store_id) REFERENCES public.store(id);

ALTER TABLE ONLY public.unmapped
    ADD CONSTRAINT unmapped_account_id_fkey FOREIGN KEY (account_id) REFERENCES public.account(id);

