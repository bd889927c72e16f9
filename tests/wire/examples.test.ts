import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client, type ElicitationHandler, type Target } from '@longcall/client'
import type { TaskRecord } from '@longcall/core'
import { createTasks, type TaskHistoryEntry } from '@longcall/server'
import { ManualClock, runTool, type ToolRun } from '@longcall/server/testing'
import { sqlite } from '@longcall/sqlite'
import { declareReportTools } from '../../examples/servers/report-tools.ts'
import { LISTENING, startProcess, type RunningProcess } from '../support/spawn-peer.ts'

describe('render_report', () => {
  const start = (pages: number): Promise<ToolRun> => {
    const clock = new ManualClock()
    return runTool((tasks) => declareReportTools(tasks, clock), 'render_report', { title: 'Tides', pages }, { clock })
  }

  test('sets each page, asks how to bind them, and binds', async () => {
    await using run = await start(2)
    await run.advance(1_000)
    expect(run.progress.map(({ message }) => message)).toEqual(['Setting page 1', 'Setting page 2'])
    expect(await run.nextQuestion()).toMatchObject({ key: 'binding', method: 'elicitation/create' })
    await run.answer({ action: 'accept', content: { binding: 'spiral' } })
    await run.advance(1_000)
    expect(await run.result()).toMatchObject({
      content: [{ text: '"Tides": 2 pages, spiral.' }],
      structuredContent: { title: 'Tides', pages: 2, binding: 'spiral' },
    })
  })

  test('leaves the pages unbound when nobody says how', async () => {
    await using run = await start(1)
    await run.advance(1_000)
    await run.answer({ action: 'decline' })
    expect(await run.result()).toMatchObject({ content: [{ text: '"Tides": 1 pages, left unbound.' }] })
  })

  test('takes no binding that it does not have', async () => {
    await using run = await start(1)
    await run.advance(1_000)
    const answered = run.answer({ action: 'accept', content: { binding: 'glued' } })
    await expect(answered).rejects.toThrow('does not fit the form')
  })

  test('sets no page twice, whenever its process dies', async () => {
    await using run = await start(3)
    const crashed = run.crashAfterStep('page#2')
    await run.advance(1_000)
    await crashed
    await run.advance(1_000)
    expect(run.steps).toEqual(['page', 'page', 'page'])
    expect(run.replayedSteps).toEqual(['page', 'page'])
    await run.nextQuestion()
    await run.crash()
    await run.answer({ action: 'accept', content: { binding: 'stapled' } })
    await run.advance(1_000)
    expect(await run.result()).toMatchObject({ structuredContent: { binding: 'stapled' } })
    expect(run.steps).toHaveLength(3)
    expect(run.questions).toHaveLength(1)
  })

  test('stops setting pages when it is cancelled', async () => {
    await using run = await start(20)
    await run.advance(300)
    await run.cancel()
    expect(run.signal?.aborted).toBe(true)
    await run.advance(10_000)
    expect(run.steps.length).toBeLessThan(5)
  })
})

