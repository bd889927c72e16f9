import { execFileSync } from 'node:child_process'
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { EraVerdict } from './era-cache.ts'
import { fileEraCache } from './file-era-cache.ts'

const legacy = (at: number): EraVerdict => ({ era: 'legacy', at })

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'longcall-eras-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}

describe('verdicts in a file', () => {
  test('are there for another process, in a folder that need not exist', async () => {
    const path = join(await folder(), 'deep', 'er', 'eras.json')
    await fileEraCache(path).set('http://a', legacy(7))
    await fileEraCache(path).set('http://b', { era: '2026-07-28', at: 8 })
    const other = fileEraCache(path)
    expect(await other.get('http://a')).toEqual(legacy(7))
    expect(await other.get('http://b')).toEqual({ era: '2026-07-28', at: 8 })
    expect(await other.get('http://c')).toBeUndefined()
  })

  test('are replaced, and forgotten', async () => {
    const cache = fileEraCache(join(await folder(), 'eras.json'))
    await cache.set('http://a', legacy(1))
    await cache.set('http://a', legacy(2))
    expect(await cache.get('http://a')).toEqual(legacy(2))
    await cache.set('http://a', undefined)
    expect(await cache.get('http://a')).toBeUndefined()
    await cache.set('http://never', undefined)
  })

  test('are nobody’s but the user’s, and no draft of them is left', async () => {
    const path = await folder()
    const file = join(path, 'eras.json')
    await fileEraCache(file).set('http://a', legacy(1))
    expect((await stat(file)).mode & 0o077).toBe(0)
    expect(await readdir(path)).toEqual(['eras.json'])
  })

  test.each([
    ['is empty', ''],
    ['is cut off', '{"http://a":{"era":"leg'],
    ['holds something else', '[1,2]'],
    ['holds null', 'null'],
    ['holds a verdict that is none', '{"http://a":{"era":"ancient","at":1}}'],
    ['holds a verdict without its time', '{"http://a":{"era":"legacy"}}'],
    ['holds a verdict of another kind', '{"http://a":{"era":"modern","at":1}}'],
  ])('that %s count as none, and are written over', async (_how, text) => {
    const file = join(await folder(), 'eras.json')
    await writeFile(file, text)
    const cache = fileEraCache(file)
    expect(await cache.get('http://a')).toBeUndefined()
    await cache.set('http://a', legacy(3))
    expect(await cache.get('http://a')).toEqual(legacy(3))
  })

  test('a damaged verdict takes no other with it', async () => {
    const file = join(await folder(), 'eras.json')
    await writeFile(file, JSON.stringify({ 'http://a': 7, 'http://b': legacy(4) }))
    expect(await fileEraCache(file).get('http://b')).toEqual(legacy(4))
  })

  test('of a server by a name that objects have are verdicts like others', async () => {
    const cache = fileEraCache(join(await folder(), 'eras.json'))
    for (const name of ['__proto__', 'constructor', 'toString']) {
      expect(await cache.get(name)).toBeUndefined()
      await cache.set(name, legacy(5))
      expect(await cache.get(name)).toEqual(legacy(5))
    }
  })

  test('are of the two hundred newest servers', async () => {
    const file = join(await folder(), 'eras.json')
    const many = Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`http://s${at}`, legacy(at)]))
    await writeFile(file, JSON.stringify(many))
    const cache = fileEraCache(file)
    await cache.set('http://s0', legacy(1000))
    await cache.set('http://new', legacy(1001))
    expect(await cache.get('http://s0')).toEqual(legacy(1000))
    expect(await cache.get('http://s1')).toBeUndefined()
    expect(Object.keys(JSON.parse(await readFile(file, 'utf8')) as object)).toHaveLength(200)
  })

  test('that several write at once are never half written', async () => {
    const file = join(await folder(), 'eras.json')
    const caches = Array.from({ length: 8 }, () => fileEraCache(file))
    await Promise.all(caches.map((cache, at) => cache.set(`http://s${at}`, legacy(at))))
    const verdicts = JSON.parse(await readFile(file, 'utf8')) as object
    expect(Object.keys(verdicts).length).toBeGreaterThan(0)
  })

  test('that cannot be written are an error, and no draft is left', async () => {
    const path = await folder()
    await mkdir(join(path, 'eras.json'))
    await expect(fileEraCache(join(path, 'eras.json')).set('http://a', legacy(1))).rejects.toThrow(
      'eras.json is there, and is no file',
    )
    expect(await readdir(path)).toEqual(['eras.json'])
  })
})

describe('what is at the path and is no file', () => {
  test.each([
    ['a directory', (path: string) => mkdir(path)],
    [
      'a symbolic link to a file of verdicts',
      async (path: string) => {
        await writeFile(`${path}.target`, JSON.stringify({ 'http://a': legacy(1) }))
        await symlink(`${path}.target`, path)
      },
    ],
    ['a symbolic link to nothing', (path: string) => symlink(`${path}.none`, path)],
    ['a pipe that nobody writes to', async (path: string) => void execFileSync('mkfifo', [path])],
  ])('is neither read nor replaced, and holds nobody up: %s', async (_what, make) => {
    const inside = await folder()
    const path = join(inside, 'eras.json')
    await make(path)
    const [before, names] = [await lstat(path), await readdir(inside)]
    const target = await readFile(`${path}.target`, 'utf8').catch(() => undefined)
    const startedAt = performance.now()
    const cache = fileEraCache(path)
    expect(await cache.get('http://a')).toBeUndefined()
    await expect(cache.set('http://a', legacy(2))).rejects.toThrow(Error)
    expect(performance.now() - startedAt).toBeLessThan(1000)
    const after = await lstat(path)
    expect([after.ino, after.mode, after.mtimeMs]).toEqual([before.ino, before.mode, before.mtimeMs])
    expect(await readdir(inside)).toEqual(names)
    expect(await readFile(`${path}.target`, 'utf8').catch(() => undefined)).toBe(target)
  })
})
