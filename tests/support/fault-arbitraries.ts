/** Random trouble for one message over HTTP. */
import fc from 'fast-check'
import type { Generation } from '@longcall/client'
import type { HttpRule } from './fault-lab.ts'

const common = ['tools/call', 'tasks/get', 'tasks/cancel']
const methods: Readonly<Record<Generation, { readonly request: string[]; readonly response: string[] }>> = {
  '2025-11-25': {
    request: [...common, 'tasks/result', 'response', 'GET'],
    response: [...common, 'tasks/result', 'elicitation/create', 'sampling/createMessage', 'notifications/tasks/status'],
  },
  '2026-07-28': {
    request: [...common, 'tasks/update', 'subscriptions/listen'],
    response: [
      ...common,
      'tasks/update',
      'subscriptions/listen',
      'notifications/tasks',
      'notifications/subscriptions/acknowledged',
    ],
  },
}

export function rules(generation: Generation): fc.Arbitrary<HttpRule> {
  return fc
    .constantFrom('request' as const, 'response' as const)
    .chain((direction) =>
      fc.record({
        match: fc.record({
          method: fc.constantFrom(...methods[generation][direction]),
          direction: fc.constant(direction),
          nth: fc.constantFrom(1, 1, 1, 2, 2, 3, 4),
        }),
        fault: fc.constantFrom<HttpRule['fault']>(
          'drop-connection',
          'drop-response',
          'status',
          'delay',
          'duplicate',
          'truncate',
          'end-stream',
          'reorder',
        ),
        ms: fc.integer({ min: 1, max: 300 }),
        status: fc.constantFrom(429, 500, 502, 503, 504),
        headers: fc.constantFrom({}, {}, { 'retry-after': '0' }, { 'retry-after': '1' }),
      }),
    )
    .filter(({ match, fault }) => !isUnfair(generation, match.method, match.direction, fault))
}

/** The SDK's 2025 server never answers the first of two copies of a request that it has at the same time. */
function isUnfair(generation: Generation, method: string, direction: string, fault: HttpRule['fault']): boolean {
  if (generation === '2026-07-28' || direction === 'response') return false
  return fault === 'duplicate' && (method === 'tools/call' || method === 'tasks/result')
}
