import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Client, type Target } from '@longcall/client'
import { ManualClock, runTool, type ToolRun } from '@longcall/server/testing'
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

describe('the built server of reports', () => {
  const script = resolve(import.meta.dirname, '../../examples/dist/servers/reports.js')
  let http: RunningProcess
  beforeAll(async () => {
    http = await startProcess({ command: process.execPath, args: [script, '--port', '0'] }, LISTENING)
  })
  afterAll(() => http.stop())

  const targets: Readonly<Record<string, () => Target>> = {
    stdio: () => ({ command: process.execPath, args: [script] }),
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
