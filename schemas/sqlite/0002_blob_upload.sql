-- Files that were uploaded and that no event names yet. The act that names one deletes its row; a
-- file that keeps its row for a day is removed with it.
CREATE TABLE blob_upload (
  sha256 TEXT PRIMARY KEY,
  begun_us INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
