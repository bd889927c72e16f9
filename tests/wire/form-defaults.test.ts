import { describe, expect, test } from 'vitest'
import { plainSettings } from '../support/plain-settings.ts'
import { askInRounds, form, serveFull } from '../support/full-peer.ts'

const order = form({
  dish: { type: 'string', default: 'soup' },
  portions: { type: 'integer', default: 2 },
  salty: { type: 'boolean', default: false },
  note: { type: 'string' },
})

const applyDefaults = { elicitation: { form: { applyDefaults: true } } }

describe.each(plainSettings())('the defaults of a form ($name)', ({ setting }) => {
  test('fill in what an accepted form leaves open, where the client declared so', async () => {
    const server = await serveFull(setting)
    const client = await server.connect({ capabilities: applyDefaults, onElicitation: () => ({ portions: 3 }) })
    const [answers] = await askInRounds(client, { order })
    expect(answers?.['order']).toEqual({ action: 'accept', content: { dish: 'soup', portions: 3, salty: false } })
  })

  test('stay away from a form that was declined', async () => {
    const server = await serveFull(setting)
    const client = await server.connect({ capabilities: applyDefaults, onElicitation: () => ({ action: 'decline' }) })
    const [answers] = await askInRounds(client, { order })
    expect(answers?.['order']).toEqual({ action: 'decline' })
  })

  test('are left to the server, where the client declared nothing', async () => {
    const server = await serveFull(setting)
    const client = await server.connect({ onElicitation: () => ({ portions: 3 }) })
    const [answers] = await askInRounds(client, { order })
    expect(answers?.['order']).toEqual({ action: 'accept', content: { portions: 3 } })
  })
})
