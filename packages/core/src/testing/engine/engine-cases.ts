import type { TaskEngine } from '../../engine/task-engine.ts'

/** An engine that was opened for one case. */
export interface EngineUnderTest {
  /** Has no work, and was not started. */
  readonly engine: TaskEngine
  /** Called when the case is over, whether it held or not; the engine has been stopped, if it held. */
  close(): Promise<void>
}

/** Claims about one engine that runs so many tasks at once. */
export type EngineCases = Readonly<
  Record<string, { readonly concurrency: number; readonly check: (engine: TaskEngine) => Promise<void> }>
>

/** Claims about two engines on the same work. */
export type SharedEngineCases = Readonly<
  Record<
    string,
    { readonly concurrency: number; readonly check: (one: TaskEngine, other: TaskEngine) => Promise<void> }
  >
>
