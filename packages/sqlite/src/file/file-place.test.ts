import { mkdirSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { FilePlace } from './file-place.ts'

const settleMs = 10
let folder: string
let file: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'longcall-place-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  file = join(folder, 'tasks.db')
  for (const name of [file, `${file}-wal`]) writeFileSync(name, '')
})

/** Long enough since the folder changed for it to have settled, and for the system's clock to tell the next change apart. */
function settled(): Promise<unknown> {
  return vi.waitUntil(() => Date.now() - statSync(folder).ctimeMs > 5 * settleMs, { interval: 5 })
}

const events: readonly [what: string, happen: () => void][] = [
  ['the file is moved', () => renameSync(file, `${file}.away`)],
  ['the log is moved', () => renameSync(`${file}-wal`, `${file}.away`)],
  ['the log is deleted', () => rmSync(`${file}-wal`)],
  [
    'the log is replaced',
    () => {
      writeFileSync(`${file}.other`, '')
      renameSync(`${file}.other`, `${file}-wal`)
    },
  ],
]

for (const when of ['at once', 'after a while in which nothing changed']) {
  test.each(events)(`when %s, it shows ${when}`, async (_what, happen) => {
    const place = new FilePlace(file, { settleMs })
    expect(place.isKept()).toBe(true)
    if (when !== 'at once') {
      await settled()
      expect([place.isKept(), place.isKept()]).toEqual([true, true])
    }
    happen()
    expect([place.isKept(), place.isKept()]).toEqual([false, false])
  })
}

test('what was moved away and back is where it was', async () => {
  const place = new FilePlace(file, { settleMs })
  await settled()
  expect(place.isKept()).toBe(true)
  renameSync(`${file}-wal`, `${file}.away`)
  expect(place.isKept()).toBe(false)
  await settled()
  expect(place.isKept()).toBe(false)
  renameSync(`${file}.away`, `${file}-wal`)
  expect(place.isKept()).toBe(true)
})

test('what else happens in the folder does not matter', async () => {
  const place = new FilePlace(file, { settleMs })
  await settled()
  expect(place.isKept()).toBe(true)
  writeFileSync(join(folder, 'other'), '')
  expect(place.isKept()).toBe(true)
  writeFileSync(`${file}-wal`, 'more')
  expect(place.isKept()).toBe(true)
})

test('a link is followed: what is moved where it points to shows', async () => {
  const link = join(folder, 'links', 'tasks.db')
  mkdirSync(join(folder, 'links'))
  symlinkSync(file, link)
  const place = new FilePlace(link, { settleMs: 0 })
  await settled()
  expect([place.isKept(), place.isKept()]).toEqual([true, true])
  renameSync(file, `${file}.away`)
  expect(place.isKept()).toBe(false)
})
