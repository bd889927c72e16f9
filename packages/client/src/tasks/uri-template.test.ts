import { describe, expect, test } from 'vitest'
import { isInstance } from './uri-template.ts'

describe('a URI', () => {
  test.each([
    ['report://cities/Rome', 'report://cities/{city}'],
    ['report://cities/Rome', 'report://cities/%7Bcity%7D'],
    ['report://cities/Rome/2026', 'report://cities/{city}/{year}'],
    ['report://cities/Rome?unit=C', 'report://cities/{city}{?unit}'],
    ['report://a%20b/today', 'report://{city}/today'],
  ])('%s may be made from %s', (uri, template) => {
    expect(isInstance(uri, template)).toBe(true)
  })

  test.each([
    ['report://cities/Rome', 'report://cities/Rome'],
    ['report://cities/Rome', 'report://countries/{name}'],
    ['report://cities/Rome', 'report://cities/{city}/map'],
    ['report://aa', 'report://a{x}aa'],
    ['report://cities/Rome', undefined],
    ['report://%', 'report://{}%7B'],
  ])('%s is not made from %s', (uri, template) => {
    expect(isInstance(uri, template)).toBe(false)
  })

  test('is compared in one pass, however hostile the template', () => {
    const hostile = `x://${'{a}a'.repeat(20_000)}b`
    expect(isInstance(`x://${'a'.repeat(40_000)}`, hostile)).toBe(false)
  })
})
