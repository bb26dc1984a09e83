-- Open runs, for the list of what is due: few beside all runs ever made.
CREATE INDEX run_open ON run (run_id) WHERE state = 1;
