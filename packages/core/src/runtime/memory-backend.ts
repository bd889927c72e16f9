import type { Clock } from '../clock/clock.ts'
import { InProcessEngine } from '../engine/in-process-engine.ts'
import { MemoryStore } from '../store/memory-store.ts'
import type { TaskBackend } from './runtime-options.ts'

/**
 * Keeps and runs tasks in this process, with nothing to install: quick, and gone with the process.
 *
 * @param options.concurrency How many bodies run at once; 64 by default.
 */
export function memory(options: { readonly concurrency?: number; readonly clock?: Clock } = {}): TaskBackend {
  return { store: new MemoryStore(options), engine: new InProcessEngine(options) }
}
