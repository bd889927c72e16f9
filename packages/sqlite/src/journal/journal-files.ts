import { createHash } from 'node:crypto'
import type { FileKind } from '../file/file-kind.ts'

const migrations: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE records (scope TEXT NOT NULL, id TEXT NOT NULL, content TEXT NOT NULL, PRIMARY KEY (scope, id));

  CREATE TABLE holders (name TEXT PRIMARY KEY, process TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
  `,
]

/** A file that holds a client's journal. */
export const journalFiles: FileKind = {
  noun: 'journal file',
  contents: 'calls',
  applicationId: createHash('sha256').update('longcall journal').digest().readInt32BE(),
  migrations,
}
