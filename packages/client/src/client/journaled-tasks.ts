import { LongcallError, type Clock } from '@longcall/core'
import type { WaitLimits } from '../connection/deadline.ts'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import type { ClientJournal, TakenTask } from '../journal/client-journal.ts'
import { EndedTask } from '../tasks/ended-task.ts'
import type { TaskRegistry } from '../tasks/task-registry.ts'
import { pendingCall, type PendingCall } from './pending-calls.ts'
import type { TaskKinds } from './task-kinds.ts'
import { TakenTasks, type ResumedOutcome, type ResumedTasks, type TakenHandle } from './resumed-tasks.ts'

/** How to take tasks up again. */
export interface ResumeAllOptions extends WaitLimits {
  /**
   * Has the outcome of each task as it ends, from now on; the journal keeps it until this resolves. Where it throws, the
   * outcome is kept for the next `resumeAll()`, and `onError` is told. An outcome may come a second time, where a process died
   * in between.
   */
  readonly onResult?: (outcome: ResumedOutcome) => void | Promise<void>
}

/** What the journal keeps for this client: to look at, to take up again, to throw away. */
export class JournaledTasks {
  readonly #port: JournaledTasksPort

  constructor(port: JournaledTasksPort) {
    this.#port = port
  }

  async pending(): Promise<readonly PendingCall[]> {
    return (await this.#journal('pending').list()).map(pendingCall)
  }

  async resumeAll({ onResult, ...limits }: ResumeAllOptions): Promise<ResumedTasks> {
    if (onResult !== undefined && typeof onResult !== 'function')
      throw new InvalidOptionError('onResult', onResult, 'a function')
    const journal = this.#journal('resumeAll')
    const taken = (await journal.takeAll()).map((task) => this.#handle(task, onResult !== undefined))
    const fateUnknown = (await this.pending()).filter(({ kind }) => kind === 'fate_unknown')
    const resumed = new TakenTasks(taken, fateUnknown, onResult)
    if (onResult !== undefined) for (const each of taken) this.#follow(resumed.outcome(each, limits), each)
    return resumed
  }

  async forget(id: string): Promise<boolean> {
    if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id))
      throw new InvalidOptionError('id', id, 'the id of a pending call')
    return this.#journal('forget').forget(id)
  }

  async prune({ olderThanMs }: { readonly olderThanMs: number }): Promise<number> {
    if (typeof olderThanMs !== 'number' || !(olderThanMs >= 0))
      throw new InvalidOptionError('olderThanMs', olderThanMs, 'milliseconds, zero or more')
    return this.#journal('prune').prune(this.#port.clock.now() - olderThanMs)
  }

  /** The outcome of a task that is followed is kept until `onResult` has it, whoever else asks for it. */
  #handle({ entry, keeper }: TakenTask, isFollowed: boolean): Taken {
    const { registry, clock } = this.#port
    const acknowledge = (): void => keeper.acknowledged()
    const source =
      entry.state === 'ended'
        ? new EndedTask({ reference: entry.reference, ending: entry.ending, clock, keeper })
        : registry.resume(entry.reference)
    let hasOutcome = false
    const waited = this.#port.kinds.handle(source, () => {
      hasOutcome = true
    })
    return {
      task: this.#port.kinds.handle(source, isFollowed ? () => {} : acknowledge),
      result: (limits) => waited.result(limits),
      hasOutcome: () => hasOutcome,
      acknowledge,
      isOurs: () => keeper.isOurs(),
      letGo: () => keeper.letGo(),
    }
  }

  /** Where nobody waits for the outcome, what fails is reported, and others may take the task. */
  #follow(outcome: Promise<unknown>, { letGo }: Taken): void {
    outcome.catch((error: unknown) => {
      letGo()
      this.#port.report(error)
    })
  }

  #journal(method: string): ClientJournal {
    const journal = this.#port.journal(`tasks.${method}`)
    if (journal !== undefined) return journal
    throw new LongcallError(
      'no_journal',
      `tasks.${method} needs a journal, and this client keeps none; pass one to Client.connect(): journal: fileJournal(path).`,
    )
  }
}

interface Taken extends TakenHandle {
  readonly letGo: () => void
}

/** What {@link JournaledTasks} needs of its client. */
export interface JournaledTasksPort {
  readonly registry: TaskRegistry
  readonly clock: Clock
  /** That of the connection; throws, naming the method, when there is none. */
  journal(method: string): ClientJournal | undefined
  readonly kinds: TaskKinds
  readonly report: (error: unknown) => void
}
