// @ts-check
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder that is there as long as this process is, on whatever disk the system keeps its temporary files on. */
export function temporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'longcall-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}
