/**
 * What moves work: tells a process when to run which task. It never knows how a task is; the store does.
 *
 * A task that an engine forgets is found by the runtime's sweep, and one that it hands out twice is run once, because a
 * body begins with a claim. Implementations show that they are one with `engineContract` of `@longcall/core/testing`.
 */
export interface TaskEngine {
  /**
   * Has the task run, here or elsewhere, soon. May be called again for the same task; while that is being run, it may be
   * ignored.
   */
  submit(task: EngineTask): Promise<void>
  /**
   * Begins to hand out tasks in this process. An engine belongs to one runtime, and is started once; when that rejects, once
   * more.
   *
   * @throws {LongcallError} Thrown with the code `engine_started` when it was started before.
   */
  start(worker: EngineWorker): Promise<void>
  /** Hands out no more. Resolves when those that were handed out are done. May be called without {@link start}. */
  stop(): Promise<void>
}

/** A task, as far as an engine knows it. */
export interface EngineTask {
  readonly id: string
  readonly tool: string
  readonly namespace: string
}

/** What runs tasks in a process. */
export interface EngineWorker {
  readonly namespace: string
  /** The tools that this process knows; it should be given no task of another, and refuses it by its claim. */
  readonly tools: () => readonly string[]
  /** Runs a task to its end, or returns at once where there is nothing to run. Never rejects. */
  run(taskId: string, slot: EngineSlot): Promise<void>
}

/** The place that a running task takes among those that run at once. */
export interface EngineSlot {
  /** Gives the place to others while `wait` lasts, and has one again when it resolves or rejects. */
  park<T>(wait: () => Promise<T>): Promise<T>
}
