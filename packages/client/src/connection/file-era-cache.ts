import { lstat, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { EraCache, EraVerdict } from './era-cache.ts'

/**
 * An {@link EraCache} in a file, for programs that are started anew for each call. Several processes may share it: who writes
 * last wins, and at worst something is found out once more. A file that is missing or damaged counts as empty; what is no file, such as a symbolic link, is
 * left alone, and nothing is remembered.
 *
 * The newest {@link keptVerdicts} servers are kept. There is no secret in it.
 */
export function fileEraCache(path: string): EraCache {
  const write = async (verdicts: Verdicts): Promise<void> => {
    if ((await kindOf(path)) === 'something else') throw new Error(`${path} is there, and is no file`)
    const draft = `${path}.${crypto.randomUUID()}`
    await mkdir(dirname(path), { recursive: true })
    try {
      await writeFile(draft, JSON.stringify(Object.fromEntries(verdicts)), { mode: 0o600 })
      await rename(draft, path)
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    }
  }
  return {
    get: async (endpoint) => (await read(path)).get(endpoint),
    set: async (endpoint, verdict) => {
      const verdicts = await read(path)
      verdicts.delete(endpoint)
      if (verdict !== undefined) verdicts.set(endpoint, verdict)
      await write(new Map([...verdicts].slice(-keptVerdicts)))
    },
  }
}

/** How many servers a file remembers. */
const keptVerdicts = 200
/** In bytes; what this wrote is far less. */
const longestFile = 1_000_000

type Verdicts = Map<string, EraVerdict>

/** What this wrote is a small file; a pipe would hang, and a device be replaced. */
async function kindOf(path: string): Promise<'nothing' | 'file' | 'something else'> {
  try {
    const found = await lstat(path)
    return found.isFile() ? 'file' : 'something else'
  } catch {
    return 'nothing'
  }
}

async function read(path: string): Promise<Verdicts> {
  try {
    if ((await kindOf(path)) !== 'file' || (await stat(path)).size > longestFile) return new Map()
    const stored: unknown = JSON.parse(await readFile(path, 'utf8'))
    if (typeof stored !== 'object' || stored === null) return new Map()
    return new Map(Object.entries(stored).filter((entry): entry is [string, EraVerdict] => isVerdict(entry[1])))
  } catch {
    return new Map()
  }
}

function isVerdict(value: unknown): value is EraVerdict {
  if (typeof value !== 'object' || value === null) return false
  const { era, at } = value as Partial<Record<string, unknown>>
  return typeof at === 'number' && (era === 'legacy' || era === '2026-07-28')
}
