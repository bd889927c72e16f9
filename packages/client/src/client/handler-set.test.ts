import { describe, expect, test } from 'vitest'
import { HandlerSet } from './handler-set.ts'
import { resolveOptions, type ClientOptions } from './options.ts'

const declared = (options: ClientOptions): object => new HandlerSet(resolveOptions(options)).capabilities

describe('what is declared to a server', () => {
  test('is what the handlers imply', () => {
    expect(declared({})).toEqual({})
    expect(declared({ onElicitation: () => ({}), onSampling: () => '', roots: [] })).toEqual({
      elicitation: { form: {}, url: {} },
      sampling: {},
      roots: { listChanged: true },
    })
  })

  test('is what was asked for, where there is no handler, and beside those that there are', () => {
    const capabilities = { elicitation: { form: {} }, experimental: { mine: {} } }
    expect(declared({ capabilities })).toEqual(capabilities)
    expect(declared({ capabilities, onSampling: () => '' })).toEqual({ ...capabilities, sampling: {} })
  })

  test('is, of one capability, both together, and what was asked for wins', () => {
    const capabilities = { elicitation: { form: { applyDefaults: true } }, roots: { listChanged: false } }
    expect(declared({ capabilities, onElicitation: () => ({}), roots: [] })).toEqual({
      elicitation: { form: { applyDefaults: true }, url: {} },
      roots: { listChanged: false },
    })
    expect(declared({ capabilities: { sampling: { tools: {} } }, onSampling: () => '' })).toEqual({
      sampling: { tools: {} },
    })
  })

  test('is, of sampling, what samplingCapabilities say, as soon as there is a handler', () => {
    const samplingCapabilities = { tools: {} }
    expect(declared({ samplingCapabilities })).toEqual({})
    expect(declared({ samplingCapabilities, onSampling: () => '' })).toEqual({ sampling: { tools: {} } })
  })

  test('still has what was asked for once handlers are set and taken away', () => {
    const set = new HandlerSet(resolveOptions({ capabilities: { elicitation: { form: { applyDefaults: true } } } }))
    set.set({ onElicitation: () => ({}) })
    expect(set.capabilities).toEqual({ elicitation: { form: { applyDefaults: true }, url: {} } })
    set.set({ onElicitation: undefined })
    expect(set.capabilities).toEqual({ elicitation: { form: { applyDefaults: true } } })
  })
})
