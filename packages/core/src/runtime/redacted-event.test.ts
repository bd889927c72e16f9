import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { RuntimeBench } from '../../../../tests/support/runtime-bench.ts'
import { LongcallError } from '../errors/longcall-error.ts'
import { redactedEvent, type Redact } from './redacted-event.ts'

const hide: Redact = (text) => text.replaceAll('secret', '***')

describe('redact', () => {
  test('rewrites what a tool said before onEvent hears it, and the task keeps it', async () => {
    const bench = new RuntimeBench({ redact: hide })
    bench.define(async () => ({ kind: 'error', error: { code: -32000, message: 'the secret is out' } }))
    const { id } = await bench.start()
    expect(await bench.ended(id)).toMatchObject({ statusMessage: 'the secret is out' })
    expect(bench.events.at(-1)).toMatchObject({ kind: 'ended', statusMessage: 'the *** is out' })
  })

  test('rewrites errors, and leaves out causes and stacks that quote', () => {
    const cause = new SyntaxError('Unexpected token in "secret"')
    const error = new LongcallError('store_corrupt', 'secret cannot be read', { cause })
    const told = redactedEvent({ atMs: 1, kind: 'trouble', error }, hide)
    expect(inspect(told, { depth: 9 })).not.toContain('secret')
    expect(told).toMatchObject({ error: { code: 'store_corrupt', message: '*** cannot be read' } })
    expect(inspect(redactedEvent({ atMs: 1, kind: 'trouble', error: 'secret' }, hide))).not.toContain('secret')
  })

  test('that fails tells nothing', () => {
    const fail: Redact = () => {
      throw new Error('secret')
    }
    const told = redactedEvent({ atMs: 1, kind: 'trouble', error: new Error('secret') }, fail)
    expect(inspect(told, { depth: 9 })).not.toContain('secret')
  })

  test('leaves events without texts alone', () => {
    const event = { atMs: 1, taskId: 't', tool: 'secret', owner: 'ann', kind: 'created' } as const
    expect(redactedEvent(event, hide)).toBe(event)
  })
})
