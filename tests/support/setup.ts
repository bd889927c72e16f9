import { afterAll, expect } from 'vitest'

/*
 * What every test file must leave behind: nothing. A file fails when one of its promises was rejected and nobody looked,
 * when listeners piled up on one emitter, or when a timer, socket, server, child process, worker or watcher that holds
 * the process open outlives its tests. Set LONGCALL_LEAK_TRACE=1 to see where each leaked one was created.
 */

/** How long things that were asked to close get until they are closed. */
const graceMs = 2_000

// Kept before a test can fake them.
const { setTimeout, performance } = globalThis

const faults: string[] = []
process.on('unhandledRejection', (reason) => faults.push(`Unhandled rejection: ${describe(reason)}`))
process.on('warning', (warning) => {
  if (warning.name === 'MaxListenersExceededWarning') faults.push(`Listeners pile up: ${describe(warning)}`)
})

const before = countActiveResources()
const trace = process.env['LONGCALL_LEAK_TRACE'] === '1' ? await startTrace() : undefined

// Registered first, so run last: after every afterAll of the test file itself.
afterAll(async () => {
  await nextTurn()
  const leaked = await waitUntilNothingLeaks()
  expect(faults, 'This file left faults behind').toEqual([])
  expect(leaked, `This file leaked what holds a process open${trace?.() ?? ''}`).toEqual({})
}, graceMs + 10_000)

/** What holds the process open now and did not before the file's tests, after a while in which it may go away. */
async function waitUntilNothingLeaks(): Promise<Record<string, number>> {
  const giveUpAt = performance.now() + graceMs
  for (;;) {
    const leaked = newResources()
    if (Object.keys(leaked).length === 0 || performance.now() > giveUpAt) return leaked
    await nextTurn(20)
  }
}

function newResources(): Record<string, number> {
  const leaked: Record<string, number> = {}
  for (const [type, count] of countActiveResources()) {
    const added = count - (before.get(type) ?? 0)
    if (added > 0) leaked[type] = added
  }
  return leaked
}

/** Only what holds the process open counts: an unref'd timer or an idle pooled socket is no leak. */
function countActiveResources(): Map<string, number> {
  const counts = new Map<string, number>()
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1)
  return counts
}

function nextTurn(ms = 0): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
}

function describe(reason: unknown): string {
  return reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)
}

/** Remembers where each living resource was created; the returned function lists them. */
async function startTrace(): Promise<() => string> {
  const { createHook } = await import('node:async_hooks')
  const stacks = new Map<number, string>()
  createHook({
    init: (id, type) => {
      if (!/^(Timeout|.*WRAP|FSEVENT.*|WORKER|MESSAGEPORT)$/.test(type) || /REQ|REQUEST/.test(type)) return
      const frames = (new Error(type).stack ?? '').split('\n').slice(2)
      const ours = frames.filter((frame) => /\/(packages|tests|examples)\//.test(frame))
      if (ours.length > 0 && !ours.some((frame) => frame.includes('/tests/support/setup.ts')))
        stacks.set(id, [type, ...ours].join('\n'))
    },
    destroy: (id) => stacks.delete(id),
  }).enable()
  return () => ['', ...stacks.values()].join('\n\n')
}
