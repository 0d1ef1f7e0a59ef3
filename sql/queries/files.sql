-- name: note
-- The row of a content that is in its place now; the first one's media type stays.
-- $1 sha256, $2 size, $3 media_type
INSERT INTO stored_file (sha256, size, media_type) VALUES ($1, $2, $3)
ON CONFLICT (sha256) DO NOTHING;

-- name: stored
-- $1 sha256
SELECT sha256, size, media_type FROM stored_file WHERE sha256 = $1;

-- name: of_document
-- $1 document_id, $2 form, $3 language
SELECT stored_file.sha256, stored_file.size, stored_file.media_type
  FROM document_file
  JOIN stored_file USING (sha256)
 WHERE document_id = $1 AND form = $2 AND language = $3;

-- name: note_document
-- Whoever made it first is right. $1 document_id, $2 form, $3 language, $4 sha256
INSERT INTO document_file (document_id, form, language, sha256) VALUES ($1, $2, $3, $4)
ON CONFLICT (document_id, form, language) DO NOTHING;

-- name: replace_document
-- Another file in the place of one that was lost.
-- $1 document_id, $2 form, $3 language, $4 sha256, $5 the lost one
UPDATE document_file SET sha256 = $4, made_at = now()
 WHERE document_id = $1 AND form = $2 AND language = $3 AND sha256 = $5;

-- name: documents_with
-- Which documents say themselves in this file. $1 sha256
SELECT document_id, form, language FROM document_file
 WHERE sha256 = $1 ORDER BY made_at, document_id, form, language LIMIT 1;

-- name: stored_after
-- Contents in order of their digests. $1 sha256 to begin behind, $2 limit
SELECT sha256, size, media_type FROM stored_file WHERE sha256 > $1 ORDER BY sha256 LIMIT $2;

-- name: known
-- Which of these are ours. $1 digests
SELECT sha256 FROM stored_file WHERE sha256 = ANY ($1::text[]);
