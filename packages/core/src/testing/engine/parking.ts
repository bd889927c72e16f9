import { deepEqual, equal, rejects } from 'node:assert/strict'
import type { EngineCases } from './engine-cases.ts'
import { Gate, rounds, submit, Workshop, workshopThatAsks } from './workshop.ts'

export const parking: EngineCases = {
  'a body that waits gives its place to the next': {
    concurrency: 1,
    check: async (engine) => {
      const answered = new Gate()
      const workshop = new Workshop({
        body: async (id, slot) => {
          if (id === 'asking') await workshop.park(id, slot, () => answered.opened)
          else await rounds()
        },
      })
      await engine.start(workshop)
      await submit(engine, 'asking', 'b', 'c')
      await workshop.until('end c')
      answered.open()
      await workshop.until('end asking')
      equal(workshop.peak, 1)
    },
  },

  'a body that has waited gets a place before those that have not begun, and not before there is one': {
    concurrency: 1,
    check: async (engine) => {
      const answered = new Gate()
      const workshop = workshopThatAsks(answered)
      await engine.start(workshop)
      await submit(engine, 'asking', 'b', 'c')
      await workshop.until('begin b')
      answered.open()
      await rounds()
      deepEqual(workshop.log, ['begin asking', 'park asking', 'begin b'])
      workshop.end('b')
      await workshop.until('return asking')
      await rounds()
      deepEqual(workshop.begun, ['asking', 'b'])
      workshop.end('asking')
      await workshop.until('begin c')
      workshop.end('c')
      equal(workshop.peak, 1)
    },
  },

  'a wait gives what it gives, and fails as it fails, with a place again': {
    concurrency: 1,
    check: async (engine) => {
      const failed = new Gate()
      let given: unknown
      const workshop = new Workshop({
        body: async (id, slot) => {
          if (id !== 'asking') return await workshop.untilEnded(id)
          given = await workshop.park(id, slot, async () => 'answer')
          await rejects(
            workshop.park(id, slot, () => failed.opened),
            /nobody there/,
          )
        },
      })
      await engine.start(workshop)
      await submit(engine, 'asking', 'b')
      await workshop.until('park asking', 2)
      await workshop.until('begin b')
      failed.fail(new Error('nobody there'))
      workshop.end('b')
      await workshop.until('end asking')
      deepEqual(given, ['answer'])
      equal(workshop.peak, 1)
    },
  },

  'a body with several waits gives one place away, and has it again when all are over': {
    concurrency: 1,
    check: async (engine) => {
      const [first, second] = [new Gate(), new Gate()]
      const workshop = new Workshop({
        body: async (id, slot) => {
          if (id !== 'asking') return await workshop.untilEnded(id)
          await workshop.park(
            id,
            slot,
            () => first.opened,
            () => second.opened,
          )
          await workshop.untilEnded(id)
        },
      })
      await engine.start(workshop)
      await submit(engine, 'asking', 'b', 'c')
      await workshop.until('begin b')
      first.open()
      await rounds()
      deepEqual(workshop.log, ['begin asking', 'park asking', 'begin b'])
      second.open()
      await rounds()
      workshop.end('b')
      await workshop.until('return asking')
      await rounds()
      deepEqual(workshop.begun, ['asking', 'b'])
      workshop.end('asking')
      await workshop.until('begin c')
      workshop.end('c')
      equal(workshop.peak, 1)
    },
  },

  'a body may wait again and again': {
    concurrency: 1,
    check: async (engine) => {
      const workshop = new Workshop({
        body: async (id, slot) => {
          for (let times = 0; times < 5; times += 1) await workshop.park(id, slot, rounds)
        },
      })
      await engine.start(workshop)
      await submit(engine, 'a', 'b', 'c', 'd')
      for (const id of ['a', 'b', 'c', 'd']) await workshop.until(`end ${id}`)
      equal(workshop.peak, 1)
    },
  },

  'a wait that begins while a place is sought keeps the body waiting': {
    concurrency: 1,
    check: async (engine) => {
      const [first, second] = [new Gate(), new Gate()]
      const workshop = new Workshop({
        body: async (id, slot) => {
          if (id !== 'asking') return await workshop.untilEnded(id)
          const early = slot.park(() => first.opened)
          await workshop.until('begin b')
          first.open()
          // The first wait is over and seeks a place, which b has.
          await rounds()
          await workshop.park(id, slot, () => second.opened)
          await early
        },
      })
      await engine.start(workshop)
      await submit(engine, 'asking', 'b', 'c', 'd')
      await workshop.until('park asking')
      workshop.end('b')
      await workshop.until('begin c')
      second.open()
      workshop.end('c')
      await workshop.until('end asking')
      await workshop.until('begin d')
      workshop.end('d')
      await workshop.until('end d')
    },
  },

  'a body that seeks a place twice at once gets one': {
    concurrency: 1,
    check: async (engine) => {
      const answered = new Gate()
      const workshop = new Workshop({
        body: async (id, slot) => {
          if (id !== 'asking') return await workshop.untilEnded(id)
          const early = slot.park(() => answered.opened)
          await workshop.until('begin b')
          answered.open()
          await rounds()
          const late = slot.park(async () => {})
          await rounds()
          workshop.end('b')
          await Promise.all([early, late])
        },
      })
      await engine.start(workshop)
      await submit(engine, 'asking', 'b', 'c', 'd')
      await workshop.until('end asking')
      for (const id of ['c', 'd']) {
        await workshop.until(`begin ${id}`)
        workshop.end(id)
      }
      await workshop.until('end d')
      deepEqual(workshop.log.slice(-4), ['begin c', 'end c', 'begin d', 'end d'])
    },
  },

  'a body that ends before its wait does gives its place back once': {
    concurrency: 1,
    check: async (engine) => {
      const answered = new Gate()
      let waiting: Promise<void> | undefined
      const workshop = new Workshop({
        body: async (id, slot) => {
          if (id === 'asking') waiting = slot.park(() => answered.opened)
          await rounds()
        },
      })
      await engine.start(workshop)
      await submit(engine, 'asking', 'b', 'c')
      await workshop.until('end c')
      answered.open()
      await waiting
      const begun = workshop.begun.length
      await submit(engine, 'd', 'e', 'f')
      await workshop.until('end f')
      deepEqual(workshop.begun.slice(begun), ['d', 'e', 'f'])
      deepEqual(workshop.log.slice(-6), ['begin d', 'end d', 'begin e', 'end e', 'begin f', 'end f'])
    },
  },
}
