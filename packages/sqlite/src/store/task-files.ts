import { createHash } from 'node:crypto'
import type { FileKind } from '../file/file-kind.ts'

const migrations: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    namespace TEXT NOT NULL,
    owner TEXT NOT NULL,
    quota TEXT NOT NULL,
    tool TEXT NOT NULL,
    hidden INTEGER NOT NULL,
    on_crash TEXT NOT NULL,
    max_attempts INTEGER NOT NULL,
    poll_interval_ms INTEGER NOT NULL,
    max_ttl_ms INTEGER,
    ttl_ms INTEGER,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,
    status TEXT NOT NULL,
    -- 1 as long as the task has not ended.
    is_open INTEGER NOT NULL,
    is_error INTEGER NOT NULL,
    elsewhere INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    releases INTEGER NOT NULL,
    -- How many questions it ever asked.
    asked INTEGER NOT NULL,
    lease_token TEXT,
    lease_until INTEGER,
    lease_ms INTEGER,
    -- Which process has it: see processName of @longcall/core/backend.
    lease_holder TEXT,
    -- The status message and progress.
    said TEXT
  );
  CREATE INDEX tasks_by_owner ON tasks (owner, seq);
  CREATE INDEX tasks_expiring ON tasks (expires_at) WHERE expires_at IS NOT NULL;
  CREATE INDEX tasks_open ON tasks (namespace, seq) WHERE is_open = 1;
  CREATE INDEX tasks_counting ON tasks (namespace, quota, expires_at) WHERE is_open = 1;
  CREATE INDEX tasks_leased ON tasks (lease_until) WHERE lease_until IS NOT NULL;

  -- What may be large stands apart, so that it is written once.
  CREATE TABLE requests (seq INTEGER PRIMARY KEY, context TEXT NOT NULL, arguments TEXT NOT NULL);
  CREATE TABLE outcomes (seq INTEGER PRIMARY KEY, outcome TEXT NOT NULL);
  CREATE TABLE questions (
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    key TEXT NOT NULL,
    identity TEXT NOT NULL,
    method TEXT NOT NULL,
    state TEXT NOT NULL,
    params TEXT NOT NULL,
    answer TEXT,
    PRIMARY KEY (seq, number)
  );
  CREATE TABLE steps (
    seq INTEGER NOT NULL,
    key TEXT NOT NULL,
    at INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (seq, key)
  );
  -- What happened to a task, but for its beginning, its steps and its end, which are told by their own rows.
  CREATE TABLE events (
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    number INTEGER NOT NULL,
    event TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    detail TEXT,
    PRIMARY KEY (seq, at, number)
  ) WITHOUT ROWID;

  -- Expired tasks whose id was taken again before a sweep could name them.
  CREATE TABLE gone (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL, namespace TEXT NOT NULL, tool TEXT NOT NULL, owner TEXT NOT NULL, status TEXT NOT NULL
  );

  -- Tasks that wait for a process to run them; a hint, as all that an engine says.
  CREATE TABLE work (number INTEGER PRIMARY KEY, namespace TEXT NOT NULL, id TEXT NOT NULL, tool TEXT NOT NULL, UNIQUE (namespace, id));
  CREATE INDEX work_waiting ON work (namespace, tool, number);
  `,
]

/** A file that holds tasks. Its `application_id` is the first bytes of a hash of our name. */
export const taskFiles: FileKind = {
  noun: 'task file',
  contents: 'tasks',
  applicationId: createHash('sha256').update('longcall tasks').digest().readInt32BE(),
  migrations,
}
