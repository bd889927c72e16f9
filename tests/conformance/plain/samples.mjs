// @ts-check
/** The smallest content of each kind that is still what it says it is. */

/** One black pixel. */
export const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR42mNgAAAAAgAB5Sfe/AAAAABJRU5ErkJggg=='

/** A header, and no sound at all. */
export const WAV = silence().toString('base64')

/** @param {string} value */
export const text = (value) => ({ type: /** @type {const} */ ('text'), text: value })

/** @param {string} value */
export const says = (value) => ({ content: [text(value)] })

export const image = { type: /** @type {const} */ ('image'), data: PNG, mimeType: 'image/png' }

/**
 * @param {string} uri
 * @param {string} mimeType
 * @param {string} value
 */
export const embedded = (uri, mimeType, value) => ({
  type: /** @type {const} */ ('resource'),
  resource: { uri, mimeType, text: value },
})

function silence() {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(8000, 24)
  header.writeUInt32LE(8000, 28)
  header.writeUInt16LE(1, 32)
  header.writeUInt16LE(8, 34)
  header.write('data', 36)
  return header
}
