import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'

const algorithm = 'aes-256-gcm'
const nonceBytes = 12
const tagBytes = 16

/**
 * Makes text unreadable, and notices when it was changed or moved: AES-256-GCM under a key of 32 bytes.
 */
export function seal(text: string, { key, place }: Sealing): string {
  return sealWith(randomBytes(nonceBytes), text, { key, place })
}

/** The same, but equal texts look equal: for what is not secret by itself. */
export function sealAlike(text: string, { key, place }: Sealing): string {
  const nonce = createHmac('sha256', key)
    .update(JSON.stringify([place, text]))
    .digest()
    .subarray(0, nonceBytes)
  return sealWith(nonce, text, { key, place })
}

/** Under which key, and where the text stands: it can be opened there only. */
interface Sealing {
  readonly key: Uint8Array
  readonly place: string
}

function sealWith(nonce: Uint8Array, text: string, { key, place }: Sealing): string {
  const cipher = createCipheriv(algorithm, keyOf(key, place), nonce)
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url')
}

/** Each place has a key of its own: none seals so much that a nonce could come twice, and nothing can be moved. */
function keyOf(key: Uint8Array, place: string): Uint8Array {
  return createHmac('sha256', key).update(place).digest()
}

/** What was sealed, in the same place under the same key; throws when it was not. */
export function unseal(sealed: string, { key, place }: Sealing): string {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv(algorithm, keyOf(key, place), bytes.subarray(0, nonceBytes), {
    authTagLength: tagBytes,
  })
  decipher.setAuthTag(bytes.subarray(-tagBytes))
  return decipher.update(bytes.subarray(nonceBytes, -tagBytes), undefined, 'utf8') + decipher.final('utf8')
}
