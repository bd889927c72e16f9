import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import { stdioTarget, type StdioTarget } from './stdio-target.ts'

function refusal(target: unknown): string {
  try {
    stdioTarget(target as StdioTarget)
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidTargetError)
    return (error as Error).message
  }
  return expect.fail('it was taken')
}

describe('a child process to connect to', () => {
  test.each([
    [{ command: 7 }, 'The command of a stdio target'],
    [{ command: 'a\0b' }, 'The command of a stdio target'],
    [{ command: 'node', args: ['a\0b'] }, 'The args of the stdio target node'],
    [{ command: 'node', env: 'PATH=/bin' }, 'The env of the stdio target node'],
    [{ command: 'node', env: ['PATH=/bin'] }, 'The env of the stdio target node'],
    [{ command: 'node', env: null }, 'The env of the stdio target node'],
    [{ command: 'node', env: { PORT: 80 } }, 'The variable PORT in the env of the stdio target node'],
    [{ command: 'node', env: { KEY: undefined } }, 'The variable KEY in the env'],
    [{ command: 'node', env: { KEY: 'a\0b' } }, 'The variable KEY in the env'],
    [{ command: 'node', env: { 'A=B': 'x' } }, 'a name that no variable can have: "A=B"'],
    [{ command: 'node', env: { '': 'x' } }, 'a name that no variable can have: ""'],
    [{ command: 'node', cwd: 7 }, 'The cwd of the stdio target node'],
    [{ command: 'node', cwd: '' }, 'The cwd of the stdio target node'],
    [{ command: 'node', stderr: 'pipe' }, 'The stderr of the stdio target node'],
    [{ command: 'node', stderr: null }, 'The stderr of the stdio target node'],
    [{ command: 'node', stderr: {} }, 'The stderr of the stdio target node'],
    [{ command: 'node', stderr: { file: '' } }, 'The stderr of the stdio target node'],
    [{ command: 'node', stderr: { file: 7 } }, 'The stderr of the stdio target node'],
  ])('is refused where it is not what it must be: %o', (target, said) => {
    expect(refusal(target)).toContain(said)
  })

  test('that is refused keeps its secrets', () => {
    expect(refusal({ command: 'node', env: { KEY: 's3cret\0' } })).not.toContain('s3cret')
    expect(refusal({ command: 'node', args: ['s3cret\0'] })).not.toContain('s3cret')
  })

  test.each<StdioTarget['stderr']>(['inherit', 'ignore', new Writable(), { file: '/tmp/x' }, () => {}])(
    'may have its stderr go to %o',
    (stderr) => {
      expect(stdioTarget({ command: 'node', args: ['x.mjs', '--key=s3cret'], stderr: stderr! }).name).toBe('node x.mjs')
    },
  )

  test('is opened as a transport that the SDK probes in place', async () => {
    const transport = await stdioTarget({ command: 'node' }).open()
    expect('pid' in transport && 'stderr' in transport).toBe(true)
    expect(Object.getPrototypeOf(transport)).not.toHaveProperty('_dispose')
    await transport.close()
  })

  test('has no session to go on with', async () => {
    const opening = stdioTarget({ command: 'node' }).open({ id: 's1', protocolVersion: '2025-11-25' })
    await expect(opening).rejects.toBeInstanceOf(InvalidTargetError)
  })

  test('that was not started has no last words', async () => {
    expect(await stdioTarget({ command: 'node' }).lastWords?.()).toBe('')
  })
})
