import { StringDecoder } from 'node:string_decoder'

/**
 * Hands the lines of a server's stderr to a function: without control characters other than tabs, which are replaced by
 * U+FFFD, and cut at 10 000 characters, for they are untrusted text. What the function throws, or rejects with, is
 * ignored.
 */
export class StderrLines {
  readonly #decoder = new StringDecoder('utf8')
  readonly #onLine: (line: string) => void
  #line = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(chunk: Buffer): void {
    const [rest = '', ...lines] = this.#decoder.write(chunk).split('\n')
    this.#append(rest)
    for (const line of lines) {
      this.#emit()
      this.#append(line)
    }
  }

  /** The last line may lack its line feed. */
  end(): void {
    this.#append(this.#decoder.end())
    if (this.#line !== '') this.#emit()
  }

  /** One character more than is kept tells that there was more. */
  #append(text: string): void {
    if (this.#line.length <= longestLine) this.#line += text.slice(0, longestLine + 1 - this.#line.length)
  }

  #emit(): void {
    const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line
    this.#line = ''
    const shown = line.length > longestLine ? `${line.slice(0, longestLine)}…` : line
    try {
      const returned: unknown = this.#onLine(shown.replaceAll(controlCharacters, '\u{fffd}'))
      // It may be async, whatever its type says.
      if (returned instanceof Promise) returned.catch(() => {})
    } catch {
      // Whoever listens has failed, which is nothing that the connection could help.
    }
  }
}

const longestLine = 10_000
const controlCharacters = /[^\P{Cc}\t]/gu
