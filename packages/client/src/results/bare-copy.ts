/** How much of a value is copied. */
export interface CopyLimits {
  /** The most values, those in arrays and objects counted one by one. */
  readonly values: number
  /** How deep arrays and objects may be nested. */
  readonly depth: number
  /** The longest name of a property, in UTF-16 code units. */
  readonly nameLength: number
}

/** A copy of a JSON value, and how many values are in it. */
export interface BareCopy {
  readonly value: unknown
  readonly values: number
}

/**
 * A copy of a JSON value whose objects have no prototype, so that `constructor` and `__proto__` are names like any other to
 * whoever asks what properties there are.
 *
 * Properties that are `undefined` are left out, as JSON leaves them out.
 *
 * @throws {RangeError} Thrown when the value is larger than the limits, and so also when it has a cycle.
 */
export function bareCopy(value: unknown, limits: CopyLimits): BareCopy {
  let values = 0
  const copy = (part: unknown, depth: number): unknown => {
    values += 1
    if (values > limits.values) throw new RangeError(`it holds more than ${limits.values} values`)
    if (typeof part !== 'object' || part === null) return part
    if (depth >= limits.depth) throw new RangeError(`it is nested more than ${limits.depth} levels deep`)
    if (Array.isArray(part)) return part.map((item: unknown) => copy(item, depth + 1))
    const bare = Object.create(null) as Record<string, unknown>
    for (const [name, inner] of Object.entries(part)) {
      if (name.length > limits.nameLength) throw new RangeError(`it has a name longer than ${limits.nameLength}`)
      if (inner !== undefined) bare[name] = copy(inner, depth + 1)
    }
    return bare
  }
  return { value: copy(value, 0), values }
}
