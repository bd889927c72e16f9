import { expect, test } from 'vitest'
import { foldersOf, isTest, readAll, readJson } from './sources.ts'

const packages = foldersOf('packages')
const sources = packages.flatMap((name) => readAll(`packages/${name}/src`))

test('no file is longer than 350 lines', () => {
  expect(sources.length).toBeGreaterThanOrEqual(12)
  const long = sources.filter(({ lines }) => lines > 350).map(({ path, lines }) => `${path}: ${lines}`)
  expect(long).toEqual([])
})

test('no comment puts work off', () => {
  const put = sources.flatMap(({ path, comments }) =>
    comments
      .filter((comment) => /\b(TODO|FIXME|XXX|HACK)\b/.test(comment))
      .map((comment) => `${path}: ${comment.trim()}`),
  )
  expect(put).toEqual([])
})

test('every folder of a package has a lint rule that says what it may import', () => {
  const { overrides } = readJson('.oxlintrc.json') as {
    overrides: { files: string[]; rules: Record<string, unknown> }[]
  }
  const ruled = overrides.filter(({ rules }) => 'no-restricted-imports' in rules).flatMap(({ files }) => files)
  const folders = packages.flatMap((name) =>
    foldersOf(`packages/${name}/src`).map((folder) => `packages/${name}/src/${folder}/**`),
  )
  expect(folders.length).toBeGreaterThanOrEqual(8)
  expect(folders.filter((folder) => !ruled.includes(folder))).toEqual([])
})

test('an error loads nothing but errors', () => {
  const errors = sources.filter(({ path }) => /\/src\/errors\//.test(path) && !isTest(path))
  expect(errors.length).toBeGreaterThanOrEqual(4)
  const loaded = errors.flatMap(({ path, imports }) =>
    imports
      .filter(({ specifier, kind }) => specifier.startsWith('../') && kind !== 'type')
      .map(({ specifier }) => `${path}: ${specifier}`),
  )
  expect(loaded).toEqual([])
})
