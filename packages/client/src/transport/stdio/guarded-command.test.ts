import { describe, expect, test } from 'vitest'
import { guardedCommand } from './guarded-command.ts'
import { ServerStartError } from './stdio-errors.ts'

const program = { file: '/bin/tool', args: ['-c', '$(id)'], env: { HOME: '/root', _x1: '' } }

describe('a program behind its guard', () => {
  test('is run by a shell that reads neither its path nor its arguments', () => {
    const { file, args, env } = guardedCommand(program)
    expect(file).toBe('/bin/sh')
    expect(args.slice(2)).toEqual(['longcall', '/bin/tool', '-c', '$(id)'])
    expect(args[1]).not.toContain('id')
    expect({ ...env }).toEqual(program.env)
  })

  test.each([
    'spring.datasource.url',
    'with-dash',
    '1st',
    'ä',
    '__proto__.x',
    'IFS',
    'PWD',
    'PS1',
    'SHLVL',
    'BASH_ENV',
  ])('gets a variable that shells drop or change past the shell: %s', (name) => {
    const { args, env } = guardedCommand({ ...program, env: { HOME: '/root', [name]: 'a=b c' } })
    expect(args.slice(3)).toEqual(['/usr/bin/env', `${name}=a=b c`, '/bin/tool', '-c', '$(id)'])
    expect({ ...env }).toEqual({ HOME: '/root' })
  })

  test('that env(1) would take for a variable is refused such a one, and its value is not told', () => {
    const odd = { file: '/opt/a=b/tool', args: [], env: { 'a.b': 's3cret' } }
    expect(() => guardedCommand(odd)).toThrow(ServerStartError)
    expect(() => guardedCommand(odd)).toThrow(/^(?!.*s3cret).*a\.b.*\/opt\/a=b\/tool/)
    expect(guardedCommand({ ...odd, env: {} }).args.slice(3)).toEqual(['/opt/a=b/tool'])
  })
})
