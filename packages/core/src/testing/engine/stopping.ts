import { deepEqual, equal } from 'node:assert/strict'
import type { EngineCases } from './engine-cases.ts'
import { Gate, rounds, submit, task, Workshop, workshopThatAsks } from './workshop.ts'

export const stopping: EngineCases = {
  'an engine that was never started can be stopped': {
    concurrency: 1,
    check: async (engine) => {
      await submit(engine, 'a')
      await engine.stop()
    },
  },

  'an engine may be stopped twice': {
    concurrency: 1,
    check: async (engine) => {
      await engine.start(new Workshop())
      await Promise.all([engine.stop(), engine.stop()])
      await engine.stop()
    },
  },

  'to stop hands out no more, and waits for what was handed out': {
    concurrency: 1,
    check: async (engine) => {
      const workshop = new Workshop()
      await engine.start(workshop)
      await submit(engine, 'a', 'b')
      await workshop.until('begin a')
      let isStopped = false
      const stopped = engine.stop().then(() => (isStopped = true))
      await rounds()
      equal(isStopped, false)
      workshop.end('a')
      await stopped
      deepEqual(workshop.log, ['begin a', 'end a'])
    },
  },

  'to stop waits for bodies that wait, and they still get a place': {
    concurrency: 1,
    check: async (engine) => {
      const answered = new Gate()
      const workshop = workshopThatAsks(answered)
      await engine.start(workshop)
      await submit(engine, 'asking', 'b', 'c')
      await workshop.until('begin b')
      const stopped = engine.stop()
      answered.open()
      await rounds()
      workshop.end('b')
      await workshop.until('return asking')
      workshop.end('asking')
      await stopped
      deepEqual(workshop.begun, ['asking', 'b'])
    },
  },

  'to stop waits although a run fails': {
    concurrency: 2,
    check: async (engine) => {
      const workshop = new Workshop({
        body: async (id) => {
          await workshop.untilEnded(id)
          if (id === 'bad') throw new Error('This should never happen.')
        },
      })
      await engine.start(workshop)
      await submit(engine, 'bad', 'good')
      await workshop.until('begin good')
      const stopped = engine.stop()
      workshop.end('bad')
      await rounds()
      workshop.end('good')
      await stopped
      deepEqual(workshop.log.slice(2), ['end bad', 'end good'])
    },
  },

  'what is submitted to an engine that was stopped is not run by it': {
    concurrency: 1,
    check: async (engine) => {
      const workshop = new Workshop({ body: rounds })
      await engine.start(workshop)
      await engine.stop()
      // It may say that it takes no more, or leave the task to others.
      await engine.submit(task('late')).catch(() => {})
      await rounds()
      deepEqual(workshop.begun, [])
    },
  },
}
