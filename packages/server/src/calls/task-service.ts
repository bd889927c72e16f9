import type { TaskExecution, TaskRecord, TaskRuntime } from '@longcall/core'
import { notFoundError, openQuestions } from '@longcall/core'
import type { Answer } from '../sdk/sdk-server.ts'
import type { Tool } from '../tool/tool.ts'
import { AnswerCheck } from './answers.ts'
import { ArrivingAnswers } from './arriving-answers.ts'
import { Audience } from './audience.ts'
import type { Principal } from './caller.ts'
import { ClientTasks } from './client-tasks.ts'
import { Courier } from './courier.ts'
import { PollPacer } from './poll-pacer.ts'

/** What holds for all calls. */
export interface ServiceSettings {
  readonly principal: Principal
  readonly maskErrors: boolean
  readonly pollIntervalMs: number
  readonly roundTtlMs: number
}

/** What both wires stand on: the tools, the runtime of their tasks, and what this process knows of who waits for what. */
export class TaskService {
  readonly runtime: TaskRuntime
  readonly settings: ServiceSettings
  readonly tools: Map<string, Tool> = new Map()
  readonly answers: AnswerCheck
  readonly arriving: ArrivingAnswers = new ArrivingAnswers()
  readonly audience: Audience
  readonly clientTasks: ClientTasks = new ClientTasks()
  readonly courier: Courier = new Courier()
  /** The calls of this process that wait for another round, by their records. */
  readonly rounds: Map<string, TaskExecution> = new Map()
  readonly pacer: PollPacer

  constructor(runtime: TaskRuntime, settings: ServiceSettings) {
    this.runtime = runtime
    this.settings = settings
    this.answers = new AnswerCheck(runtime.limits.maxAnswerBytes)
    this.audience = new Audience(runtime)
    this.pacer = new PollPacer(runtime)
  }

  /** Whether any tool can be called as a task: otherwise there are no tasks, as far as a client is concerned. */
  get offersTasks(): boolean {
    return [...this.tools.values()].some(({ config }) => config.task !== 'forbidden')
  }

  /**
   * Takes answers to questions of a task; those to unknown, answered and withdrawn ones are left aside.
   *
   * @throws {RpcError} Thrown with -32602, and nothing is kept, when the task is not there or an answer does not fit its
   * question.
   */
  async answer(id: string, answers: Readonly<Record<string, unknown>>, owner: string | undefined): Promise<TaskRecord> {
    const task = await this.runtime.get(id, owner)
    if (task === undefined) throw notFoundError(id)
    const fitting = this.answers.checkAll(openQuestions(task), answers)
    const result = await this.runtime.answer(id, fitting, owner)
    if (result.kind === 'missing') throw notFoundError(id)
    return result.task
  }

  /**
   * Takes a client's answer off the 2025-11-25 wire, where nothing can be said against it any more: one that does not fit its
   * question reaches the body as the error that it is.
   */
  async takeAnswer(id: string, key: string, answer: Answer, owner: string): Promise<void> {
    const task = await this.runtime.get(id, owner)
    const question = task === undefined ? undefined : openQuestions(task).find((open) => open.key === key)
    if (question === undefined) return
    await this.runtime.answer(id, new Map([[key, this.answers.read(question, answer)]]), owner)
  }
}
