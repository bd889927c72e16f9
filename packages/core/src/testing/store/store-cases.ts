import type { TaskStore } from '../../store/task-store.ts'

/** A store that was opened for one case, and what the case needs beside it. */
export interface StoreUnderTest {
  /** Holds no task. */
  readonly store: TaskStore
  /** Lets the store's clock go on by `ms` at least, and not much more: moves it, or waits. Never asked for a second. */
  advance(ms: number): Promise<void>
  /** Called when the case is over, whether it held or not. */
  close(): Promise<void>
}

/** Claims about one store. */
export type StoreCases = Readonly<Record<string, (under: StoreUnderTest) => Promise<void>>>

/** Claims about two handles on the same data, which may be one and the same. */
export type SharedCases = Readonly<
  Record<string, (under: StoreUnderTest, handles: readonly [TaskStore, TaskStore]) => Promise<void>>
>
