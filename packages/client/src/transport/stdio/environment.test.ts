import { describe, expect, test } from 'vitest'
import { serverEnvironment } from './environment.ts'

const own = { HOME: '/home/ann', PATH: '/bin', USER: 'ann', API_KEY: 's3cret', PATHEXT: '.EXE', TERM: undefined }

describe('the environment of a server', () => {
  test('holds a few variables of this process, and no other', () => {
    expect({ ...serverEnvironment({}, own, 'linux') }).toEqual({ HOME: '/home/ann', PATH: '/bin', USER: 'ann' })
    expect({ ...serverEnvironment({}, own, 'win32') }).toEqual({ PATH: '/bin', PATHEXT: '.EXE' })
  })

  test('holds what is given, in place of what this process has', () => {
    const env = serverEnvironment({ PATH: '/opt/bin', 'spring.x': '1', EMPTY: '' }, own, 'linux')
    expect({ ...env }).toEqual({ HOME: '/home/ann', PATH: '/opt/bin', USER: 'ann', 'spring.x': '1', EMPTY: '' })
  })

  test('holds no function that a shell exported', () => {
    expect({ ...serverEnvironment({}, { HOME: '() { echo hi; }', USER: 'ann' }, 'linux') }).toEqual({ USER: 'ann' })
  })

  test('holds a variable of Windows once, in whatever case it is given', () => {
    expect({ ...serverEnvironment({ Path: 'C:\\tools' }, own, 'win32') }).toEqual({
      Path: 'C:\\tools',
      PATHEXT: '.EXE',
    })
  })

  test('may hold a variable of any name', () => {
    const given = JSON.parse('{"__proto__":"a","constructor":"b"}') as Record<string, string>
    expect(Object.entries(serverEnvironment(given, {}, 'linux'))).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
  })
})
