import { describe, expect, test } from 'vitest'
import { exists, type Import, isTest, loadedBy, readAll, type Source } from './sources.ts'

const core = readAll('packages/core/src').filter(({ path }) => !isTest(path))
const client = readAll('packages/client/src').filter(({ path }) => !isTest(path))
const server = readAll('packages/server/src').filter(({ path }) => !isTest(path))
const sqlite = readAll('packages/sqlite/src').filter(({ path }) => !isTest(path))

/** The imports of these modules that reach outside of their package and are not allowed, as `path: kind specifier`. */
function strangers(sources: readonly Source[], isAllowed: (imported: Import) => boolean): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports
      .filter((imported) => !imported.specifier.startsWith('.') && !isAllowed(imported))
      .map(({ kind, specifier }) => `${path}: ${kind} ${specifier}`),
  )
}

describe('@longcall/core', () => {
  const isForTests = ({ path }: Source): boolean => path.startsWith('packages/core/src/testing')

  const namesProcesses = ({ path }: Source): boolean => path.startsWith('packages/core/src/process/')

  test('imports no package, and of the builtins only events and hashes', () => {
    expect(core.length).toBeGreaterThanOrEqual(20)
    const found = strangers(
      core.filter((source) => !isForTests(source) && !namesProcesses(source)),
      ({ specifier }) => specifier === 'node:events' || specifier === 'node:crypto',
    )
    expect(found).toEqual([])
  })

  test('looks at processes only for those who write a backend', () => {
    const found = strangers(core.filter(namesProcesses), ({ specifier }) => /^node:(fs|os)$/.test(specifier))
    expect(found).toEqual([])
    const { modules } = loadedBy('packages/core/src/index.ts')
    expect(modules.filter((path) => path.includes('/process/'))).toEqual([])
  })

  test('needs no more than the assertions of Node to test what stands on it', () => {
    const found = strangers(core.filter(isForTests), ({ specifier }) => /^node:(assert|events|crypto)/.test(specifier))
    expect(found).toEqual([])
  })
})

describe.skipIf(!exists('packages/client/src/index.ts'))('@longcall/client', () => {
  test('imports core and the SDK client; what it may not need, only when needed', () => {
    expect(client.length).toBeGreaterThanOrEqual(10)
    const allowed = ({ specifier, kind }: Import): boolean => {
      if (/^(@longcall\/core(\/.*)?|@modelcontextprotocol\/client)$/.test(specifier)) return true
      // An optional peer and all that starts processes: not even their types, which would reach our declarations.
      if (/^@modelcontextprotocol\/(server(\/.*)?|client\/stdio)$/.test(specifier)) return kind === 'dynamic'
      if (/^(node:child_process|cross-spawn)$/.test(specifier)) return kind !== 'static'
      if (/^(@cfworker\/json-schema|undici)$/.test(specifier)) return true
      return specifier.startsWith('node:')
    }
    expect(strangers(client, allowed)).toEqual([])
  })

  test('loads nothing else with its entry', () => {
    const { modules, packages } = loadedBy('packages/client/src/index.ts')
    expect(modules.length).toBeGreaterThanOrEqual(10)
    const foreign = packages.filter((name) => !/^(node:|@longcall\/core)/.test(name))
    expect(foreign).toEqual(['@modelcontextprotocol/client'])
    expect(packages).toContain('@longcall/core')
    expect(packages).not.toContain('node:child_process')
    // Who keeps no journal loads nothing of one.
    expect(modules.filter((path) => path.includes('/journal/'))).toEqual([
      'packages/client/src/journal/file-journal.ts',
    ])
  })
})

describe('@longcall/server', () => {
  test('imports core and the SDK server', () => {
    expect(server.length).toBeGreaterThanOrEqual(20)
    const allowed = ({ specifier }: Import): boolean =>
      /^(@longcall\/core(\/.*)?|@modelcontextprotocol\/(server(\/.*)?|node)|node:(http|net))$/.test(specifier)
    expect(strangers(server, allowed)).toEqual([])
  })

  test('loads nothing for tests with its entry, and no server with its kit for tests', () => {
    const { modules, packages } = loadedBy('packages/server/src/index.ts')
    expect(modules.length).toBeGreaterThanOrEqual(20)
    expect(modules.filter((path) => path.includes('/testing'))).toEqual([])
    expect(packages).not.toContain('@longcall/core/testing')
    const kit = loadedBy('packages/server/src/testing.ts')
    expect(kit.modules.filter((path) => path.includes('/serve/'))).toEqual([])
    expect(kit.packages.filter((name) => !/^(@longcall\/core|@modelcontextprotocol\/server)(\/|$)/.test(name))).toEqual(
      [],
    )
  })
})

describe('@longcall/sqlite', () => {
  test('imports core and builtins that every Node has', () => {
    expect(sqlite.length).toBeGreaterThanOrEqual(20)
    const allowed = ({ specifier }: Import): boolean =>
      /^(@longcall\/core(\/backend)?|node:(crypto|fs|module|os|path))$/.test(specifier)
    expect(strangers(sqlite, allowed)).toEqual([])
  })

  test('looks for what speaks to SQLite when it is run, each in a file of its own', () => {
    const naming = (library: string): string[] =>
      sqlite.filter(({ text }) => new RegExp(`\\('${library}'\\)`).test(text)).map(({ path }) => path)
    expect(naming('libsql')).toEqual(['packages/sqlite/src/driver/libsql.ts'])
    expect(naming('node:sqlite')).toEqual(['packages/sqlite/src/driver/node-sqlite.ts'])
  })
})

test('no package reaches into the files of another', () => {
  const outside = [...core, ...client, ...server, ...sqlite].flatMap(({ path, imports }) => {
    const depth = path.split('/').length - 4
    return imports
      .filter(({ specifier }) => specifier.startsWith('../'.repeat(depth + 1)))
      .map(({ specifier }) => `${path}: ${specifier}`)
  })
  expect(outside).toEqual([])
})
