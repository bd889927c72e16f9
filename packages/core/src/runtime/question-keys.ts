import { createHash } from 'node:crypto'
import { canonicalJson } from '../json/json.ts'
import type { QuestionRecord } from '../store/task-record.ts'
import { OrdinalNames } from './ordinal-names.ts'
import type { Question } from './task-body.ts'

/**
 * Names the questions of one run of a body, so that a later run finds them again.
 *
 * A question's name is its key, or its place among those without one; asked again in the same run, it is a new question.
 */
export class QuestionKeys {
  readonly #names = new OrdinalNames()
  #unnamed = 0

  name({ key }: Question): string {
    this.#unnamed += key === undefined ? 1 : 0
    return this.#names.next(key ?? `question-${this.#unnamed}`)
  }
}

/** What is the same for two questions that ask the same. */
export function questionIdentity({ method, params }: Question): string {
  // At once: a hash that another thread makes is ready at a time that no clock of a test knows.
  return createHash('sha256')
    .update(`${method} ${canonicalJson(params)}`)
    .digest('base64')
}

/**
 * Which question of the record this one is: the `same` one, asked before; else `stale` ones of its name that ask something
 * else and are still open, and a `key` that was never used.
 */
export function findQuestion(
  name: string,
  identity: string,
  questions: readonly QuestionRecord[],
): { readonly same: QuestionRecord } | { readonly stale: readonly string[]; readonly key: string } {
  const ofName = questions.filter(({ key }) => key === name || key.startsWith(`${name}~`))
  const same = ofName.find((question) => question.identity === identity && question.state !== 'withdrawn')
  if (same !== undefined) return { same }
  const used = new Set(questions.map(({ key }) => key))
  let key = name
  for (let version = 2; used.has(key); version += 1) key = `${name}~${version}`
  return { stale: ofName.filter(({ state }) => state === 'open').map((question) => question.key), key }
}
