import { InvalidOptionError } from '../errors/usage-errors.ts'

/**
 * The arguments of a prompt as the wire has them: strings as they are, every other value as compact JSON. `undefined` when
 * there are none; an argument that is `undefined` is left out.
 *
 * The protocol knows string arguments only (specification 2025-11-25, `prompts/get`); servers such as FastMCP's read JSON
 * where the parameter is no string.
 *
 * @throws {InvalidOptionError} Thrown when JSON cannot hold an argument without loss, with its name: a function, a symbol, a
 * bigint, NaN, an infinity or a cycle, however deep within it.
 */
export function promptArguments(
  args: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, string>> | undefined {
  if (args === undefined) return undefined
  if (typeof args !== 'object' || args === null || Array.isArray(args)) {
    throw new InvalidOptionError('arguments', args, 'an object with a value for each argument')
  }
  const texts = Object.entries(args).flatMap(([name, value]): [string, string][] => {
    const text = typeof value === 'string' ? value : jsonOf(name, value)
    return text === undefined ? [] : [[name, text]]
  })
  // Defines every name as a property of its own, `__proto__` too.
  return texts.length === 0 ? undefined : Object.fromEntries(texts)
}

function jsonOf(name: string, value: unknown): string | undefined {
  try {
    return JSON.stringify(value, refuseLoss)
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw new InvalidOptionError(`arguments[${JSON.stringify(name)}]`, value, `a value that JSON can hold (${why})`)
  }
}

/** JSON.stringify leaves these out, or writes null. */
function refuseLoss(_name: string, value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') throw new TypeError(`it has a ${typeof value}`)
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`it has ${value}`)
  return value
}
