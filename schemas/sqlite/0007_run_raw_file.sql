-- Runs by the files that were submitted in them: equal, like a record table, to the replay of the
-- log, whose run records name them. Runs of before are read from the event that wrote them last;
-- one that is no JSON is for the verification to find.
CREATE TABLE run_raw_file (
  sha256 TEXT NOT NULL,
  run_id TEXT NOT NULL,
  PRIMARY KEY (sha256, run_id)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO run_raw_file
SELECT file.value ->> 'sha256', run.run_id
FROM run
JOIN log_leaf ON log_leaf.log_index = run.etag
JOIN log_event ON log_event.id = log_leaf.event_id AND json_valid(log_event.entry)
JOIN json_each(log_event.entry, '$.records') AS record
JOIN json_each(record.value, '$.run.raw_files') AS file;
