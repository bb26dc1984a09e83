-- Steps of the server's clock of more than a minute.
CREATE TABLE clock_step (number INTEGER PRIMARY KEY, state INTEGER NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL) STRICT, WITHOUT ROWID;
