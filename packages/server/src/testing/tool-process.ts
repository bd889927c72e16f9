import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'
import { InProcessEngine, type Clock, type TaskStore } from '@longcall/core'
import { Tasks, type TasksOptions } from '../tasks/tasks.ts'
import type { ToolConfig, ToolHandler } from '../tool/tool.ts'
import { MortalStore } from './mortal-store.ts'
import type { Recorder } from './recorder.ts'
import type { TaskWatch } from './task-watch.ts'

/** What several processes share. */
export interface SharedParts {
  readonly store: TaskStore
  readonly clock: Clock
  readonly watch: TaskWatch
  readonly recorder: Recorder
  /** The keys of the steps that the store has. */
  readonly keptSteps: Set<string>
  readonly declare: (tasks: Tasks) => void
  readonly options: Omit<TasksOptions, 'backend' | 'clock'>
}

/** What one process of a server has of its own: its tools, and a handle on the store that dies with it. */
export class ToolProcess {
  readonly tasks: Tasks
  readonly store: MortalStore

  constructor({ store, clock, watch, recorder, keptSteps, declare, options }: SharedParts) {
    this.store = new MortalStore(store, watch, keptSteps)
    const backend = { store: this.store, engine: new InProcessEngine() }
    this.tasks = new WatchedTasks({ ...options, backend, clock }, recorder, () => this.store.isDead)
    declare(this.tasks)
  }
}

/** Tasks whose tools run under the eyes of a recorder. */
class WatchedTasks extends Tasks {
  readonly #recorder: Recorder
  readonly #isDead: () => boolean

  constructor(options: TasksOptions, recorder: Recorder, isDead: () => boolean) {
    super(options)
    this.#recorder = recorder
    this.#isDead = isDead
  }

  override registerTool<
    Input extends StandardSchemaWithJSON | undefined = undefined,
    Output extends StandardSchemaWithJSON | undefined = undefined,
  >(name: string, config: ToolConfig<Input, Output>, handler: ToolHandler<Input>): void {
    const { prepare } = config
    const watched: ToolConfig<Input, Output> = {
      ...config,
      ...(prepare !== undefined && {
        prepare: (args, context) => this.#recorder.run(context, this.#isDead, (watching) => prepare(args, watching)),
      }),
    }
    super.registerTool(name, watched, (args, context) =>
      this.#recorder.run(context, this.#isDead, (watching) => handler(args, watching)),
    )
  }
}
