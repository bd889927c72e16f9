import { EventEmitter, once } from 'node:events'
import { InProcessEngine, MemoryStore, type Clock, type TaskBackend, type TaskStore } from '@longcall/core'

/** A backend that knows how many wait for changes of its tasks. */
export interface WatchedBackend extends TaskBackend {
  /** How many watch a task now; a body that runs watches its own. */
  readonly watching: number
  /** Resolves when so many watch: nobody, unless bodies still run. */
  untilUnwatched(running?: number): Promise<void>
}

/** Keeps tasks in memory, and sees who watches them: what is freed and what is not. */
export function watchedBackend(options: { readonly clock?: Clock } = {}): WatchedBackend {
  const memory = new MemoryStore(options)
  let watching = 0
  const changes = new EventEmitter()
  const watch: TaskStore['watch'] = (id, hint) => {
    const unwatch = memory.watch(id, hint)
    let isWatched = true
    watching += 1
    return () => {
      unwatch()
      if (isWatched) watching -= 1
      isWatched = false
      changes.emit('unwatched')
    }
  }
  const store = new Proxy<TaskStore>(memory, {
    get: (target, name: keyof TaskStore) => (name === 'watch' ? watch : target[name].bind(target)),
  })
  return {
    store,
    engine: new InProcessEngine(),
    get watching() {
      return watching
    },
    untilUnwatched: async (running = 0) => {
      for (;;) {
        if (watching === running) return
        await once(changes, 'unwatched')
      }
    },
  }
}

/** Rejects when the signal aborts: what a body that never ends by itself waits for. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}
