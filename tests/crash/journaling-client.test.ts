import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { serveDualHttp } from '../peers/dual-server.mjs'

let server: Awaited<ReturnType<typeof serveDualHttp>>
beforeAll(async () => {
  server = await serveDualHttp(0, { pollIntervalMs: 20 })
})
afterAll(() => server.close())

const script = fileURLToPath(new URL('client/journaling-client.mjs', import.meta.url))

const around = (...names: readonly string[]): readonly string[] =>
  names.flatMap((name) => [`${name}:before`, `${name}:after`])

/** The call is not known to be a task yet: what became of it, nobody can tell. */
const unsure = ['intent:after', ...around('call sent'), 'reference:before']
/** A person sees a question whose answer is not kept yet. */
const asking = [...around('shown'), 'asked', 'answered:before']
/** An answer is kept. */
const answered = ['answered:after', ...around('answer sent', 'delivered')]
/** The outcome is here; whether the one who wanted it has it is not kept yet. */
const ending = [...around('ended'), 'result given', 'removed:before']

/** One user's life with a journal: processes of theirs, one after another, each killed where it is told to be. */
class User {
  readonly #folder = mkdtempSync(join(tmpdir(), 'longcall-user-'))
  readonly #diary = join(this.#folder, 'diary')
  readonly #order: object
  readonly #seen = server.events.length

  constructor(era: string, kind: string) {
    writeFileSync(this.#diary, '')
    this.#order = { url: server.url, era, kind, journal: join(this.#folder, 'journal'), diary: this.#diary }
  }

  /** Runs a process; resolves with how it ended. */
  async run(mode: 'begin' | 'resume', point?: string): Promise<string> {
    return new Promise((resolve) => {
      const order = JSON.stringify({ ...this.#order, mode, point })
      execFile(process.execPath, [script, order], { timeout: 30_000 }, (error, _stdout, stderr) => {
        if (error === null) resolve('done')
        else resolve(error.signal === 'SIGKILL' && !error.killed ? 'killed' : `${error.message} ${stderr}`)
      })
    })
  }

  /** What the user saw, of one kind. */
  saw(kind: string): readonly string[] {
    const lines = readFileSync(this.#diary, 'utf8').split('\n')
    return lines.filter((line) => line.startsWith(kind))
  }

  /** What the server was sent: calls, and the answers to each of its questions that it took. */
  get sent(): { readonly calls: number; readonly taken: Readonly<Record<string, readonly string[]>> } {
    const events = server.events.slice(this.#seen)
    const taken: Record<string, string[]> = {}
    for (const { answers = {}, ignored = [] } of events) {
      for (const [key, answer] of Object.entries(answers)) {
        if (!ignored.includes(key)) (taken[key] ??= []).push(answer.content.name)
      }
    }
    return { calls: events.filter(({ method }) => method === 'tools/call').length, taken }
  }

  leave(): void {
    rmSync(this.#folder, { recursive: true })
  }
}

const settings = [
  { era: 'legacy', kind: 'file' },
  { era: '2026-07-28', kind: 'sqlite' },
] as const

describe.each(settings)('a client with a journal ($kind), on the $era wire', ({ era, kind }) => {
  /** Begins, dies, and takes up again as often as it dies; then the outcome must be there, and be the server's. */
  async function live(points: readonly string[]): Promise<User> {
    const user = new User(era, kind)
    for (const [life, point] of points.entries()) {
      const end = await user.run(life === 0 ? 'begin' : 'resume', point)
      expect({ point, end }).toEqual({ point, end: 'killed' })
    }
    expect(await user.run('resume')).toBe('done')
    expect(user.saw('error')).toEqual([])
    expect(user.saw('pending').at(-1)).toMatch(/^pending [01]$/)
    return user
  }

  function expectOneOutcome(user: User): void {
    const { calls, taken } = user.sent
    expect(calls).toBe(1)
    // Each question took one answer, and the outcome tells those.
    expect(Object.values(taken).map((answers) => answers.length)).toEqual([1, 1])
    const [text, ...others] = new Set(user.saw('result'))
    expect([text, others]).toEqual([`result ${taken['round-1']![0]}/${taken['round-2']![0]}`, []])
    expect(user.saw('pending').at(-1)).toBe('pending 0')
  }

  test('killed before anything is put down, leaves nothing', async () => {
    const user = await live(['intent:before'])
    expect([user.sent.calls, user.saw('fate_unknown'), user.saw('result')]).toEqual([0, [], []])
    user.leave()
  })

  test.each(unsure)(
    'killed at "%s", says that the fate of the call is unknown, and never sends it again',
    async (point) => {
      const user = await live([point])
      expect(user.sent.calls).toBeLessThanOrEqual(1)
      expect([user.saw('fate_unknown').length, user.saw('asked'), user.saw('result')]).toEqual([1, [], []])
      user.leave()
    },
  )

  test.each(['reference:after', 'handle given'])(
    'killed at "%s", goes on, and asks each question once',
    async (point) => {
      const user = await live([point])
      expectOneOutcome(user)
      expect(user.saw('asked')).toEqual(['asked round 1?', 'asked round 2?'])
      user.leave()
    },
  )

  test.each(asking)('killed at "%s", shows the question again, and no other', async (point) => {
    const user = await live([point])
    expectOneOutcome(user)
    const asked = user.saw('asked')
    expect(asked.filter((line) => line.includes('round 2?'))).toHaveLength(1)
    expect(asked.filter((line) => line.includes('round 1?'))).toHaveLength(point.startsWith('shown') ? 1 : 2)
    user.leave()
  })

  test.each(answered)('killed at "%s", asks nobody again', async (point) => {
    const user = await live([point])
    expectOneOutcome(user)
    expect(user.saw('asked')).toEqual(['asked round 1?', 'asked round 2?'])
    user.leave()
  })

  test.each(ending)('killed at "%s", has the same outcome', async (point) => {
    const user = await live([point])
    expectOneOutcome(user)
    expect(user.saw('asked')).toEqual(['asked round 1?', 'asked round 2?'])
    expect(user.saw('result')).toHaveLength(point.startsWith('ended') ? 1 : 2)
    user.leave()
  })

  test('killed once it was put down that the outcome was had, has nothing left', async () => {
    const user = await live(['removed:after'])
    expectOneOutcome(user)
    expect(user.saw('result')).toHaveLength(1)
    user.leave()
  })

  test.each([
    ['shown:after', 'taken:before'],
    ['shown:after', 'taken:after'],
    ['answered:after', 'answer sent:before', 'answer sent:after'],
    ['handle given', 'shown:after', 'answered:after', 'delivered:before', 'ended:after'],
    ['ended:after', 'onResult'],
    ['reference:after', 'ended:before', 'removed:before'],
  ])('killed again and again, at "%s" and "%s" and so on, asks nobody again and has one outcome', async (...points) => {
    const user = await live(points)
    expectOneOutcome(user)
    expect(user.saw('asked')).toEqual(['asked round 1?', 'asked round 2?'])
    user.leave()
  })
})
