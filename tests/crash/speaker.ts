/** How a client talks to a server, in one generation or the other. What it throws only a server may give that is about to end. */
import type { ErrorView } from '../support/modern-views.ts'
import type { Server } from './fleet.ts'
import type { Errand, TaskLedger } from './ledger.ts'
import { purposeHeader } from './server/watched-replies.mjs'

export interface Speaker {
  /** The version that it speaks, which is also the name of the wire. */
  readonly wire: string
  /** Calls a tool that becomes a task; its id. */
  start(server: Server, errand: Errand): Promise<string>
  /** Asks how the task is, and answers its questions, if there are any. */
  visit(server: Server, task: TaskLedger): Promise<void>
  /** Cancels the task; resolves when the server said that it did, or that it is too late. */
  cancel(server: Server, task: TaskLedger): Promise<void>
}

/** The time that a person takes to answer. */
export type Think = () => Promise<void>

/** What a request is for: `reply <purpose>` is a point to be killed at. */
export type Purpose = 'create' | 'look' | 'answer' | 'cancel' | 'result'

/** Says what a request is for. */
export function purposeOf(purpose: Purpose, wire: string): Readonly<Record<string, string>> {
  return { [purposeHeader]: `${purpose} ${wire}` }
}

/** Whether the server says that there is no such task. */
export function isNotFound(error: ErrorView | undefined): boolean {
  return error?.code === -32_602 && /not found/i.test(error.message)
}

/** The server did not do what it must. */
export function refused(what: string, how: unknown): Error {
  return new Error(`${what} was refused: ${JSON.stringify(how)}`)
}

/** An accepted form. */
export function accepted(answer: string): object {
  return { action: 'accept', content: { answer } }
}

export function isTerminal(status: string | undefined): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}
