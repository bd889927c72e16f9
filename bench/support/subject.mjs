// @ts-check
/** What is measured, in a process of its own: its CPU time is its own, and so is its heap. */
import { fork } from 'node:child_process'
import { once } from 'node:events'

/**
 * @typedef {object} Subject
 * @property {any} hello what it said first
 * @property {(question: any) => Promise<any>} ask one question at a time
 * @property {() => Promise<void>} stop
 */

/**
 * @param {string} script in bench/
 * @param {unknown} options
 * @returns {Promise<Subject>}
 */
export async function startSubject(script, options) {
  const child = fork(new URL(`../${script}`, import.meta.url), [JSON.stringify(options)], {
    execArgv: ['--expose-gc', '--no-warnings', ...(process.env['SUBJECT_FLAGS']?.split(' ') ?? [])],
  })
  /** @type {Promise<never>} */
  const died = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${script} ended with code ${code}`)))
  died.catch(() => {})
  const next = async () => {
    const [said] = await Promise.race([once(child, 'message'), died])
    return said
  }
  return {
    hello: await next(),
    ask: async (question) => {
      const answer = next()
      child.send(question)
      return answer
    },
    stop: async () => {
      child.disconnect()
      await died.catch(() => {})
    },
  }
}

/**
 * The other end, in the process that is measured: says that it is there, and answers until nobody asks any more.
 *
 * @param {unknown} hello
 * @param {(question: any) => unknown} answer
 */
export function beSubject(hello, answer) {
  process.on('message', (question) => void Promise.resolve(answer(question)).then((said) => process.send?.(said)))
  process.on('disconnect', () => process.exit(0))
  process.send?.(hello)
}

/** What a subject was told when it was started. */
export function subjectOptions() {
  return JSON.parse(process.argv[2] ?? '{}')
}
