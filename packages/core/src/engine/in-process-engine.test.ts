import { test } from 'vitest'
import { engineContract } from '../testing.ts'
import { InProcessEngine } from './in-process-engine.ts'

const contract = engineContract({
  open: async (options) => ({ engine: new InProcessEngine(options), close: async () => {} }),
})

test.each(contract.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => await run())
