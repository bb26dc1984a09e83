-- Amendments of typed values, looks at data while a run was open, certificates of other laboratories.
CREATE TABLE amendment (lot_id TEXT NOT NULL, number INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (lot_id, number)) STRICT, WITHOUT ROWID;
CREATE TABLE look (lot_id TEXT NOT NULL, number INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (lot_id, number)) STRICT, WITHOUT ROWID;
CREATE TABLE external_certificate (lot_id TEXT PRIMARY KEY, etag INTEGER NOT NULL, record BLOB NOT NULL) STRICT, WITHOUT ROWID;
