import type { ClientTasksCapability } from '@longcall/core/wire/2025-11-25'
import { limitsOf } from '@longcall/core'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import type { HostTasks } from './host-tasks.ts'

/** The kinds of request that can become tasks of a client's, each with the options that make them so. */
export const hostedKinds = {
  'elicitation/create': { name: 'elicitation', body: 'onElicitation', byHand: 'createElicitation' },
  'sampling/createMessage': { name: 'sampling', body: 'onSampling', byHand: 'createSampling' },
} as const

/** A request that can become a task of a client's. */
export type HostedKind = keyof typeof hostedKinds

/** Whether the client runs any tasks of its own making, whose methods it then serves. */
export function runsTasks(host: HostTasks): boolean {
  return host.onElicitation !== undefined || host.onSampling !== undefined
}

/** What is declared: what is set, and no more. */
export function hostCapability(host: HostTasks): ClientTasksCapability {
  const offers = (method: HostTasks['listTasks'] | HostTasks['cancelTask']): boolean =>
    typeof method === 'function' || (method !== false && runsTasks(host))
  return {
    elicitation: host.onElicitation !== undefined || host.createElicitation !== undefined,
    sampling: host.onSampling !== undefined || host.createSampling !== undefined,
    list: offers(host.listTasks),
    cancel: offers(host.cancelTask),
  }
}

/** @throws {InvalidOptionError} Thrown when one of them can be nothing that serves, or two want to serve the same. */
export function assertHostTasks(host: HostTasks | undefined): void {
  if (host === undefined) return
  if (typeof host !== 'object' || host === null) throw new InvalidOptionError('hostTasks', host, 'an object')
  for (const name of functions) {
    const value: unknown = host[name]
    const isWithheld = value === false && (name === 'listTasks' || name === 'cancelTask')
    if (value !== undefined && !isWithheld && typeof value !== 'function')
      throw new InvalidOptionError(`hostTasks.${name}`, value, 'a function')
  }
  for (const { body, byHand } of Object.values(hostedKinds)) {
    if (host[body] === undefined || host[byHand] === undefined) continue
    throw new InvalidOptionError(
      `hostTasks.${byHand}`,
      host[byHand],
      `left out where ${body} is set: one of them makes the task`,
    )
  }
  const { pollIntervalMs, limits } = host
  assertLimits(limits)
  if (pollIntervalMs !== undefined && !(Number.isFinite(pollIntervalMs) && pollIntervalMs > 0))
    throw new InvalidOptionError('hostTasks.pollIntervalMs', pollIntervalMs, 'milliseconds above zero')
}

function assertLimits(limits: HostTasks['limits']): void {
  try {
    limitsOf(limits)
  } catch (error) {
    const why = error instanceof RangeError ? error.message : 'an object'
    throw new InvalidOptionError('hostTasks.limits', limits, `limits that can be kept: ${why}`)
  }
}

const functions = [
  'onElicitation',
  'onSampling',
  'backend',
  'createElicitation',
  'createSampling',
  'getTask',
  'getTaskResult',
  'listTasks',
  'cancelTask',
] as const
