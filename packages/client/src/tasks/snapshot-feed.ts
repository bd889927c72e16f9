import type { TaskSnapshot } from '@longcall/core'
import { awaitTask, untilEnded } from './await-task.ts'
import type { WaitLimits } from '../connection/deadline.ts'
import type { TaskSource } from './task-source.ts'

/**
 * The snapshots of a task as they come, from what is known now to the terminal one; one that says nothing new is left out.
 *
 * Somebody who is slow to read misses none, up to a thousand; then the oldest are dropped.
 */
export function snapshotFeed(source: TaskSource, limits: WaitLimits): AsyncGenerator<TaskSnapshot, void, undefined> {
  const gone = new AbortController()
  const feed = snapshots(source, limits, gone.signal)
  // A generator only ends when it runs, which one that waits for the next snapshot does not.
  const end = feed.return.bind(feed)
  feed.return = (value) => {
    gone.abort()
    return end(value)
  }
  return feed
}

async function* snapshots(
  source: TaskSource,
  limits: WaitLimits,
  gone: AbortSignal,
): AsyncGenerator<TaskSnapshot, void, undefined> {
  const queue: TaskSnapshot[] = []
  const left = new AbortController()
  let last = ''
  let wake: (() => void) | undefined
  let over: { readonly error?: unknown } | undefined
  const add = (snapshot: TaskSnapshot): void => {
    const said = JSON.stringify({ ...snapshot, lastUpdatedAt: undefined })
    if (said === last) return
    last = said
    queue.push(snapshot)
    if (queue.length > queueLimit) queue.shift()
    wake?.()
  }
  const onGone = (): void => {
    over = {}
    wake?.()
  }
  gone.addEventListener('abort', onGone, { once: true })
  const onAbort = (): void => left.abort(limits.signal?.reason)
  if (limits.signal?.aborted) onAbort()
  limits.signal?.addEventListener('abort', onAbort, { once: true })
  if (source.latest !== undefined) add(source.latest)
  awaitTask(source, untilEnded, { ...limits, signal: left.signal }, undefined, add).then(
    (snapshot) => {
      add(snapshot)
      over = {}
      wake?.()
    },
    (error: unknown) => {
      over = { error }
      wake?.()
    },
  )
  try {
    for (;;) {
      const next = queue.shift()
      if (next !== undefined) yield next
      else if (over === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      } else if ('error' in over) throw over.error
      else return
    }
  } finally {
    limits.signal?.removeEventListener('abort', onAbort)
    left.abort(new Error('nobody reads any more'))
  }
}

const queueLimit = 1000
