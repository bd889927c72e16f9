import type { Clock } from '../clock/clock.ts'
import type { TaskEngine } from '../engine/task-engine.ts'
import type { TaskStore } from '../store/task-store.ts'
import type { Redact } from './redacted-event.ts'
import type { TaskEvent } from './task-events.ts'

/** Where tasks are kept, and what moves their work. */
export interface TaskBackend {
  readonly store: TaskStore
  readonly engine: TaskEngine
}

/** How a {@link TaskRuntime} is made. */
export interface TaskRuntimeOptions {
  readonly backend: TaskBackend
  /** Which server's tasks these are, where several share a store. */
  readonly namespace: string
  readonly limits?: Partial<TaskLimits>
  /** How long a process may be silent until its tasks are taken from it; 15 seconds by default. */
  readonly leaseMs?: number
  /** Hears of what happens to tasks. What it throws is ignored. */
  readonly onEvent?: (event: TaskEvent) => void
  /** Rewrites the texts of events, which may quote what tools and clients said, before {@link onEvent} hears them. */
  readonly redact?: Redact
  readonly clock?: Clock
}

/** What tasks may take. Sizes are bytes of JSON, in UTF-8. */
export interface TaskLimits {
  /** How many tasks of one owner may be open at once; 100 by default. */
  readonly maxOpenPerOwner: number
  /** How long a task lives when nobody asked for a ttl; a day by default. `null` is without end. */
  readonly ttlMs: number | null
  /** How long a task may live, whatever was asked for; 30 days by default. `null` is without end. */
  readonly maxTtlMs: number | null
  /** How long a task is kept after its end at least; an hour by default. */
  readonly retentionMs: number
  /** 1 MiB by default. */
  readonly maxArgumentBytes: number
  /** A larger result ends its task `failed`. 8 MiB by default. */
  readonly maxResultBytes: number
  /** 1 MiB by default. */
  readonly maxAnswerBytes: number
  /** 256 KiB by default. */
  readonly maxQuestionBytes: number
  /** What one step may keep; 1 MiB by default. */
  readonly maxStepBytes: number
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const kib = 1024

/** The limits where none are given. */
export const defaultLimits: TaskLimits = {
  maxOpenPerOwner: 100,
  ttlMs: day,
  maxTtlMs: 30 * day,
  retentionMs: hour,
  maxArgumentBytes: 1024 * kib,
  maxResultBytes: 8 * 1024 * kib,
  maxAnswerBytes: 1024 * kib,
  maxQuestionBytes: 256 * kib,
  maxStepBytes: 1024 * kib,
}

/** How long a process may be silent, where nothing is said. */
export const defaultLeaseMs: number = 15 * second

/** @throws {RangeError} Thrown when it is no length of time that a lease could have. */
export function leaseMsOf(given: number = defaultLeaseMs): number {
  if (typeof given === 'number' && given > 0 && given < Infinity) return given
  throw new RangeError(
    `leaseMs must be a number of milliseconds above zero, but is ${JSON.stringify(given) ?? 'none'}.`,
  )
}

/**
 * The limits that hold: those that are given, and the defaults.
 *
 * @throws {RangeError} Thrown when one is no number of zero or more, or `null` where that is no limit.
 */
export function limitsOf(given: Partial<TaskLimits> = {}): TaskLimits {
  const limits: Record<string, number | null> = { ...defaultLimits }
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue
    const isEndless = value === null && (name === 'ttlMs' || name === 'maxTtlMs')
    if (!isEndless && !(typeof value === 'number' && value >= 0)) {
      throw new RangeError(`limits.${name} must be zero or more, but is ${String(value)}.`)
    }
    limits[name] = value
  }
  return limits as unknown as TaskLimits
}
