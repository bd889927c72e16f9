/** A log message of a server; all of it is untrusted. */
export interface ServerLog {
  /** Names the server. */
  readonly server: string
  /** The server's own name for the part of it that speaks. */
  readonly logger?: string | undefined
  /** Any JSON value. */
  readonly data: unknown
}

/** The longest text of a log message, in UTF-16 code units, its prefix included. */
export const maxLogTextLength = 2_000

/**
 * A server's log message as one line for a terminal or a logger: `[weather:cache] miss`. A string as it is, any other value
 * as compact JSON, cut to {@link maxLogTextLength}.
 *
 * Control characters, line breaks included, are written as escapes: a terminal obeys what is printed to it, and a line
 * break makes what follows it look like a message of somebody else.
 */
export function logText({ server, logger, data }: ServerLog): string {
  const names = logger === undefined || logger === '' ? nameText(server) : `${nameText(server)}:${nameText(logger)}`
  return cut(
    `[${names}] ${visible(typeof data === 'string' ? data : jsonText(data), maxLogTextLength)}`,
    maxLogTextLength,
  )
}

/** The longest name in a prefix, in UTF-16 code units: it must leave room for the message. */
const maxNameLength = 100

function nameText(name: string): string {
  return cut(visible(name, maxNameLength), maxNameLength)
}

function jsonText(data: unknown): string {
  try {
    return JSON.stringify(data) ?? String(data)
  } catch {
    // It is nested too deep, or never was JSON: a server in this process may send a cycle.
    return '(data that cannot be shown)'
  }
}

/** Only what may be shown is looked at: the rest may be megabytes. */
function visible(text: string, mostShown: number): string {
  return text.slice(0, mostShown + 1).replace(/\p{C}|[\u2028\u2029]/gu, escapeOf)
}

function escapeOf(character: string): string {
  return named.get(character) ?? `\\u{${character.codePointAt(0)?.toString(16)}}`
}

const named: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

/** Never within a character. */
function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}