const script = resolve(import.meta.dirname, '../../examples/dist/servers/reports.js')
const folder = await mkdtemp(join(tmpdir(), 'longcall-examples-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Serves the tasks of a file over HTTP. */
function serveFile(file: string, port: string): Promise<RunningProcess> {
  return startProcess({ command: process.execPath, args: [script, '--file', file, '--port', port] }, LISTENING)
}

describe('the built server of reports', () => {
  let http: RunningProcess
  beforeAll(async () => {
    http = await serveFile(join(folder, 'http.db'), '0')
  })
  afterAll(() => http.stop())

  const targets: Readonly<Record<string, () => Target>> = {
    stdio: () => ({ command: process.execPath, args: [script, '--file', join(folder, 'stdio.db')] }),
    HTTP: () => http.url!,
  }
  const settings = Object.keys(targets).flatMap((transport) =>
    (['legacy', '2026-07-28'] as const).map((era) => ({ transport, era })),
  )

  test.each(settings)('renders a report as a task, over $transport, $era', async ({ transport, era }) => {
    const asked: string[] = []
    await using client = await Client.connect(targets[transport]!(), {
      era,
      onElicitation: ({ message }) => {
        asked.push(message)
        return { action: 'accept', content: { binding: 'hardcover' } }
      },
    })
    const { content } = await client.callTool('estimate_pages', { words: 600 })
    expect(content).toMatchObject([{ text: '2 pages' }])
    expect(await client.sdk.readResource({ uri: 'reports://bindings' })).toMatchObject({
      contents: [{ text: '["stapled","spiral","hardcover"]' }],
    })

    const task = await client.callTool('render_report', { title: 'Tides', pages: 1 }, { task: true })
    expect(task.returnedImmediately).toBe(false)
    expect(await task.result()).toMatchObject({ structuredContent: { title: 'Tides', pages: 1, binding: 'hardcover' } })
    expect(asked).toEqual(['The pages are set. How should the report be bound?'])
  })
})

describe('a report survives the death of its server', () => {
  const title = 'Tides'
  const bound = { structuredContent: { title, pages: 6, binding: 'spiral' } }

  /** Has the server killed where `when` says so, and started again; gives what its file tells in the end. */
  async function render(
    era: 'legacy' | '2026-07-28',
    when: (task: TaskRecord) => boolean,
  ): Promise<{ result: unknown; asked: number; history: readonly TaskHistoryEntry[] }> {
    const file = join(folder, `${crypto.randomUUID()}.db`)
    let asked = 0
    const onElicitation: ElicitationHandler = () => {
      asked += 1
      return { action: 'accept', content: { binding: 'spiral' } }
    }
    const first = await serveFile(file, '0')
    await using client = await Client.connect(first.url!, { era, onElicitation })
    const task = await client.callTool('render_report', { title, pages: 6 }, { task: true })
    const result = task.result().catch((error: unknown) => error)

    await using watching = createTasks({ name: 'reports', backend: sqlite(file) })
    await watching.runtime.until(task.id, (seen) => (seen !== undefined && when(seen)) || undefined)
    await first.stop()
    const second = await serveFile(file, new URL(first.url!).port)
    try {
      return { result: await result, asked, history: await watching.history(task.id) }
    } finally {
      await second.stop()
    }
  }

  test.each(['legacy', '2026-07-28'] as const)('while its pages are set, %s', async (era) => {
    const { result, asked, history } = await render(era, ({ progress }) => (progress?.progress ?? 0) >= 3)
    expect(result).toMatchObject(bound)
    expect(asked).toBe(1)
    expect(history.at(-1)).toMatchObject({ event: 'completed', attempt: 2 })
    const set = history.filter(({ event }) => event === 'step').map(({ detail }) => detail)
    expect(set).toEqual(['page', 'page#2', 'page#3', 'page#4', 'page#5', 'page#6'])
    expect(history.filter(({ event, attempt }) => event === 'step' && attempt === 1).length).toBeGreaterThanOrEqual(2)
  })

  test.each(['legacy', '2026-07-28'] as const)('while it is bound, and nobody is asked again, %s', async (era) => {
    const answered = ({ questions }: TaskRecord): boolean => questions.some(({ state }) => state === 'answered')
    const { result, asked, history } = await render(era, answered)
    expect(result).toMatchObject(bound)
    expect(asked).toBe(1)
    expect(history.filter(({ event }) => event === 'asked' || event === 'completed')).toHaveLength(2)
  })
})

test.each(['legacy', '2026-07-28'] as const)(
  'a report that its client left over stdio is handed back, and goes on when the next one comes, %s',
  async (era) => {
    const file = join(folder, `${crypto.randomUUID()}.db`)
    const target = { command: process.execPath, args: [script, '--file', file] }
    const onElicitation: ElicitationHandler = () => ({ action: 'accept', content: { binding: 'spiral' } })
    const first = await Client.connect(target, { era, onElicitation })
    const task = await first.callTool('render_report', { title: 'Tides', pages: 20 }, { task: true })
    await first.close()

    await using next = await Client.connect(target, { onElicitation })
    expect(await next.tasks.result(task.id)).toMatchObject({ structuredContent: { pages: 20, binding: 'spiral' } })
    await using watching = createTasks({ name: 'reports', backend: sqlite(file) })
    const events = (await watching.history(task.id)).map(({ event }) => event)
    expect(events.filter((event) => event === 'claimed' || event === 'released')).toEqual([
      'claimed',
      'released',
      'claimed',
    ])
  },
)
