import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { journalContract } from '@longcall/core/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { DraftFolder } from './draft-folder.ts'
import { fileJournal } from './file-journal.ts'

async function temporary(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'longcall-journal-'))
}

const contract = journalContract({
  open: async () => {
    const parent = await temporary()
    const path = join(parent, 'calls')
    const journal = fileJournal(path)
    const close = async (): Promise<void> => {
      await journal.close()
      await rm(parent, { recursive: true })
    }
    return { journal, path, close }
  },
  openSecond: async ({ path }) => fileJournal(path),
})

describe('a journal in a folder', () => {
  test.each(contract.map(({ name, run }) => [name, run] as const))('%s', async (_name, run) => await run())
})

const key = { scope: 'https://one.example', id: 'a' }

/** A folder that is gone at the end of the test. */
async function folder(): Promise<string> {
  const path = await temporary()
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

/** The folder of the only scope of a journal. */
async function onlyScope(path: string): Promise<string> {
  const names = await readdir(join(path, 'scopes'))
  return join(path, 'scopes', ...names)
}

/** All files and folders below one, with their modes. */
async function modes(path: string): Promise<readonly (readonly [kind: string, mode: string])[]> {
  const names = await readdir(path, { recursive: true })
  const found = await Promise.all(['.', ...names].map((name) => stat(join(path, name))))
  return found.map((one) => [one.isDirectory() ? 'folder' : 'file', (one.mode & 0o777).toString(8)])
}

async function refusal(path: string): Promise<unknown> {
  return fileJournal(path)
    .get(key)
    .then(
      () => 'none',
      (error: Error & { code: string }) => [error.code, error.message],
    )
}

describe.skipIf(process.platform === 'win32')('who may read a journal', () => {
  test('its owner alone: folders and files', async () => {
    const path = join(await folder(), 'new', 'calls')
    const journal = fileJournal(path)
    await journal.edit(key, () => ({ n: 1 }))
    await journal.edit(key, () => ({ n: 2 }))
    await journal.beat({ name: 'me', process: '1@here', untilMs: 1 })
    const found = await modes(path)
    expect(new Set(found.map(([kind, mode]) => `${kind} ${mode}`))).toEqual(new Set(['folder 700', 'file 600']))
    expect(found.length).toBeGreaterThan(7)
  })

  test('a folder that is there and open to others is shut to them, if it is empty or a journal', async () => {
    const path = await folder()
    for (const _ of ['empty', 'a journal']) {
      await chmod(path, 0o755)
      await fileJournal(path).edit(key, () => ({ n: Math.random() }))
      expect((await stat(path)).mode & 0o777).toBe(0o700)
    }
  })
})

test('a folder that holds other things is left as it is', async () => {
  const path = await folder()
  await writeFile(join(path, 'letters.txt'), 'dear')
  await chmod(path, 0o755)
  expect(await refusal(path)).toEqual([
    'journal_unusable',
    `The journal cannot be kept in ${path}: it holds other things. Give the journal a folder of its own.`,
  ])
  expect([(await stat(path)).mode & 0o777, await readdir(path)]).toEqual([0o755, ['letters.txt']])
})

test('a journal of a newer version is left alone', async () => {
  const path = await folder()
  await writeFile(join(path, 'journal.json'), '{"longcall":"journal","version":2}')
  expect(await refusal(path)).toMatchObject(['journal_unusable', expect.stringContaining('newer @longcall/client')])
})

test('what is no folder says so, and may be put right while the program runs', async () => {
  const path = join(await folder(), 'calls')
  await writeFile(path, '')
  const journal = fileJournal(path)
  await expect(journal.get(key)).rejects.toMatchObject({
    code: 'journal_failed',
    message: expect.stringContaining(`The journal ${path} could not be read or written: `),
  })
  await rm(path)
  expect(await journal.edit(key, () => ({ n: 1 }))).toEqual({ n: 1 })
})

test('a record that somebody else emptied says which, and harms no other', async () => {
  const path = await folder()
  const journal = fileJournal(path)
  await journal.edit(key, () => ({ n: 1 }))
  await journal.edit({ ...key, id: 'b' }, () => ({ n: 2 }))
  const scope = await onlyScope(path)
  await writeFile(join(scope, 'a', '1'), '')
  await expect(journal.get(key)).rejects.toMatchObject({ code: 'journal_damaged' })
  expect(await journal.get({ ...key, id: 'b' })).toEqual({ n: 2 })
})

test('a record that cannot be read, and what is no record, hide no other; what cannot be read can be removed', async () => {
  const path = await folder()
  const journal = fileJournal(path)
  await journal.edit(key, () => ({ n: 1 }))
  await journal.edit({ ...key, id: 'b' }, () => ({ n: 2 }))
  const scope = await onlyScope(path)
  await writeFile(join(scope, 'a', '1'), '{"half":')
  await writeFile(join(scope, '.DS_Store'), '')
  await writeFile(join(scope, 'notes'), 'dear')
  const found = await journal.list(key.scope)
  expect(found.toSorted((one, other) => one.id.localeCompare(other.id))).toEqual([
    { id: 'a', content: {} },
    { id: 'b', content: { n: 2 } },
    { id: 'notes', content: {} },
  ])
  await expect(journal.edit(key, () => ({ n: 3 }))).rejects.toMatchObject({ code: 'journal_damaged' })
  for (const id of ['a', 'notes']) await journal.edit({ ...key, id }, () => undefined)
  expect(await journal.list(key.scope)).toEqual([{ id: 'b', content: { n: 2 } }])
})

test('a journal that is moved while it is open says so, and goes on when it is put back', async () => {
  const path = join(await folder(), 'calls')
  const journal = fileJournal(path)
  await journal.edit(key, () => ({ n: 1 }))
  await rename(path, `${path}.away`)
  await expect(journal.edit(key, () => ({ n: 2 }))).rejects.toMatchObject({
    code: 'journal_failed',
    message: expect.stringContaining(
      'It was moved or deleted while it was open: put it back, or restart this process.',
    ),
  })
  await rename(`${path}.away`, path)
  expect(await journal.edit(key, () => ({ n: 2 }))).toEqual({ n: 2 })
})

test('a mark that says nothing is that of a journal', async () => {
  const path = await folder()
  await writeFile(join(path, 'journal.json'), 'null')
  expect(await fileJournal(path).list(key.scope)).toEqual([])
})

test.each(['', 'a\0b', undefined])('%j is no path of a journal', (path) => {
  expect(() => fileJournal(path as string)).toThrow('it must be the path of a folder')
})

test('a draft that could not be written, as on a full disk, takes no space', async () => {
  const path = await folder()
  // What is no text fails once the file is there.
  await expect(new DraftFolder(path).write(5 as unknown as string)).rejects.toMatchObject({
    code: 'ERR_INVALID_ARG_TYPE',
  })
  expect(await readdir(path)).toEqual([])
})

test('nothing is loaded, made or opened before the journal is used', async () => {
  const path = join(await folder(), 'calls')
  await fileJournal(path).close()
  expect(await readdir(join(path, '..'))).toEqual([])
})

describe('a process that was killed', () => {
  test('while it removed a record: the next to list takes it away', async () => {
    const path = await folder()
    const journal = fileJournal(path)
    await journal.edit(key, () => ({ secret: 'x' }))
    const scope = await onlyScope(path)
    await writeFile(join(scope, 'a', '2'), 'null')
    expect(await journal.get(key)).toBeUndefined()
    expect(await journal.list(key.scope)).toEqual([])
    expect(await readdir(scope)).toEqual([])
  })

  test('between two writes of a change: what it wrote counts, and the next change goes on', async () => {
    const path = await folder()
    const journal = fileJournal(path)
    await journal.edit(key, () => ({ n: 1 }))
    const scope = await onlyScope(path)
    // Linked, and the version before not emptied yet.
    await writeFile(join(scope, 'a', '2'), '{"n":2}')
    expect(await journal.edit(key, (content) => ({ n: Number(content?.['n']) + 1 }))).toEqual({ n: 3 })
  })

  test('while it wrote a draft: nobody sees it, and it is deleted when it is old', async () => {
    const path = await folder()
    await fileJournal(path).edit(key, () => ({ n: 1 }))
    const drafts = join(path, 'drafts')
    await writeFile(join(drafts, 'old'), '{"half":')
    await mkdir(join(drafts, 'younger'))
    await utimes(join(drafts, 'old'), 0, 0)
    expect(await fileJournal(path).list(key.scope)).toEqual([{ id: 'a', content: { n: 1 } }])
    expect(await readdir(drafts)).toEqual(['younger'])
  })
})

test('of versions before the last nothing can be read, and a record that was removed leaves nothing', async () => {
  const path = await folder()
  const journal = fileJournal(path)
  for (const n of [1, 2, 3]) await journal.edit(key, () => ({ n }))
  const scope = await onlyScope(path)
  const record = join(scope, 'a')
  const sizes = await Promise.all(
    (await readdir(record)).map(async (name) => [name, (await stat(join(record, name))).size]),
  )
  expect(sizes).toEqual([
    ['1', 0],
    ['2', 0],
    ['3', 7],
  ])
  await journal.edit(key, () => undefined)
  expect([await readdir(scope), await readdir(join(path, 'drafts'))]).toEqual([[], []])
})

test.each(['..', '../..', 'a/b', '', '.', 'x'.repeat(65)])('no id leads out of the folder: %j', async (id) => {
  const path = join(await folder(), 'calls')
  const journal = fileJournal(path)
  await journal.edit(key, () => ({ n: 1 }))
  for (const use of [
    () => journal.edit({ ...key, id }, () => undefined),
    () => journal.edit({ ...key, id }, () => ({ n: 2 })),
    () => journal.get({ ...key, id }),
    () => journal.leave(id),
    () => journal.beat({ name: id, process: '', untilMs: 0 }),
  ])
    await expect(use()).rejects.toMatchObject({ code: 'journal_failed' })
  expect(await journal.get(key)).toEqual({ n: 1 })
})
