import { asRecord, field, isDeclared } from '../read.ts'

/**
 * What a client runs as tasks for its server. `tasks/get` and `tasks/result` come with either kind of request.
 *
 * Source: schema 2025-11-25, `ClientCapabilities.tasks`.
 */
export interface ClientTasksCapability {
  /** `sampling/createMessage` may become a task. */
  readonly sampling: boolean
  /** `elicitation/create` may become a task. */
  readonly elicitation: boolean
  readonly list: boolean
  readonly cancel: boolean
}

/** The tasks capability of a client on the wire. */
export type WireClientTasksCapability = {
  readonly list?: Empty
  readonly cancel?: Empty
  readonly requests?: {
    readonly sampling?: { readonly createMessage: Empty }
    readonly elicitation?: { readonly create: Empty }
  }
}

type Empty = Readonly<Record<string, never>>

/** What a client's capabilities say about tasks: nothing of what they leave out. */
export function readClientTasksCapability(clientCapabilities: unknown): ClientTasksCapability {
  const tasks = asRecord(field(asRecord(clientCapabilities), 'tasks'))
  const requests = asRecord(field(tasks, 'requests'))
  return {
    sampling: isDeclared(field(asRecord(field(requests, 'sampling')), 'createMessage')),
    elicitation: isDeclared(field(asRecord(field(requests, 'elicitation')), 'create')),
    list: isDeclared(field(tasks, 'list')),
    cancel: isDeclared(field(tasks, 'cancel')),
  }
}

/** The value of a client's `capabilities.tasks`; `undefined` where there is nothing to declare. */
export function writeClientTasksCapability(capability: ClientTasksCapability): WireClientTasksCapability | undefined {
  const { sampling, elicitation, list, cancel } = capability
  if (!sampling && !elicitation && !list && !cancel) return undefined
  const requests = {
    ...(sampling && { sampling: { createMessage: {} } }),
    ...(elicitation && { elicitation: { create: {} } }),
  }
  return { ...(list && { list: {} }), ...(cancel && { cancel: {} }), ...((sampling || elicitation) && { requests }) }
}
