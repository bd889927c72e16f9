import { describe, expect, test } from 'vitest'
import { exists, type Import, isTest, loadedBy, readAll, type Source } from './sources.ts'

const core = readAll('packages/core/src').filter(({ path }) => !isTest(path))
const client = readAll('packages/client/src').filter(({ path }) => !isTest(path))

/** The imports of these modules that reach outside of their package and are not allowed, as `path: kind specifier`. */
function strangers(sources: readonly Source[], isAllowed: (imported: Import) => boolean): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports
      .filter((imported) => !imported.specifier.startsWith('.') && !isAllowed(imported))
      .map(({ kind, specifier }) => `${path}: ${kind} ${specifier}`),
  )
}

describe('@longcall/core', () => {
  test('imports no package and no builtin', () => {
    expect(core.length).toBeGreaterThanOrEqual(20)
    expect(strangers(core, () => false)).toEqual([])
  })
})

describe.skipIf(!exists('packages/client/src/index.ts'))('@longcall/client', () => {
  test('imports core and the SDK client; what it may not need, only when needed', () => {
    expect(client.length).toBeGreaterThanOrEqual(10)
    const allowed = ({ specifier, kind }: Import): boolean => {
      if (/^(@longcall\/core(\/.*)?|@modelcontextprotocol\/client)$/.test(specifier)) return true
      // An optional peer and all that starts processes: not even their types, which would reach our declarations.
      if (/^@modelcontextprotocol\/(server(\/.*)?|client\/stdio)$/.test(specifier)) return kind === 'dynamic'
      if (specifier === 'node:child_process') return kind === 'dynamic'
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
  })
})

test('no package reaches into the files of another', () => {
  const outside = [...core, ...client].flatMap(({ path, imports }) => {
    const depth = path.split('/').length - 4
    return imports
      .filter(({ specifier }) => specifier.startsWith('../'.repeat(depth + 1)))
      .map(({ specifier }) => `${path}: ${specifier}`)
  })
  expect(outside).toEqual([])
})
