import type { OutputUnit } from '@cfworker/json-schema'
import type { StandardSchemaV1 } from '@modelcontextprotocol/client'

/** How many violations an error message lists. */
const mostListed = 3

/** The longest account of one of them, in UTF-16 code units: a schema may list a thousand allowed values. */
const longestAccount = 140

/** The first few violations for an error message, each with its place, and how many more there are. */
export function listViolations(violations: readonly string[]): string {
  const listed = violations.slice(0, mostListed).map((text) => cut(text))
  const more = violations.length - listed.length
  return `${listed.join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}

/**
 * What a JSON Schema validator found, without its own account of the way there.
 *
 * It reports each violation once for every schema around it, and reports a property whose value is wrong a second time as
 * one that is not allowed.
 */
export function violationsOf(errors: readonly OutputUnit[]): readonly string[] {
  const own = errors.filter(({ keyword }) => !onTheWay.has(keyword))
  const wrongPlaces = own.filter(({ keyword }) => keyword !== 'false').map((error) => error.instanceLocation)
  const wrong = new Set(wrongPlaces.flatMap(placesAround))
  const first = own.filter(({ keyword, instanceLocation }) => keyword !== 'false' || !wrong.has(instanceLocation))
  const shown = first.length > 0 ? first : errors
  return [
    ...new Set(shown.map((unit) => `${placeOf(unit)}: ${unit.keyword === 'false' ? 'is not allowed' : unit.error}`)),
  ]
}

/** What a Standard Schema found. */
export function violationsOfIssues(issues: readonly StandardSchemaV1.Issue[]): readonly string[] {
  return issues.map(({ message, path }) => {
    const names = (path ?? []).map((step) => (typeof step === 'object' ? step.key : step))
    return `${names.length === 0 ? theWhole : names.map(pointerStep).join('')}: ${message}`
  })
}

const theWhole = 'the whole value'

/** Keywords whose violation is that of a schema within them, and is told by that one. */
const onTheWay: ReadonlySet<string> = new Set([
  '$ref',
  '$recursiveRef',
  'allOf',
  'anyOf',
  'if',
  'properties',
  'patternProperties',
  'additionalProperties',
  'unevaluatedProperties',
  'propertyNames',
  'dependentSchemas',
  'items',
  'prefixItems',
  'additionalItems',
  'unevaluatedItems',
])

/** A place, and all that it is within. */
function placesAround(place: string): string[] {
  const steps = place.split('/')
  return steps.map((_step, at) => steps.slice(0, at + 1).join('/'))
}

/** The validator writes pointers as fragments of a URI: `#/a%20b`. */
function placeOf({ instanceLocation }: OutputUnit): string {
  const pointer = instanceLocation.slice(1)
  return pointer === '' ? theWhole : decodeURI(pointer)
}

function pointerStep(name: PropertyKey): string {
  return `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

function cut(text: string): string {
  return text.length > longestAccount ? `${text.slice(0, longestAccount)}…` : text
}
