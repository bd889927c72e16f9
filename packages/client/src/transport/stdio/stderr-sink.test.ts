import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openStderrSink } from './stderr-sink.ts'
import { ServerStartError } from './stdio-errors.ts'

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'longcall-stderr-'))
  onTestFinished(() => rm(path, { recursive: true }))
  return path
}

describe('stderr to a file', () => {
  test('is written when the sink has ended, to a file of its owner alone', async () => {
    const file = join(await folder(), 'server.log')
    const sink = await openStderrSink({ file })
    for (let n = 0; n < 1000; n += 1) sink.push(Buffer.from(`line ${n}\n`))
    await sink.end()
    expect(await readFile(file, 'utf8')).toBe(Array.from({ length: 1000 }, (_, n) => `line ${n}\n`).join(''))
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  test('is added to what the file holds', async () => {
    const file = join(await folder(), 'server.log')
    await writeFile(file, 'before\n')
    const sink = await openStderrSink({ file })
    sink.push(Buffer.from('after\n'))
    await sink.end()
    expect(await readFile(file, 'utf8')).toBe('before\nafter\n')
  })

  test('that cannot be opened is a clear error', async () => {
    const file = join(await folder(), 'no', 'such', 'server.log')
    const opening = openStderrSink({ file })
    await expect(opening).rejects.toBeInstanceOf(ServerStartError)
    await expect(opening).rejects.toThrow(/the file for its stderr cannot be opened: ENOENT.*server\.log/)
  })
})

describe('stderr to a stream', () => {
  test('comes as it is, and the stream is not ended', async () => {
    const got: Buffer[] = []
    const stream = new Writable({ write: (chunk: Buffer, _encoding, done) => (got.push(chunk), done()) })
    const sink = await openStderrSink(stream)
    sink.push(Buffer.from('\u001b[1mbold'))
    await sink.end()
    expect(Buffer.concat(got).toString()).toBe('\u001b[1mbold')
    expect(stream.writableEnded).toBe(false)
    expect(stream.listenerCount('error')).toBe(0)
  })

  test('that takes nothing holds back a bounded part of a flood', async () => {
    const stream = new Writable({ write: () => {} })
    const sink = await openStderrSink(stream)
    for (let n = 0; n < 1000; n += 1) sink.push(Buffer.alloc(65_536))
    expect(stream.writableLength).toBeGreaterThan(1_000_000)
    expect(stream.writableLength).toBeLessThan(10_000_000)
    await sink.end()
  })

  test('that breaks harms nobody', async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) })
    const closed = new Promise((resolve) => {
      stream.once('close', resolve)
    })
    const sink = await openStderrSink(stream)
    sink.push(Buffer.from('one'))
    await closed
    sink.push(Buffer.from('two'))
    await sink.end()
    expect(stream.errored).toMatchObject({ message: 'disk full' })
  })
})
