// @ts-check
/**
 * A server that is to be killed, and started again: `server.mjs <v1 | v2 | longcall> <stdio | http>`. Its lives share a journal.
 *
 * | variable     | what it says                                                                     |
 * | ------------ | -------------------------------------------------------------------------------- |
 * | `JOURNAL`    | the file of the journal                                                          |
 * | `PORT`       | where to listen; any free port by default                                        |
 * | `SLOW_MS`    | how long each life but the first takes to start                                  |
 * | `LAST_WORDS` | every life but the first ends at its start, with these words on stderr           |
 * | `FRAGILE`    | a request of this method ends it, unread                                         |
 * | `DEAF_TO`    | a request of this method is never answered; in the second life and later         |
 * | `MUTE`       | a request of this method is never answered, nor one that comes later; in the first life |
 * | `STUBBORN`   | it does not end when its input does, nor by SIGTERM                              |
 * | `TASKS`      | the file of its tasks; `longcall` alone has them                                 |
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { announce, portFromEnv } from '../http-listener.mjs'
import { featuresOf } from './features.mjs'
import { Journal } from './journal.mjs'

const [peer = '', transport = ''] = process.argv.slice(2)
const { JOURNAL = '', SLOW_MS, LAST_WORDS, FRAGILE, DEAF_TO, MUTE, STUBBORN } = process.env
const { pid } = process
const journal = new Journal(JOURNAL)
journal.add({ kind: 'start', pid })
const life = journal.read().filter(({ kind }) => kind === 'start').length

if (STUBBORN !== undefined) {
  process.on('SIGTERM', () => {})
  setInterval(() => {}, 60_000)
}
if (SLOW_MS !== undefined && life > 1) await sleep(Number(SLOW_MS))
if (LAST_WORDS !== undefined && life > 1) {
  process.stderr.write(`${LAST_WORDS}\n`)
  process.exit(1)
}

/**
 * @param {any} message
 * @param {string} [session]
 * @returns {boolean} whether it is to be answered
 */
function seen(message, session) {
  const method = message.method ?? 'response'
  const { id } = message
  journal.add({
    kind: 'request',
    pid,
    method,
    ...(session !== undefined && { session }),
    ...(id !== undefined && message.method !== undefined && { id }),
  })
  if (method === FRAGILE) process.kill(pid, 'SIGKILL')
  return method !== MUTE || life > 1
}

const features = featuresOf(journal, life)
const handle = features[DEAF_TO ?? '']
if (DEAF_TO !== undefined && handle !== undefined && life > 1) features[DEAF_TO] = () => new Promise(() => {})

const { onPipe, onPort } = await load()
if (transport === 'http') announce(await onPort(features, portFromEnv(), seen))
else {
  let rest = ''
  process.stdin.on('data', (chunk) => {
    const lines = (rest + chunk.toString('utf8')).split('\n')
    rest = lines.pop() ?? ''
    // Who says nothing any more need not read.
    for (const line of lines) if (!seen(JSON.parse(line))) process.stdout.write = () => true
  })
  if (STUBBORN === undefined) process.stdin.once('end', () => process.exit(0))
  await onPipe(features)
}

/** Only what is spoken is loaded: it starts often. */
async function load() {
  if (peer === 'v1') return import('./on-v1.mjs')
  if (peer === 'v2') return import('./on-v2.mjs')
  const { onPipe: pipe, onPort: port } = await import('./on-longcall.mjs')
  return {
    onPipe: (/** @type {import('./on-v2.mjs').Features} */ offered) => pipe(offered, life),
    onPort: (
      /** @type {import('./on-v2.mjs').Features} */ offered,
      /** @type {number} */ number,
      /** @type {typeof seen} */ look,
    ) => port(offered, life, number, look),
  }
}
