import { test } from 'vitest'
import { ManualClock, storeContract } from '../testing.ts'
import { MemoryStore } from './memory-store.ts'

const contract = storeContract({
  open: async () => {
    const clock = new ManualClock()
    const store = new MemoryStore({ clock })
    return { store, clock, advance: (ms) => clock.advance(ms), close: () => store.close() }
  },
  turnBack: async ({ clock }, ms) => clock.set(clock.now() - ms),
})

test.each(contract.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => await run())
