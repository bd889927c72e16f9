import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidTargetError } from '../errors/usage-errors.ts'
import { splitCommandLine } from './command-line.ts'

const word = fc.string({ unit: fc.constantFrom(...` \t\r\n'"\\$\`|&;<>()*?~#={}!ab`.split(''), 'é', '😀') })
const quotings: readonly ((text: string) => string)[] = [
  (text) => `'${text.replaceAll("'", `'\\''`)}'`,
  (text) => `'${text.replaceAll("'", `'"'"'`)}'`,
  (text) => `"${text.replace(/[\\"$`]/g, '\\$&')}"`,
  // A line break cannot be kept by a backslash.
  (text) => (text === '' ? `''` : text.replace(/[^a-z\n]/gu, '\\$&').replaceAll('\n', `'\n'`)),
]

describe('a command line', () => {
  test.each([
    ['npx -y @scope/server --flag "an argument"', ['npx', '-y', '@scope/server', '--flag', 'an argument']],
    [`node 'it'\\''s here.js' ""`, ['node', "it's here.js", '']],
    [`"/opt/my tools/server"`, ['/opt/my tools/server']],
    ['  node\t server.js \n --port 1  ', ['node', 'server.js', '--port', '1']],
    ['node server.js \\\n  --port 1', ['node', 'server.js', '--port', '1']],
    [`node -e 'a => b | c; "$(d)" \`e\`'`, ['node', '-e', 'a => b | c; "$(d)" `e`']],
    ['node x.js "a & b" c\\|d "\\$(e)" "\\`f"', ['node', 'x.js', 'a & b', 'c|d', '$(e)', '`f']],
    ['node x.js $HOME ${HOME} "$HOME" ~ *.js a{b,c} 5$', 'node x.js $HOME ${HOME} $HOME ~ *.js a{b,c} 5$'.split(' ')],
    ['node x.js https://h/?a=1#part # no comment', 'node x.js https://h/?a=1#part # no comment'.split(' ')],
    ['node trailing\\ ', ['node', 'trailing ']],
    [`a"b"'c'\\d "x\\y" 'x\\y'`, ['abcd', 'x\\y', 'x\\y']],
    [String.raw`a '\\'"b"`, ['a', String.raw`\\b`]],
    ['env KEY=a b', ['env', 'KEY=a', 'b']],
  ])('is split into its words: %s', (line, words) => {
    expect(splitCommandLine(line)).toEqual(words)
  })

  test.each([
    ['node a.js | tee log', 'has | outside'],
    ['node a.js || node b.js', 'has || outside'],
    ['node a.js > log', 'has > outside'],
    ['node a.js >> log', 'has >> outside'],
    ['node a.js 2>&1', 'has > outside'],
    ['node a.js < in', 'has < outside'],
    ['node a.js; node b.js', 'has ; outside'],
    ['cd /srv && node a.js', 'has && outside'],
    ['node a.js &', 'has & outside'],
    ['node a.js --url http://h/?a=1&b=2', 'has & outside'],
    ['node $(which a.js)', 'has $( outside'],
    ['node "$(which a.js)"', 'has $( outside'],
    ['node "\\\\$(which a.js)"', 'has $( outside'],
    ['node `which a.js`', 'has ` outside'],
    ['node "`which a.js`"', 'has ` outside'],
    ["node $'a\\'b'", "has $' outside"],
    ['(node a.js)', 'has ( outside'],
    ['node "a.js', 'has a " that is not closed'],
    ["node it's.js", "has a ' that is not closed"],
    ['node a.js \\', 'ends with a backslash'],
    ['""', 'names no command'],
    ['  ', 'names no command'],
    ['KEY=s3cret node a.js', 'sets a variable'],
  ])('that takes a shell, or is no whole one, is refused: %s', (line, said) => {
    expect(() => splitCommandLine(line)).toThrow(said)
    expect(() => splitCommandLine(line)).toThrow(InvalidTargetError)
  })

  test('that is refused does not show what may be secret', () => {
    for (const line of ['KEY=s3cret node a', 'node a --key s3cret | b', '"s3cret', 'node "s3cret'])
      expect(() => splitCommandLine(line)).toThrow(/^(?!.*s3cret)/s)
  })

  test('gives back the words that were quoted, however they were quoted', () => {
    const quoted = fc.tuple(word, fc.constantFrom(...quotings))
    fc.assert(
      fc.property(fc.array(quoted), (rest) => {
        const line = ['run', ...rest.map(([text, quote]) => quote(text))].join(' ')
        expect(splitCommandLine(line)).toEqual(['run', ...rest.map(([text]) => text)])
      }),
    )
  })

  test.skipIf(process.platform === 'win32')('is split as the shell of this machine does', () => {
    // A shell expands nothing behind a `$` that a dot follows.
    const text = fc.constantFrom('a', 'b', '=', '#', '{', ' ', "'", '"', '\\', '\\\\', '\\"', "\\'", '\\$.', '\\\n')
    let compared = 0
    fc.assert(
      fc.property(fc.array(text, { maxLength: 12 }), (pieces) => {
        const line = `run x${pieces.join('')}`
        // Behind a blank a shell takes it for a comment.
        fc.pre(!/[ \n]#/.test(line))
        const shell = spawnSync('/bin/sh', ['-c', `for word in ${line}\ndo printf '%s\\0' "$word"; done`])
        fc.pre(shell.status === 0 && shell.stderr.length === 0 && !/(^|[^\\])(\\\\)*\\$/.test(line))
        compared += 1
        expect(splitCommandLine(line)).toEqual(shell.stdout.toString().split('\0').slice(0, -1))
      }),
      { numRuns: 200, maxSkipsPerRun: 1000 },
    )
    expect(compared).toBeGreaterThanOrEqual(200)
  })

  test('of a megabyte is split at once', () => {
    const long = 'x'.repeat(1_000_000)
    expect(splitCommandLine(`node ${long} '${long}' "${long}"`)).toEqual(['node', long, long, long])
    expect(() => splitCommandLine(`node ${`"\\`.repeat(100_000)}`)).toThrow(InvalidTargetError)
  })
})
