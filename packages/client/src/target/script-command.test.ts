import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import { scriptCommand, type ScriptHost } from './script-command.ts'

/** A folder of the test's own, and what writes files in it, executable ones, and gives their paths. */
function scene(): { readonly write: (name: string, text?: string) => string; readonly host: ScriptHost } {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'longcall scripts ')))
  onTestFinished(() => rmSync(root, { recursive: true }))
  const write = (name: string, text = ''): string => {
    const path = join(root, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    chmodSync(path, 0o755)
    return path
  }
  mkdirSync(join(root, 'cwd'))
  const host = {
    node: '/opt/node',
    stripsTypes: false,
    isWindows: false,
    searchPath: join(root, 'bin'),
    cwd: join(root, 'cwd'),
  }
  return { write, host }
}

const pep723 = '#!/usr/bin/env python3\n# /// script\n# dependencies = ["mcp"]\n# ///\nprint(1)\n'

function writeTsx(write: (name: string, text?: string) => string, folder: string): string {
  write(`${folder}/node_modules/tsx/package.json`, '{"name":"tsx","exports":{".":"./dist/loader.mjs"}}')
  return write(`${folder}/node_modules/tsx/dist/loader.mjs`)
}

test.each(['a.js', 'a.mjs', 'a.cjs'])('%s is run by this Node', (name) => {
  const { write, host } = scene()
  const file = write(name)
  expect(scriptCommand(file, host)).toEqual({ command: '/opt/node', args: [file] })
})

test.each(['a.ts', 'a.mts', 'a.cts'])('%s is run by this Node where it strips types, tsx or not', (name) => {
  const { write, host } = scene()
  writeTsx(write, '.')
  const file = write(name)
  expect(scriptCommand(file, { ...host, stripsTypes: true })).toEqual({ command: '/opt/node', args: [file] })
})

test('TypeScript is else run with the tsx of its folder, or of the working directory', () => {
  const { write, host } = scene()
  const file = write('scripts/a.ts')
  const ofCwd = writeTsx(write, 'cwd')
  expect(scriptCommand(file, host).args).toEqual(['--import', pathToFileURL(ofCwd).href, file])
  const ofScript = writeTsx(write, 'scripts')
  expect(scriptCommand(file, host).args).toEqual(['--import', pathToFileURL(ofScript).href, file])
})

test('TypeScript that nothing runs is refused with what to install', () => {
  const { write, host } = scene()
  const file = write('a.ts')
  expect(() => scriptCommand(file, host)).toThrow(InvalidTargetError)
  expect(() => scriptCommand(file, host)).toThrow(/a\.ts.*Node 22\.18.*npm install --save-dev tsx/)
})

test('Python is run by python3, on Windows by python', () => {
  const { write, host } = scene()
  const file = write('a.py', 'print("# /// script")\n')
  write('bin/uv')
  expect(scriptCommand(file, host)).toEqual({ command: 'python3', args: [file] })
  expect(scriptCommand(file, { ...host, isWindows: true })).toEqual({ command: 'python', args: [file] })
})

test('Python is run by the environment next to it before that of the working directory', () => {
  const { write, host } = scene()
  const file = write('scripts/a.py')
  const ofCwd = write('cwd/.venv/bin/python')
  expect(scriptCommand(file, host).command).toBe(ofCwd)
  const ofScript = write('scripts/.venv/bin/python')
  expect(scriptCommand(file, host).command).toBe(ofScript)
  const onWindows = write('scripts/.venv/Scripts/python.exe')
  expect(scriptCommand(file, { ...host, isWindows: true }).command).toBe(onWindows)
})

test('Python that declares its dependencies is run by uv where there is one', () => {
  const { write, host } = scene()
  const file = write('a.py', pep723)
  const python = write('.venv/bin/python')
  expect(scriptCommand(file, host)).toEqual({ command: python, args: [file] })
  chmodSync(write('bin/uv'), 0o644)
  expect(scriptCommand(file, host).command).toBe(python)
  chmodSync(write('bin/uv'), 0o755)
  expect(scriptCommand(file, host)).toEqual({ command: 'uv', args: ['run', file] })
})

test.each(['a.rb', 'a', 'a.tsx', 'a.JS'])('%s is refused with what can be run', (name) => {
  const { write, host } = scene()
  expect(() => scriptCommand(write(name), host)).toThrow(
    /what can be run ends in \.js, \.mjs, \.cjs, \.ts, \.mts, \.cts, \.py\..*\{ command, args \}/,
  )
})
