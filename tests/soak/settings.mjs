// @ts-check
/** What a soak does, and how much of it: see the table in run.mjs. */

const { SOAK_CALLS, SOAK_RECONNECTS, SOAK_DEATHS, SOAK_SEED, SOAK_LEAK } = process.env

export const settings = {
  calls: whole('SOAK_CALLS', SOAK_CALLS, 100_000),
  reconnects: whole('SOAK_RECONNECTS', SOAK_RECONNECTS, 1000),
  deaths: whole('SOAK_DEATHS', SOAK_DEATHS, 200),
  seed: whole('SOAK_SEED', SOAK_SEED, Math.floor(Math.random() * 2 ** 31)),
  isLeaking: SOAK_LEAK === '1',
}

/** How a server is reached, and what it is spoken to. @typedef {(typeof ways)[number]} Way */
export const ways = /** @type {const} */ ([
  { over: 'stdio', era: 'legacy', name: 'stdio 2025-11-25' },
  { over: 'stdio', era: 'modern', name: 'stdio 2026-07-28' },
  { over: 'http', era: 'legacy', name: 'http 2025-11-25' },
  { over: 'http', era: 'modern', name: 'http 2026-07-28' },
])

/**
 * @param {string} name
 * @param {string | undefined} given
 * @param {number} otherwise
 */
function whole(name, given, otherwise) {
  const number = given === undefined || given === '' ? otherwise : Number(given)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new Error(`${name} must be a whole number, zero or more, and is ${given}`)
}
