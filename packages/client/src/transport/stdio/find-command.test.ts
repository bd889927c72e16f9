import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findCommand } from './find-command.ts'
import { ServerStartError } from './stdio-errors.ts'

describe.skipIf(process.platform === 'win32')('a command', () => {
  let home: string
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'longcall-command-'))
    for (const folder of ['one', 'two', 'two/tool-folder']) await mkdir(join(home, folder))
    for (const file of ['one/plain', 'two/plain', 'two/tool', 'two/-dash'])
      await writeFile(join(home, file), '#!/bin/sh\n')
    for (const file of ['two/plain', 'two/tool', 'two/-dash']) await chmod(join(home, file), 0o755)
    await chmod(join(home, 'one/plain'), 0o644)
  })
  afterAll(() => rm(home, { recursive: true }))

  const find = (command: string, path: string | undefined = '', cwd = home): Promise<string> =>
    findCommand(command, path, cwd)

  test('is looked for in the folders of the PATH, in their order', async () => {
    expect(await find('tool', `${home}/one:${home}/two`)).toBe(`${home}/two/tool`)
    expect(await find('-dash', `${home}/two`)).toBe(`${home}/two/-dash`)
  })

  test('that may not be executed is passed over for one that may', async () => {
    expect(await find('plain', `${home}/one:${home}/two`)).toBe(`${home}/two/plain`)
  })

  test("is looked for from the server's folder where the PATH names none, or one that is relative", async () => {
    expect(await find('tool', ':/nowhere', `${home}/two`)).toBe(`${home}/two/tool`)
    expect(await find('tool', 'two')).toBe(`${home}/two/tool`)
  })

  test("with a slash in it is a file, from the server's folder", async () => {
    expect(await find('./two/tool')).toBe(`${home}/two/tool`)
    expect(await find('two/tool', '/nowhere')).toBe(`${home}/two/tool`)
    expect(await find(`${home}/two/tool`, undefined, '/')).toBe(`${home}/two/tool`)
  })

  test('is looked for in the usual places where there is no PATH', async () => {
    expect(await findCommand('sh', undefined, home)).toMatch(/^(\/usr)?\/bin\/sh$/)
  })

  test.each(['no-such-tool', './no-such-tool', '/no/such/tool', 'tool-folder'])(
    'that is not there is named: %s',
    async (command) => {
      const error = await find(command, `${home}/two`).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ServerStartError)
      expect((error as Error).message).toMatch(/ENOENT/)
      expect((error as Error).message).toContain(command)
    },
  )

  test('that may not be executed is named', async () => {
    await expect(find('plain', `${home}/one`)).rejects.toThrow(`${home}/one/plain may not be executed (EACCES)`)
    await expect(find('one/plain')).rejects.toThrow('EACCES')
  })
})
