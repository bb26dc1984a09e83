-- Four classes of table: log_* (the log itself), records (equal to the replay of the log),
-- blob* (raw files and manifests, checked by SHA-256), credential (never in the log).
-- A record table has the key and query columns that its message names in (lims.v1.record), the
-- log index of the event that wrote the row (etag), and the message itself.

-- Every event, clustered by stream: id = stream_no << 24 | pos, so a history is one range read.
CREATE TABLE log_event (
  id INTEGER PRIMARY KEY,
  entry TEXT NOT NULL
) STRICT;

CREATE TABLE log_stream (
  stream_no INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

-- Leaf hashes by global index, with the event they belong to.
CREATE TABLE log_leaf (
  log_index INTEGER PRIMARY KEY,
  event_id INTEGER NOT NULL,
  hash BLOB NOT NULL
) STRICT;

-- Complete subtrees above the leaves: id = level << 40 | n.
CREATE TABLE log_node (
  id INTEGER PRIMARY KEY,
  hash BLOB NOT NULL
) STRICT;

-- Published checkpoints (signed notes).
CREATE TABLE log_checkpoint (
  size INTEGER PRIMARY KEY,
  note TEXT NOT NULL
) STRICT;

-- Idempotency: which events a request made.
CREATE TABLE log_request (
  user_id TEXT NOT NULL,
  request_id TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  first_index INTEGER NOT NULL,
  event_count INTEGER NOT NULL,
  PRIMARY KEY (user_id, request_id)
) STRICT, WITHOUT ROWID;

-- A guard rail against slips, not the proof: the log grows and never changes.
CREATE TRIGGER log_event_update BEFORE UPDATE ON log_event BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_event_delete BEFORE DELETE ON log_event BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_stream_update BEFORE UPDATE ON log_stream BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_stream_delete BEFORE DELETE ON log_stream BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_leaf_update BEFORE UPDATE ON log_leaf BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_leaf_delete BEFORE DELETE ON log_leaf BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_node_update BEFORE UPDATE ON log_node BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_node_delete BEFORE DELETE ON log_node BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_checkpoint_update BEFORE UPDATE ON log_checkpoint BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_checkpoint_delete BEFORE DELETE ON log_checkpoint BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_request_update BEFORE UPDATE ON log_request BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;
CREATE TRIGGER log_request_delete BEFORE DELETE ON log_request BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;

-- Raw files and signed manifests by content. A blob row exists only when all its chunks do.
CREATE TABLE blob (
  sha256 TEXT PRIMARY KEY,
  size_bytes INTEGER NOT NULL,
  stored_us INTEGER NOT NULL
) STRICT;

CREATE TABLE blob_chunk (
  sha256 TEXT NOT NULL,
  n INTEGER NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (sha256, n)
) STRICT;

-- Argon2id string and the signing key sealed under the password. Its digest is in the log.
CREATE TABLE credential (
  user_id TEXT PRIMARY KEY,
  password_hash TEXT NOT NULL,
  sealed_key BLOB NOT NULL,
  expires_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE site (origin TEXT PRIMARY KEY, etag INTEGER NOT NULL, record BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE user (user_id TEXT PRIMARY KEY, state INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE terminal (certificate_sha256 TEXT PRIMARY KEY, name TEXT NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE product (product_id TEXT PRIMARY KEY, etag INTEGER NOT NULL, record BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE method (method_id TEXT NOT NULL, version INTEGER NOT NULL, state INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (method_id, version)) STRICT, WITHOUT ROWID;
CREATE TABLE specification (product_id TEXT NOT NULL, revision INTEGER NOT NULL, state INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (product_id, revision)) STRICT, WITHOUT ROWID;
CREATE TABLE specification_line (product_id TEXT NOT NULL, revision INTEGER NOT NULL, line_code TEXT NOT NULL, panel TEXT NOT NULL, position INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (product_id, revision, line_code)) STRICT, WITHOUT ROWID;
CREATE TABLE attestation_line (product_id TEXT NOT NULL, revision INTEGER NOT NULL, code TEXT NOT NULL, position INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (product_id, revision, code)) STRICT, WITHOUT ROWID;
CREATE TABLE fact_definition (product_id TEXT NOT NULL, revision INTEGER NOT NULL, fact TEXT NOT NULL, position INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (product_id, revision, fact)) STRICT, WITHOUT ROWID;
CREATE TABLE lot (lot_id TEXT PRIMARY KEY, disposition INTEGER NOT NULL, product_id TEXT NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE lot_fact (lot_id TEXT NOT NULL, fact TEXT NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (lot_id, fact)) STRICT, WITHOUT ROWID;
CREATE TABLE hold (lot_id TEXT NOT NULL, number INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (lot_id, number)) STRICT, WITHOUT ROWID;
CREATE TABLE sample (sample_id TEXT PRIMARY KEY, lot_id TEXT NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE run (run_id TEXT PRIMARY KEY, state INTEGER NOT NULL, method_id TEXT NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE run_position (run_id TEXT NOT NULL, position TEXT NOT NULL, target TEXT NOT NULL, lot_id TEXT NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (run_id, position, target)) STRICT, WITHOUT ROWID;
CREATE TABLE reading (run_id TEXT NOT NULL, number INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (run_id, number)) STRICT, WITHOUT ROWID;
CREATE TABLE attempt (lot_id TEXT NOT NULL, panel TEXT NOT NULL, number INTEGER NOT NULL, run_id TEXT NOT NULL, outcome INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (lot_id, panel, number)) STRICT, WITHOUT ROWID;
CREATE TABLE result (lot_id TEXT NOT NULL, line_code TEXT NOT NULL, attempt_number INTEGER NOT NULL, verdict INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (lot_id, line_code, attempt_number)) STRICT, WITHOUT ROWID;
CREATE TABLE review (lot_id TEXT NOT NULL, number INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (lot_id, number)) STRICT, WITHOUT ROWID;
CREATE TABLE signature (signature_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE attestation (lot_id TEXT NOT NULL, code TEXT NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (lot_id, code)) STRICT, WITHOUT ROWID;
CREATE TABLE release_decision (lot_id TEXT NOT NULL, number INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (lot_id, number)) STRICT, WITHOUT ROWID;

CREATE INDEX terminal_by_name ON terminal (name);
CREATE INDEX lot_by_disposition ON lot (disposition);
CREATE INDEX sample_by_lot ON sample (lot_id);
CREATE INDEX attempt_by_run ON attempt (run_id);
