/**
 * The error that everything in longcall throws: a stable string `code`, a message that says what failed, on which
 * thing and what to do, and the `cause` it came from.
 *
 * A message may quote what a peer sent, so it holds no control characters but line breaks and tabs, and 4,000 characters
 * at most.
 *
 * Compare by `code`, or with `instanceof`, which also recognises an error from a second copy of this package.
 */
export class LongcallError extends Error {
  override readonly name: string = 'LongcallError'
  /** What kind of failure this is, stable across releases, in snake_case: `task_failed`, `wait_timeout`. */
  readonly code: string

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(printable(message), options)
    this.code = code
    Object.defineProperty(this, brand, { value: this.constructor.name })
    Object.defineProperty(this, Symbol.for('nodejs.util.inspect.custom'), { value: inspected })
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return false
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true
    const branded = (value as Record<symbol, unknown>)[brand]
    return branded !== undefined && (this === LongcallError || branded === this.name)
  }
}

/** Shared by every copy of this package in one process, so that `instanceof` works across them. */
const brand: unique symbol = Symbol.for('longcall.error')

const longestMessage = 4000

/**
 * What Node prints of an error: as ever, but of what caused it, which may quote a server, no more than a terminal can bear.
 * `cause` itself is as it was thrown.
 */
function inspected(this: LongcallError, _depth: number, options: object, inspect: Inspect): string {
  const fields = inspect(Object.fromEntries(Object.entries(this)), options)
  const causes = causesOf(this).map((cause) => `\n  [cause]: ${printable(textOf(cause)).replaceAll('\n', '\n  ')}`)
  return `${this.stack ?? this.message} ${fields}${causes.join('')}`
}

type Inspect = (value: unknown, options: object) => string

function causesOf(error: Error): readonly unknown[] {
  const causes: unknown[] = []
  for (
    let cause = error.cause;
    cause !== undefined && causes.length < 4;
    cause = isError(cause) ? cause.cause : undefined
  )
    causes.push(cause)
  return causes
}

function textOf(cause: unknown): string {
  if (isError(cause)) return cause.stack ?? `${cause.name}: ${cause.message}`
  return typeof cause === 'string' ? cause : `a thrown ${cause === null ? 'null' : typeof cause}`
}

function isError(value: unknown): value is Error {
  return value instanceof Error
}

/** A terminal obeys what is printed to it, and an error message is. */
function printable(message: string): string {
  const plain = message.replace(/[^\P{C}\n\t]/gu, '\uFFFD')
  return plain.length > longestMessage ? `${plain.slice(0, longestMessage)}…` : plain
}
