import { expect, test } from 'vitest'
import { compiledForm } from './compiled-form.ts'

const form = (title: string): object => ({ type: 'object', title, properties: { n: { type: 'number' } } })

test('a form is compiled once, however often it is asked with and whoever wrote it down', () => {
  const check = compiledForm(form('once'))
  expect(compiledForm(form('once'))).toBe(check)
  expect(check({ n: 5 })).toMatchObject({ valid: true })
  expect(check({ n: 'five' })).toMatchObject({ valid: false })
})

test('forms that name the same $id are told apart', () => {
  const [number, text] = ['number', 'string'].map((type) =>
    compiledForm({ $id: 'https://forms.example/one', type: 'object', properties: { n: { type } } }),
  )
  expect([number?.({ n: 5 }).valid, text?.({ n: 5 }).valid]).toEqual([true, false])
})

test('only the last forms are kept', () => {
  const check = compiledForm(form('first'))
  for (let count = 0; count < 100; count += 1) compiledForm(form(`other ${count}`))
  expect(compiledForm(form('first'))).not.toBe(check)
})

test('what is no schema is refused each time', () => {
  for (let count = 0; count < 2; count += 1)
    expect(() => compiledForm({ type: 'nothing' })).toThrow('type must be JSONType')
})
