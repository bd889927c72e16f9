/** The dual server behind a pipe that hurts chosen lines. */
import { resolve } from 'node:path'
import type { ClientOptions, Generation, StdioTarget } from '@longcall/client'
import type { FaultRule } from './fault-rules.mjs'

export type PipeRule = FaultRule & {
  readonly fault: 'drop' | 'delay' | 'duplicate' | 'reorder' | 'garbage' | 'truncate'
}

export function hurtPipe(rules: readonly PipeRule[], peer: 'dual' | 'v1' = 'dual'): StdioTarget {
  const [pipe, server] = ['fault-pipe.mjs', `../peers/${peer}-stdio.mjs`].map((path) =>
    resolve(import.meta.dirname, path),
  )
  return {
    command: process.execPath,
    args: [pipe!, process.execPath, server!],
    env: { FAULTS: JSON.stringify(rules), POLL_INTERVAL: '50' },
    stderr: 'ignore',
  }
}

/** A line that is lost on a pipe is noticed by waiting for an answer, so the wait is short here. */
export function pipeOptions(generation: Generation): ClientOptions {
  return { era: generation === '2025-11-25' ? 'legacy' : generation, requestTimeoutMs: 400 }
}
