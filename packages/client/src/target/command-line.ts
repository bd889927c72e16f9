import { InvalidTargetError } from '../errors/usage-errors.ts'

/**
 * Splits a command line into words as a POSIX shell does, and expands nothing.
 *
 * Blanks and line breaks separate words; single quotes, double quotes and backslashes protect what a shell has them protect. Variables,
 * `~`, `#`, braces and the characters of globs stand for themselves.
 *
 * @throws {InvalidTargetError} Thrown when a quote is not closed, there is no word, or the line asks for what only a shell can do: a
 * pipe, a redirection, several commands, a substitution, a variable that is set. Nothing but the name of the command is repeated.
 *
 * Source: POSIX.1-2017, Shell Command Language, 2.2 and 2.3.
 */
export function splitCommandLine(line: string): readonly [command: string, ...args: string[]] {
  const refuse = (why: string): never => {
    throw new InvalidTargetError(`The command line ${shownStart(line)} ${why}`)
  }
  const words: string[] = []
  let word: string | undefined
  for (const { groups = {} } of line.matchAll(piece)) {
    const { blank, verbatim, quoted, escaped, plain, rest } = groups
    if (blank !== undefined) {
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (rest !== undefined) {
      refuse(whyNot(rest))
    } else if (quoted !== undefined) {
      const substitution = /`|\$\(/.exec(quoted.replace(/\\[^]/g, ''))
      if (substitution !== null) refuse(whyNot(substitution[0]))
      word = (word ?? '') + quoted.replace(/\\\n|\\([$`"\\])/g, '$1')
    } else if (escaped !== '\n') {
      // A line break behind a backslash is none.
      word = (word ?? '') + (verbatim ?? escaped ?? plain ?? '')
    }
  }
  if (word !== undefined) words.push(word)
  const [command, ...args] = words
  if (command === undefined || command === '') return refuse('names no command.')
  if (/^[A-Za-z_]\w*=/.test(command))
    refuse(`sets a variable, which takes a shell. Pass { command, args, env } instead.`)
  return [command, ...args]
}

/** What a shell reads at once. What is left over is an operator, or a quote without its other half. */
const piece =
  /(?<blank>[ \t\r\n]+)|'(?<verbatim>[^']*)'|"(?<quoted>(?:\\[^]|[^"\\])*)"|\\(?<escaped>[^])|(?<plain>[^ \t\r\n'"\\|&;<>()`$]+|\$(?![('"]))|(?<rest>\$[('"]|&&|\|\||>>|<<|[^])/gu

function whyNot(rest: string): string {
  if (rest === "'" || rest === '"') return `has a ${rest} that is not closed.`
  if (rest === '\\') return 'ends with a backslash.'
  return `has ${rest} outside of quotes that would protect it, and no shell runs it. Quote it, or pass { command, args }; where a shell is wanted: { command: 'sh', args: ['-c', …] }.`
}

/** The name of the command, as far as it is one; the rest may hold keys. */
function shownStart(line: string): string {
  const name = /^\s*([\w@./:-]{1,100})/.exec(line)?.[1]
  return name === undefined ? 'that was given' : `of ${name}`
}
