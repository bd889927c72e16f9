import { deepEqual, equal } from 'node:assert/strict'
import type { SharedEngineCases } from './engine-cases.ts'
import { rounds, submit, task, Workshop } from './workshop.ts'

export const spreading: SharedEngineCases = {
  'what one submits, another that was started runs': {
    concurrency: 1,
    check: async (one, other) => {
      const workshop = new Workshop({ body: rounds })
      await other.start(workshop)
      await submit(one, 'a', 'b')
      await workshop.until('end b')
      deepEqual(workshop.begun, ['a', 'b'])
    },
  },

  'each task is run once, by one of them': {
    concurrency: 2,
    check: async (one, other) => {
      const workshops = [new Workshop({ body: rounds }), new Workshop({ body: rounds })] as const
      await Promise.all([one.start(workshops[0]), other.start(workshops[1])])
      const ids = Array.from({ length: 30 }, (_, index) => `task-${index}`)
      await submit(one, ...ids)
      await Promise.all(ids.map((id) => Promise.race(workshops.map((workshop) => workshop.until(`end ${id}`)))))
      deepEqual(workshops.flatMap(({ begun }) => begun).toSorted(), ids.toSorted())
    },
  },

  'a task goes to one that knows its tool': {
    concurrency: 1,
    check: async (one, other) => {
      const printer = new Workshop({ tools: ['print'], body: rounds })
      const renderer = new Workshop({ tools: ['render'], body: rounds })
      await Promise.all([one.start(printer), other.start(renderer)])
      for (let count = 0; count < 5; count += 1) {
        await one.submit(task(`render-${count}`))
        await other.submit(task(`print-${count}`, { tool: 'print' }))
      }
      for (let count = 0; count < 5; count += 1) {
        await renderer.until(`end render-${count}`)
        await printer.until(`end print-${count}`)
      }
      equal(renderer.begun.length + printer.begun.length, 10)
    },
  },

  'what a stopped one leaves, the other runs': {
    concurrency: 1,
    check: async (one, other) => {
      const busy = new Workshop()
      await one.start(busy)
      await submit(one, 'a', 'b', 'c')
      await busy.until('begin a')
      const stopped = one.stop()
      busy.end('a')
      await stopped
      const workshop = new Workshop({ body: rounds })
      await other.start(workshop)
      await workshop.until('end c')
      deepEqual([busy.begun, workshop.begun], [['a'], ['b', 'c']])
    },
  },
}
