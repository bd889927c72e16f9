// @ts-check
/**
 * A client with a journal, in a process of its own that is killed at a named moment: begins a task that asks twice, or takes up
 * what the journal holds. What its user saw is in the diary.
 */
import { appendFileSync } from 'node:fs'
import { Client, fileJournal } from '@longcall/client'
import { sqliteJournal } from '@longcall/sqlite'
import { watchedJournal } from '../../peers/watched-journal.mjs'

/** @type {{ mode: 'begin' | 'resume', url: string, era: '2026-07-28' | 'legacy', kind: 'file' | 'sqlite', journal: string, diary: string, point?: string, killAfterMs?: number }} */
const order = JSON.parse(process.argv[2] ?? '')
const { mode, url, era, kind, point } = order

/** @param {string} line */
const note = (line) => appendFileSync(order.diary, `${line}\n`)

/** A moment has come; it may be the last. @param {string} moment */
function reach(moment) {
  if (moment === point) process.kill(process.pid, 'SIGKILL')
}

/** @type {typeof fetch} */
const watchedFetch = async (input, init) => {
  const moment = momentOf(init?.body)
  if (moment !== undefined) reach(`${moment}:before`)
  const response = await fetch(input, init)
  if (moment !== undefined) reach(`${moment}:after`)
  return response
}

/** @param {unknown} body */
function momentOf(body) {
  if (typeof body !== 'string') return undefined
  const { method, result } = JSON.parse(body)
  if (method === 'tools/call') return 'call sent'
  return method === 'tasks/update' || result !== undefined ? 'answer sent' : undefined
}

const opened = kind === 'sqlite' ? sqliteJournal(order.journal) : fileJournal(order.journal)
// Whenever that is, whatever is under way.
if (order.killAfterMs !== undefined) setTimeout(() => process.kill(process.pid, 'SIGKILL'), order.killAfterMs).unref()
let asked = 0
const client = await Client.connect(
  { url, fetch: watchedFetch },
  {
    era,
    journal: watchedJournal(opened, (write, when) => reach(`${write}:${when}`)),
    onElicitation: ({ message }) => {
      asked += 1
      note(`asked ${message}`)
      reach('asked')
      return { action: 'accept', content: { name: `${mode}-${process.pid}-${asked}` } }
    },
    onError: (error) => note(`error ${error.message}`),
  },
)

if (mode === 'begin') {
  const task = await client.callTool('two_rounds', {}, { task: true })
  reach('handle given')
  told(await task.result())
  reach('result given')
} else {
  const resumed = await client.tasks.resumeAll({
    onResult: (outcome) => {
      if (outcome.status === 'rejected') return note(`failed ${String(outcome.reason)}`)
      told(outcome.value)
      reach('onResult')
    },
  })
  await resumed.all()
  for (const { kind: fate } of resumed.fateUnknown) note(fate)
  note(`pending ${(await client.tasks.pending()).length}`)
}
await client.close()
await opened.close()

/** @param {any} result */
function told(result) {
  note(`result ${result.content[0].text}`)
}
