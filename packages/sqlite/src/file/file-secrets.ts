import { randomBytes, scryptSync } from 'node:crypto'
import { SqliteStoreError } from '../errors/sqlite-store-error.ts'
import type { FileKind } from './file-kind.ts'
import type { OpenedFile } from './opened-file.ts'
import { seal, unseal } from './sealer.ts'

/** What a file says of itself. */
export interface FileSecrets {
  /** Seals cursors, in every process that has the file. */
  readonly cursorKey: Uint8Array
  /** Seals contents; without it, they are written as they are. */
  readonly contentKey: Uint8Array | undefined
}

const keyBytes = 32

/** What it costs to try a passphrase. A file keeps what it was made with, so that this may grow. */
const newestScrypt = { N: 131_072, r: 8, p: 1 }

const check = { place: 'check of the key', text: 'longcall' } as const

/**
 * Reads the file's secrets; whoever comes first to a new file settles whether, and under which key, it is encrypted.
 *
 * @param given 32 bytes, or a passphrase: see {@link assertUsable}.
 * @throws {SqliteStoreError} Thrown with `store_key` when the key is not the one that the file was made with.
 */
export function readSecrets(file: OpenedFile, given: Uint8Array | string | undefined): FileSecrets {
  const meta = file.writeAtOnce(() => {
    const put = file.statement('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING')
    put.run('secret', randomBytes(32).toString('base64url'))
    put.run('salt', randomBytes(16).toString('base64url'))
    put.run('scrypt', JSON.stringify(newestScrypt))
    const rows = file.statement('SELECT name, value FROM meta').all()
    return new Map(rows.map(({ name, value }) => [String(name), String(value)]))
  })
  const contentKey = given === undefined ? undefined : keyOf(given, meta.get('salt')!, meta.get('scrypt')!)
  const mark =
    meta.get('encryption') ??
    file.writeAtOnce(() => {
      const marked = contentKey === undefined ? 'none' : seal(check.text, { key: contentKey, place: check.place })
      file.statement("INSERT INTO meta (name, value) VALUES ('encryption', ?) ON CONFLICT DO NOTHING").run(marked)
      return String(file.statement("SELECT value FROM meta WHERE name = 'encryption'").get()?.['value'])
    })
  assertKey(mark, contentKey, file)
  return { cursorKey: Buffer.from(meta.get('secret')!, 'base64url'), contentKey }
}

/** @throws {SqliteStoreError} Thrown with `store_key` when what was given can be no key. */
export function assertUsable(given: Uint8Array | string | undefined, path: string, { noun, contents }: FileKind): void {
  if (typeof given === 'string' && given !== '') return
  if (given instanceof Uint8Array && given.length === keyBytes) return
  throw new SqliteStoreError(
    'store_key',
    `The encryptionKey of the ${noun} ${path} must be ${keyBytes} bytes, or a passphrase that is not empty; leave it out to keep ${contents} unencrypted.`,
  )
}

function keyOf(given: Uint8Array | string, salt: string, scrypt: string): Uint8Array {
  if (typeof given !== 'string') return Uint8Array.from(given)
  const cost = JSON.parse(scrypt) as typeof newestScrypt
  return scryptSync(given, Buffer.from(salt, 'base64url'), keyBytes, { ...cost, maxmem: 256 * cost.N * cost.r })
}

function assertKey(mark: string, key: Uint8Array | undefined, { path, kind: { noun } }: OpenedFile): void {
  if (mark === 'none') {
    if (key === undefined) return
    throw new SqliteStoreError(
      'store_key',
      `The ${noun} ${path} was made without encryption, and stays so. Begin with a new file to encrypt, or leave encryptionKey out.`,
    )
  }
  if (key === undefined) {
    throw new SqliteStoreError('store_key', `The ${noun} ${path} is encrypted. Pass its encryptionKey.`)
  }
  try {
    unseal(mark, { key, place: check.place })
  } catch (error) {
    throw new SqliteStoreError('store_key', `The ${noun} ${path} was encrypted with another encryptionKey.`, {
      cause: error,
    })
  }
}
