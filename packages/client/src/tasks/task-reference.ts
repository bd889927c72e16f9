import { InvalidReferenceError } from '../errors/usage-errors.ts'
import type { Operation } from './operation.ts'

/**
 * What survives a restart: plain JSON that picks a task up again with `client.tasks.resume()`.
 *
 * Store it as you would a secret: the `session` of a 2025-11-25 HTTP server lets whoever has it act as this client.
 */
export type TaskReference<Op extends Operation = Operation> = RunningReference<Op> | SettledReference<Op>

/** A task that the server runs. */
export interface RunningReference<Op extends Operation = Operation> {
  readonly longcall: 1
  readonly kind: 'task'
  readonly taskId: string
  /** Tells the server from others; holds no secret. */
  readonly endpoint: string
  readonly operation: Op
  /** Which generation the task was created in; a hint: a resumed handle speaks its connection's. */
  readonly generation: Generation
  /** Where a 2025-11-25 HTTP server keeps its tasks by session: resuming goes on with it. */
  readonly session?: { readonly id: string; readonly protocolVersion: string }
  /** ISO 8601, and milliseconds: to tell an expired task from one that never was. */
  readonly createdAt?: string
  readonly ttlMs?: number | null
}

/** A request that the server did not run as a task: the reference holds its result. */
export interface SettledReference<Op extends Operation = Operation> {
  readonly longcall: 1
  readonly kind: 'settled'
  readonly taskId: string
  readonly operation: Op
  readonly createdAt: string
  readonly result: Readonly<Record<string, unknown>>
}

/** The two generations of MCP tasks, by the protocol revision that they came with. */
export type Generation = '2025-11-25' | '2026-07-28'

/**
 * Checks what was read from storage.
 *
 * @throws {InvalidReferenceError} Thrown when it is not a reference; the message names the first thing wrong with it.
 */
export function readReference(value: unknown): TaskReference {
  const from = asObject(value, 'It')
  if (from['longcall'] !== 1) throw wrong('longcall', from['longcall'], '1')
  const operation = readOperation(asObject(from['operation'], 'operation'))
  const common = { longcall: 1, taskId: asText(from, 'taskId'), operation } as const
  switch (from['kind']) {
    case 'task':
      return {
        ...common,
        kind: 'task',
        endpoint: asText(from, 'endpoint'),
        generation: asGeneration(from['generation']),
        ...(from['session'] !== undefined && { session: readSession(from['session']) }),
        ...(typeof from['createdAt'] === 'string' && { createdAt: from['createdAt'] }),
        ...((typeof from['ttlMs'] === 'number' || from['ttlMs'] === null) && { ttlMs: from['ttlMs'] }),
      }
    case 'settled':
      return {
        ...common,
        kind: 'settled',
        createdAt: asText(from, 'createdAt'),
        result: asObject(from['result'], 'result'),
      }
    default:
      throw wrong('kind', from['kind'], '"task" or "settled"')
  }
}

function readOperation(operation: Readonly<Record<string, unknown>>): Operation {
  const { method } = operation
  switch (method) {
    case 'tools/call':
    case 'prompts/get':
      return { method, name: asText(operation, 'name') }
    case 'resources/read':
      return { method, uri: asText(operation, 'uri') }
    default:
      throw wrong('operation.method', method, '"tools/call", "prompts/get" or "resources/read"')
  }
}

function readSession(value: unknown): { id: string; protocolVersion: string } {
  const session = asObject(value, 'session')
  return { id: asText(session, 'id'), protocolVersion: asText(session, 'protocolVersion') }
}

function asGeneration(value: unknown): Generation {
  if (value !== '2025-11-25' && value !== '2026-07-28') throw wrong('generation', value, '"2025-11-25" or "2026-07-28"')
  return value
}

function asObject(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(what, value, 'an object')
  return value as Record<string, unknown>
}

function asText(from: Readonly<Record<string, unknown>>, field: string): string {
  const value = from[field]
  if (typeof value !== 'string' || value === '') throw wrong(field, value, 'a string that is not empty')
  return value
}

function wrong(what: string, value: unknown, expected: string): InvalidReferenceError {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : value === null ? 'null' : typeof value
  return new InvalidReferenceError(
    `This is not a task reference: ${what} is ${shown} and must be ${expected}. Pass what task.toJSON() gave.`,
  )
}
