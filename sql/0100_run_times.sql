-- The calls of one run by time: a run's newest calls are read without its others, and whether a run has a call after some time is one look.
-- Some clients give one run id to everything that a process ever does.
CREATE INDEX events_run_occurred ON events (account_id, run_id, occurred_at);
-- Answered by the new one as well.
DROP INDEX events_run;
