-- Files: what is kept in the file store, and which file says a document in which form.

-- One row for each content. It is written after the file is in its place, so that whatever has a row
-- was once there whole; what a crash leaves between the two is a file nobody asks for.
CREATE TABLE stored_file (
    sha256     text COLLATE "C" PRIMARY KEY,
    size       bigint      NOT NULL,
    media_type text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT stored_file_sha256_is_hex CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT stored_file_size_not_negative CHECK (size >= 0)
);

-- A document never changes, so a form of it is made once. made_at: when these bytes were made; a file
-- that was lost is made anew.
CREATE TABLE document_file (
    document_id uuid NOT NULL REFERENCES document,
    form        text NOT NULL,
    language    text NOT NULL,
    sha256      text COLLATE "C" NOT NULL REFERENCES stored_file,
    made_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (document_id, form, language)
);
CREATE INDEX document_file_sha256_idx ON document_file (sha256);
