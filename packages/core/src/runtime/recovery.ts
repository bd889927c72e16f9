import type { EngineTask } from '../engine/task-engine.ts'
import type { Endings } from './endings.ts'
import type { RuntimeParts } from './runtime-parts.ts'

/** How many tasks are asked for at once. */
const pageSize = 100

/**
 * One sweep: expires what is over, ends what was lost and must not run again, and has run what nobody runs.
 *
 * @param submit Has a task run.
 */
export async function recover(
  { store, namespace, leaseMs, definitions, running, emit, trouble }: RuntimeParts,
  endings: Endings,
  submit: (task: EngineTask) => Promise<void>,
): Promise<void> {
  for await (const task of paged((limit) => store.sweep(limit))) {
    running.abort(task.id, 'lost')
    emit(task, { kind: 'expired', status: task.status })
  }
  await running.catchUp()
  for await (const lost of paged((limit) => store.claimLost({ namespace, leaseMs }, limit))) {
    // One that cannot be ended is found again when this lease has run out, and keeps nobody else waiting.
    await endings.byLoss(lost).catch(trouble)
  }
  const claim = { namespace, tools: [...definitions.keys()] }
  let cursor: string | undefined
  do {
    const page = await store.claimable(claim, { limit: pageSize, ...(cursor !== undefined && { cursor }) })
    // In their order, and without waiting for each: an engine may have a disk to write to.
    await Promise.all(page.tasks.map(submit))
    cursor = page.nextCursor
  } while (cursor !== undefined)
}

/** What `take` gives, until it gives less than it may; what was taken is dealt with before more is. */
async function* paged<T>(take: (limit: number) => Promise<readonly T[]>): AsyncIterable<T> {
  for (;;) {
    const some = await take(pageSize)
    yield* some
    if (some.length < pageSize) return
  }
}
