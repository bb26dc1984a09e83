-- Lots by what they were made from.
CREATE TABLE lot_child (parent_lot_id TEXT NOT NULL, lot_id TEXT NOT NULL, etag INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (parent_lot_id, lot_id)) STRICT, WITHOUT ROWID;
