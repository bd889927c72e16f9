/**
 * A process that creates and ends tasks in a file it shares, many at a time, and counts them aloud.
 *
 * @typedef {{ readonly kind: 'ready' } | { readonly kind: 'wrote', readonly writes: number, readonly worstMs: number }} Word
 */
import { createTask, openStatuses } from '@longcall/core'
import { sqlite } from '@longcall/sqlite'

const [file = '', writes = '0', inFlight = '1'] = process.argv.slice(2)
const { store } = sqlite(file)
let begun = 0
let written = 0
let worstMs = 0

/** @param {() => Promise<{ readonly kind: string }>} write */
async function writeOne(write) {
  const beganMs = performance.now()
  const { kind } = await write()
  if (kind !== 'created' && kind !== 'written') throw new Error(`A write of its own was ${kind}.`)
  worstMs = Math.max(worstMs, performance.now() - beganMs)
  written += 1
  if (written % 64 === 0 || written === Number(writes)) say({ kind: 'wrote', writes: written, worstMs })
}

async function writeOn() {
  while (begun < Number(writes)) {
    begun += 2
    const task = createTask({ ttlMs: null, arguments: { from: process.pid } })
    await writeOne(() => store.create(task))
    const outcome = /** @type {const} */ ({ kind: 'result', result: {} })
    await writeOne(() => store.end(task.id, { status: 'completed', outcome, retentionMs: 0 }, { from: openStatuses }))
  }
}

/** @param {Word} word */
function say(word) {
  process.send?.(word)
}

process.once('message', () => {
  void Promise.all(Array.from({ length: Number(inFlight) }, writeOn)).then(async () => {
    await store.close()
    process.disconnect()
  })
})
say({ kind: 'ready' })
