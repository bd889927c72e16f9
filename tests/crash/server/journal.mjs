import { openSync, writeSync } from 'node:fs'

/**
 * What a server process wrote down. All processes of a file append to one journal, each line with one write, so that its order
 * is the order in which things happened, and a line that was written survives the process.
 *
 * @typedef {{ readonly pid: number } & Note} Line
 *
 * @typedef {(
 *   | { readonly kind: 'up' }
 *   | { readonly kind: 'killed', readonly point: string, readonly wire: string | undefined }
 *   | { readonly kind: 'trouble', readonly what: string }
 *   | { readonly kind: 'looks', readonly task: string }
 *   | { readonly kind: 'found', readonly task: string, readonly steps: readonly StepValue[] }
 *   | { readonly kind: 'history', readonly task: string, readonly entries: readonly Entry[] }
 *   | { readonly kind: 'created', readonly task: string }
 *   | { readonly kind: 'saved', readonly task: string, readonly value: StepValue }
 *   | { readonly kind: 'asked', readonly task: string, readonly key: string, readonly words: string }
 *   | { readonly kind: 'answered', readonly task: string, readonly keys: readonly string[] }
 *   | { readonly kind: 'ended', readonly task: string, readonly status: string }
 *   | { readonly kind: 'body', readonly task: string, readonly tool: string, readonly attempt: number }
 *   | { readonly kind: 'ran', readonly task: string, readonly value: StepValue }
 *   | { readonly kind: 'kept', readonly task: string, readonly value: StepValue }
 *   | { readonly kind: 'told', readonly task: string, readonly words: string, readonly answer: string }
 * )} Note
 *
 * @typedef {{ readonly step: number, readonly token: string }} StepValue What a step gives: which it is, and which run of it.
 *
 * @typedef {import('@longcall/core').TaskHistoryEntry} Entry
 *
 * @typedef {(note: Note) => void} Journal
 */

/**
 * @param {string} path
 * @returns {Journal}
 */
export function openJournal(path) {
  const file = openSync(path, 'a')
  return (note) => void writeSync(file, `${JSON.stringify({ pid: process.pid, ...note })}\n`)
}
