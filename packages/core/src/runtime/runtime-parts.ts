import type { Clock } from '../clock/clock.ts'
import type { TaskRecord } from '../store/task-record.ts'
import type { TaskStore } from '../store/task-store.ts'
import type { RunningTasks } from './running-tasks.ts'
import type { TaskLimits } from './runtime-options.ts'
import type { TaskDefinition } from './task-body.ts'
import type { TaskEventDetail } from './task-events.ts'

/** What the parts of a runtime share. */
export interface RuntimeParts {
  readonly store: TaskStore
  readonly clock: Clock
  readonly limits: TaskLimits
  readonly namespace: string
  readonly leaseMs: number
  readonly definitions: ReadonlyMap<string, TaskDefinition>
  readonly running: RunningTasks
  /** Tells the listener of something that happened to a task. */
  readonly emit: (task: Pick<TaskRecord, 'id' | 'tool' | 'owner'>, detail: TaskEventDetail) => void
  /** Tells the listener of something that could not be done now. */
  readonly trouble: (error: unknown) => void
}
