import { describe, expect, test } from 'vitest'
import type { TaskNote } from '../store/task-store.ts'
import { ManualClock } from '../testing.ts'
import { NoteWriter } from './note-writer.ts'

describe('the reports of a body', () => {
  test('are written at once, then as one for what comes within a moment, the newest of each', async () => {
    const clock = new ManualClock(0)
    const written: (TaskNote & { at: number })[] = []
    const notes = new NoteWriter(async (note) => void written.push({ ...note, at: clock.now() }), clock)
    notes.add({ statusMessage: 'one' })
    notes.add({ progress: { progress: 1 } })
    notes.add({ statusMessage: 'two' })
    notes.add({ progress: { progress: 2 } })
    await clock.advance(200)
    notes.add({ statusMessage: 'three' })
    expect(written).toEqual([
      { statusMessage: 'one', at: 0 },
      { statusMessage: 'two', progress: { progress: 2 }, at: 50 },
      { statusMessage: 'three', at: 200 },
    ])
    await clock.advance(100)
    expect(clock.sleepers).toBe(0)
  })

  test('that come without end are written at a steady pace', async () => {
    const clock = new ManualClock(0)
    let count = 0
    const notes = new NoteWriter(async () => void (count += 1), clock)
    for (let ms = 0; ms < 1_000; ms += 1) {
      notes.add({ statusMessage: `${ms}` })
      await clock.advance(1)
    }
    expect(count).toBeLessThanOrEqual(21)
  })

  test('wait for a slow store, and are lost when it fails', async () => {
    const clock = new ManualClock(0)
    const written: TaskNote[] = []
    const waiting: (() => void)[] = []
    const notes = new NoteWriter(async (note) => {
      written.push(note)
      await new Promise<void>((resolve) => waiting.push(resolve))
      if (written.length === 1) throw new Error('no disk')
    }, clock)
    notes.add({ statusMessage: 'one' })
    notes.add({ statusMessage: 'two' })
    await clock.advance(1_000)
    expect(written).toEqual([{ statusMessage: 'one' }])
    waiting[0]?.()
    await clock.advance(50)
    expect(written).toEqual([{ statusMessage: 'one' }, { statusMessage: 'two' }])
  })
})
