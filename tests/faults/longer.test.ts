/** Faults that last: an hour without a network, a night asleep, both sides gone at once. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from '@longcall/client'
import { ManualClock } from '@longcall/core/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { serveDualHttp } from '../peers/dual-server.mjs'
import { ann, expectSoon, textOf } from '../support/answering.ts'
import { generations, startServer } from '../support/fault-lab.ts'
import { startFaultProxy } from '../support/fault-proxy.mjs'
import { LISTENING, startProcess } from '../support/spawn-peer.ts'

const hourMs = 3_600_000

describe.each(generations)('on the %s wire', (generation) => {
  const era = generation === '2025-11-25' ? 'legacy' : generation

  test('a server that cannot be reached for an hour is asked ever more seldom, and costs no task', async () => {
    const server = await serveDualHttp(0, { ttlMs: null })
    const proxy = await startFaultProxy(server.url)
    const clock = new ManualClock()
    const { asked, onElicitation } = ann()
    const client = await Client.connect(proxy.url, { era, clock, onElicitation })
    onTestFinished(async () => {
      await client.close()
      await proxy.close()
      await server.close()
    })
    const task = await client.callTool('confirm', { filename: 'a.txt' }, { task: true })
    const result = task.result()
    const outcome = { is: 'open' }
    void result.then(
      () => (outcome.is = 'answered'),
      (error: unknown) => (outcome.is = String(error)),
    )
    proxy.retarget('http://127.0.0.1:9/mcp')
    proxy.dropConnections()
    const polls = (): number =>
      proxy.log.filter(({ method, direction }) => method === 'tasks/get' && direction === 'request').length
    const before = polls()
    for (let passedMs = 0; passedMs < hourMs; passedMs += 10_000) {
      // Whoever polls now finds nobody, and goes to sleep again.
      await clock.untilSleeping()
      await clock.advance(10_000)
    }
    expect(outcome.is).toBe('open')
    // Every half a minute in the end: not once a poll interval, which would be 72,000 times.
    expect(polls() - before).toBeGreaterThan(20)
    expect(polls() - before).toBeLessThan(200)
    proxy.retarget(server.url)
    await expectSoon(async () => {
      await clock.advance(1000)
      return outcome.is
    }).toBe('answered')
    expect(textOf(await result)).toBe('deleted a.txt by Ann')
    expect(asked).toHaveLength(1)
  })

  test('a client that was asleep while its task ended finds the result when it wakes', async () => {
    const server = await startServer('dual')
    onTestFinished(() => server.stop())
    const script = resolve(import.meta.dirname, '../peers/waiting-client.mjs')
    const client = await startProcess({ command: process.execPath, args: [script, server.url, era] }, LISTENING)
    onTestFinished(() => client.stop())
    const ended = once(client.child, 'exit')
    client.child.kill('SIGSTOP')
    await server.control('finish', client.url)
    // Longer than it would wait for a word of the server.
    await sleep(3500)
    client.child.kill('SIGCONT')
    expect(await ended).toEqual([0, null])
    expect(client.output()).toContain('result: finished from outside')
  })

  test.each([
    ['handle given', 1],
    ['asked', 2],
  ])(
    'a client that is killed (%s) takes its stdio server along, and the next two go on with the task in its file',
    async (point, times) => {
      const folder = mkdtempSync(join(tmpdir(), 'longcall-reporting-'))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      const script = resolve(import.meta.dirname, '../peers/reporting-client.mjs')
      const run = async (...args: readonly string[]): Promise<string> => {
        const child = spawn(process.execPath, [script, folder, era, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
        const said = text(child.stdout)
        const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
        return `${await said}${signal ?? code}`
      }
      expect(await run(point)).toBe('SIGKILL')
      expect(await run()).toBe('result: "Tides": 2 pages, spiral.\n0')
      expect(readFileSync(join(folder, 'asked'), 'utf8').trimEnd().split('\n')).toHaveLength(times)
    },
  )
})
