import { dereference, validate, type OutputUnit, type Schema, type SchemaDraft } from '@cfworker/json-schema'
import { clip } from '../errors/clip.ts'
import { bareCopy, type BareCopy } from './bare-copy.ts'
import { TimeLimit } from './time-limit.ts'
import { violationsOf } from './violations.ts'

/** What came of checking a value against a JSON Schema. */
export type Verdict =
  | { readonly kind: 'fits' }
  /** Each violation begins with the JSON pointer to where it is. */
  | { readonly kind: 'violated'; readonly violations: readonly string[] }
  | { readonly kind: 'unusable_schema'; readonly why: string; readonly cause: unknown }
  /** Whether it fits was not found out. */
  | { readonly kind: 'unchecked'; readonly why: string; readonly cause: unknown }

/**
 * Checks values against the JSON Schemas of a server, both of which may be hostile.
 *
 * A schema is interpreted, never compiled to code, and its references are looked up within it, never fetched. What a schema
 * can do is bounded: by its size and that of the value, and by {@link checkLimitMs} for what size does not bound, which are
 * regular expressions, references that multiply and arrays whose items are compared with each other.
 *
 * `format` is not checked, which is the default of JSON Schema 2020-12 (Validation, section 7.2.1): a date without a time
 * zone is no reason to lose a result. `$dynamicRef` is not followed.
 */
export class SchemaChecker {
  readonly #timeLimit = new TimeLimit()
  /** By the schema's object: a list of tools that is fetched anew brings new ones. */
  readonly #prepared = new WeakMap<object, PreparedSchema | UnusableSchema>()

  check(schema: object, value: unknown): Verdict {
    const prepared = this.#prepare(schema)
    if (prepared.kind === 'unusable_schema') return prepared
    try {
      const copy = bareCopy(value, valueLimits)
      const errors = this.#errorsOf(prepared, copy, true, checkLimitMs)
      if (errors.length === 0) return { kind: 'fits' }
      return { kind: 'violated', violations: violationsOf(this.#allErrorsOf(prepared, copy) ?? errors) }
    } catch (error) {
      return { kind: 'unchecked', why: whyOf(error), cause: error }
    }
  }

  /** Every error of a value of bearable size; `undefined` for a larger one, or when that takes long. */
  #allErrorsOf(prepared: PreparedSchema, copy: BareCopy): readonly OutputUnit[] | undefined {
    if (copy.values > mostToExplain) return undefined
    try {
      return this.#errorsOf(prepared, copy, false, explainLimitMs)
    } catch {
      // The validator's first error is known all the same.
      return undefined
    }
  }

  #errorsOf(
    { root, draft, lookup, effort }: PreparedSchema,
    copy: BareCopy,
    isFirstEnough: boolean,
    limitMs: number,
  ): readonly OutputUnit[] {
    const run = (): readonly OutputUnit[] => validate(copy.value, root, draft, lookup, isFirstEnough).errors
    return effort * copy.values <= freeEffort ? run() : this.#timeLimit.run(limitMs, run)
  }

  #prepare(schema: object): PreparedSchema | UnusableSchema {
    const known = this.#prepared.get(schema)
    if (known !== undefined) return known
    let prepared: PreparedSchema | UnusableSchema
    try {
      prepared = this.#timeLimit.run(checkLimitMs, () => prepareSchema(schema))
    } catch (error) {
      prepared = { kind: 'unusable_schema', why: whyOf(error), cause: error }
    }
    this.#prepared.set(schema, prepared)
    return prepared
  }
}

/**
 * How long one check may hold up the process, in milliseconds. A million numbers take about that; a schema and a value of
 * usual size take a few microseconds.
 */
export const checkLimitMs = 1_000

/** How long it may take to find all violations of a value that is known to have one, in milliseconds. */
const explainLimitMs = 100

/** The largest value of which all violations are looked for. */
const mostToExplain = 10_000

/** As many comparisons are made without watching the time: they take a few milliseconds. */
const freeEffort = 10_000

const valueLimits = { values: 1_000_000, depth: 1_000, nameLength: Infinity }

/** The validator makes a path of names for every subschema: these keep all of them within some hundred megabytes. */
const schemaLimits = { values: 50_000, depth: 100, nameLength: 500 }

type UnusableSchema = Extract<Verdict, { kind: 'unusable_schema' }>

/** A schema that can be used. */
interface PreparedSchema {
  readonly kind: 'usable'
  readonly root: Schema
  readonly draft: SchemaDraft
  /** All of its subschemas by their URI. */
  readonly lookup: Record<string, Schema | boolean>
  /** What checking one value costs at most, in comparisons; infinite where the size of the schema does not bound it. */
  readonly effort: number
}

/** @throws {Error} Thrown when the schema cannot be used, with the reason in words that follow "since". */
function prepareSchema(schema: object): PreparedSchema {
  const copy = bareCopy(schema, schemaLimits)
  const root = copy.value as Schema
  const draft = draftOf(root.$schema)
  const lookup = dereference(root)
  const parts = Object.values(lookup).filter((part): part is Schema => typeof part === 'object')
  for (const part of parts) {
    if (typeof part.format === 'string') delete part.format
    assertResolved(part, lookup)
    assertPatterns(part)
  }
  const isBounded = !parts.some((part) => costlyKeywords.some((keyword) => keyword in part))
  return { kind: 'usable', root, draft, lookup, effort: isBounded ? copy.values : Infinity }
}

const costlyKeywords = ['$ref', '$recursiveRef', 'pattern', 'patternProperties', 'uniqueItems']

function draftOf(dialect: unknown): SchemaDraft {
  if (typeof dialect !== 'string') return '2020-12'
  const draft = drafts.get(dialect.replace(/^http:/, 'https:').replace(/#$/, ''))
  if (draft === undefined) throw new Error(`its dialect ${JSON.stringify(clip(dialect))} is not known here`)
  return draft
}

const drafts: ReadonlyMap<string, SchemaDraft> = new Map([
  ['https://json-schema.org/draft/2020-12/schema', '2020-12'],
  ['https://json-schema.org/draft/2019-09/schema', '2019-09'],
  ['https://json-schema.org/draft-07/schema', '7'],
  // What draft-07 adds to it harms no schema of draft-06.
  ['https://json-schema.org/draft-06/schema', '7'],
  ['https://json-schema.org/draft-04/schema', '4'],
])

function assertResolved(part: Schema, lookup: Readonly<Record<string, unknown>>): void {
  if (part.$ref === undefined) return
  if (typeof part.$ref !== 'string') throw new Error('it has a $ref that is no string')
  if (lookup[part.__absolute_ref__ ?? part.$ref] !== undefined) return
  throw new Error(`its $ref ${JSON.stringify(clip(part.$ref))} leads nowhere within it, and none is fetched`)
}

function assertPatterns(part: Schema): void {
  const { pattern, patternProperties } = part
  const named =
    typeof patternProperties === 'object' && patternProperties !== null ? Object.keys(patternProperties) : []
  for (const text of typeof pattern === 'string' ? [pattern, ...named] : named) {
    try {
      RegExp(text, 'u')
    } catch (error) {
      throw new Error(`its pattern ${JSON.stringify(clip(text))} is no regular expression`, { cause: error })
    }
  }
}

function whyOf(error: unknown): string {
  // The engine's own words for a stack that is full.
  if (error instanceof RangeError && error.message.startsWith('Maximum call stack')) return 'it is nested too deep'
  return clip(error instanceof Error ? error.message : String(error))
}
