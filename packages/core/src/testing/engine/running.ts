import { deepEqual, equal, rejects } from 'node:assert/strict'
import type { EngineCases } from './engine-cases.ts'
import { rounds, submit, task, Workshop } from './workshop.ts'

const ids: readonly string[] = Array.from({ length: 20 }, (_, index) => `task-${index}`)

export const running: EngineCases = {
  'tasks begin in the order in which they were submitted': {
    concurrency: 1,
    check: async (engine) => {
      const workshop = new Workshop({ body: rounds })
      await engine.start(workshop)
      await submit(engine, ...ids)
      await workshop.until('end task-19')
      deepEqual(workshop.begun, ids)
      equal(workshop.peak, 1)
    },
  },

  'what was submitted before the start is run after it': {
    concurrency: 1,
    check: async (engine) => {
      const workshop = new Workshop({ body: rounds })
      await submit(engine, 'a', 'b')
      deepEqual(workshop.begun, [])
      await engine.start(workshop)
      await workshop.until('end b')
      deepEqual(workshop.begun, ['a', 'b'])
    },
  },

  'an engine that was started is not started again, and goes on with the worker that it has': {
    concurrency: 1,
    check: async (engine) => {
      const [first, second] = [new Workshop({ body: rounds }), new Workshop({ body: rounds })]
      await engine.start(first)
      await rejects(engine.start(second), { code: 'engine_started' })
      await submit(engine, 'a')
      await first.until('end a')
      deepEqual([first.begun, second.begun], [['a'], []])
    },
  },

  'as many run at once as the concurrency says, and no more': {
    concurrency: 3,
    check: async (engine) => {
      const first = ids.slice(0, 3)
      const workshop = new Workshop({
        body: async (id) => {
          // These wait for each other: fewer at once would never end.
          if (first.includes(id)) await Promise.all(first.map((other) => workshop.until(`begin ${other}`)))
          await rounds()
        },
      })
      await engine.start(workshop)
      await submit(engine, ...ids)
      for (const id of ids) await workshop.until(`end ${id}`)
      equal(workshop.peak, 3)
      deepEqual(workshop.begun.toSorted(), ids.toSorted())
    },
  },

  'a task that ends makes place for the next': {
    concurrency: 2,
    check: async (engine) => {
      const workshop = new Workshop()
      await engine.start(workshop)
      await submit(engine, 'a', 'b', 'c', 'd')
      await workshop.until('begin b')
      workshop.end('b')
      await workshop.until('begin c')
      deepEqual(workshop.begun, ['a', 'b', 'c'])
      workshop.end('a')
      await workshop.until('begin d')
      workshop.end('c')
      workshop.end('d')
      await workshop.until('end d')
      equal(workshop.peak, 2)
    },
  },

  'a task that is submitted again while it waits is run once': {
    concurrency: 1,
    check: async (engine) => {
      const workshop = new Workshop()
      await engine.start(workshop)
      await submit(engine, 'first')
      await workshop.until('begin first')
      await submit(engine, 'twice', 'other', 'twice', 'last')
      for (const id of ['first', 'twice', 'other']) {
        await workshop.until(`begin ${id}`)
        workshop.end(id)
      }
      await workshop.until('begin last')
      workshop.end('last')
      deepEqual(workshop.begun, ['first', 'twice', 'other', 'last'])
    },
  },

  'a task that is submitted again after it ran is run again': {
    concurrency: 1,
    check: async (engine) => {
      const workshop = new Workshop({ body: rounds })
      await engine.start(workshop)
      for (const times of [1, 2, 3]) {
        // The engine may see the end of a run later than its body does: until then it is still the same run.
        await submit(engine, 'again', `other-${times}`)
        await workshop.until(`end other-${times}`)
        await workshop.until('end again', times)
      }
      equal(workshop.begun.filter((id) => id === 'again').length, 3)
    },
  },

  'a run that fails does not stop the engine, nor hold its place': {
    concurrency: 1,
    check: async (engine) => {
      const workshop = new Workshop({
        body: async (id) => {
          if (id.startsWith('bad')) throw new Error('This should never happen.')
          await rounds()
        },
      })
      await engine.start(workshop)
      await submit(engine, 'bad-1', 'good-1', 'bad-2', 'good-2')
      await workshop.until('end good-1')
      await workshop.until('end good-2')
      equal(workshop.peak, 1)
    },
  },

  'a worker is given no task of a tool or a namespace that it does not know': {
    concurrency: 1,
    check: async (engine) => {
      const workshop = new Workshop({ tools: ['render', 'scan'], body: rounds })
      await engine.submit(task('print', { tool: 'print' }))
      await engine.start(workshop)
      await engine.submit(task('early'))
      await engine.submit(task('elsewhere', { namespace: 'other' }))
      await engine.submit(task('print again', { tool: 'print' }))
      await engine.submit(task('scan', { tool: 'scan' }))
      await engine.submit(task('last'))
      await workshop.until('end scan')
      await workshop.until('end last')
      deepEqual(workshop.begun.toSorted(), ['early', 'last', 'scan'])
    },
  },
}
