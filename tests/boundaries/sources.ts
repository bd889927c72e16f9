import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSync } from 'oxc-parser'

/** A module as its syntax shows it; nothing is run. Paths are relative to the repository. */
export interface Source {
  readonly path: string
  readonly text: string
  readonly lines: number
  readonly imports: readonly Import[]
  /** The names it exports, types included; of `export *`, none. */
  readonly exports: readonly string[]
  readonly comments: readonly string[]
}

export interface Import {
  readonly specifier: string
  /** `type` is gone after compilation, `static` is loaded with the module, `dynamic` when the call is reached. */
  readonly kind: 'type' | 'static' | 'dynamic'
}

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

export const isTest = (path: string): boolean => path.endsWith('.test.ts')

export function read(path: string): Source {
  const text = readFileSync(join(root, path), 'utf8')
  const { module, comments, errors } = parseSync(path, text)
  if (errors[0] !== undefined) throw new SyntaxError(`${path}: ${errors[0].message}`)
  const imports: Import[] = []
  for (const { moduleRequest, entries, start, end } of module.staticImports) {
    const isType =
      /^import\s+type\b/.test(text.slice(start, end)) || (entries.length > 0 && entries.every((e) => e.isType))
    imports.push({ specifier: moduleRequest.value, kind: isType ? 'type' : 'static' })
  }
  const exports: string[] = []
  for (const { entries } of module.staticExports) {
    for (const { moduleRequest, exportName, isType } of entries) {
      if (moduleRequest !== null) imports.push({ specifier: moduleRequest.value, kind: isType ? 'type' : 'static' })
      if (exportName.name !== null) exports.push(exportName.name)
    }
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const specifier = text.slice(moduleRequest.start, moduleRequest.end)
    imports.push({ specifier: specifier.replaceAll(/^['"`]|['"`]$/g, ''), kind: 'dynamic' })
  }
  return {
    path,
    text,
    lines: text.split('\n').length - 1,
    imports,
    exports,
    comments: comments.map((comment) => comment.value),
  }
}

/** Every module under a folder; none if there is no such folder. */
export function readAll(folder: string): Source[] {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .toSorted()
    .map((path) => read(join(folder, path)))
}

export function exists(path: string): boolean {
  return existsSync(join(root, path))
}

export function foldersOf(folder: string): string[] {
  if (!exists(folder)) return []
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
}

export function readJson(path: string): unknown {
  return JSON.parse(readFileSync(join(root, path), 'utf8'))
}

/** All that is loaded when `entry` is: our own modules by path, and the packages and builtins they load. */
export function loadedBy(entry: string): { modules: string[]; packages: string[] } {
  const modules = new Set<string>()
  const packages = new Set<string>()
  const visit = (path: string): void => {
    if (modules.has(path)) return
    modules.add(path)
    for (const { specifier, kind } of read(path).imports) {
      if (kind !== 'static') continue
      if (specifier.startsWith('.')) visit(relative(root, resolve(root, dirname(path), specifier)))
      else packages.add(specifier)
    }
  }
  visit(entry)
  return { modules: [...modules], packages: [...packages].toSorted() }
}
