/** What must hold in the lines that server processes wrote of one task, in whatever order they were killed. */
import type { Line, StepValue } from './server/journal.mjs'

/** What is wrong with the history of a task; nothing, if all is well. */
export function checkHistory(lines: readonly Line[]): string[] {
  return [
    ...checkBodies(lines),
    ...checkSteps(lines),
    ...checkQuestions(lines),
    ...checkEnd(lines),
    ...checkEntries(lines),
    ...checkProcesses(lines),
  ]
}

/** Attempts count up; `once` is started once. */
function* checkBodies(lines: readonly Line[]): Iterable<string> {
  let last = 0
  for (const line of lines) {
    if (line.kind !== 'body') continue
    if (line.attempt <= last) yield `attempt ${line.attempt} came after attempt ${last}`
    if (line.tool === 'once' && last > 0) yield `its body was started again, though it says once`
    last = line.attempt
  }
}

/** A step that is stored never runs again, and has the same value ever after. */
function* checkSteps(lines: readonly Line[]): Iterable<string> {
  const stored = new Map<number, string>()
  /** What was stored when a process began to look. */
  const atLook = new Map<number, readonly number[]>()
  const store = function* ({ step, token }: StepValue): Iterable<string> {
    const before = stored.get(step)
    if (before !== undefined && before !== token) yield `step ${step} gave ${before}, then ${token}`
    stored.set(step, before ?? token)
  }
  for (const line of lines) {
    if (line.kind === 'ran' && stored.has(line.value.step))
      yield `step ${line.value.step} ran again after it was stored`
    if (line.kind === 'saved' || line.kind === 'kept') yield* store(line.value)
    if (line.kind === 'looks') atLook.set(line.pid, [...stored.keys()])
    if (line.kind !== 'found') continue
    for (const value of line.steps) yield* store(value)
    const found = new Set(line.steps.map(({ step }) => step))
    for (const step of atLook.get(line.pid) ?? []) {
      if (!found.has(step)) yield `step ${step} was stored, and is not there any more`
    }
  }
}

/** The same words are asked once and answered once, under a key of their own, and have one answer. */
function* checkQuestions(lines: readonly Line[]): Iterable<string> {
  const keys = new Map<string, string>()
  const answered = new Set<string>()
  const told = new Map<string, string>()
  for (const line of lines) {
    if (line.kind === 'asked') {
      if (keys.has(line.words)) yield `"${line.words}" was stored twice`
      if ([...keys.values()].includes(line.key)) yield `the key ${line.key} was used twice`
      keys.set(line.words, line.key)
    } else if (line.kind === 'answered') {
      for (const key of line.keys) {
        if (answered.has(key)) yield `the question ${key} was answered twice`
        answered.add(key)
      }
    } else if (line.kind === 'told') {
      const before = told.get(line.words)
      if (before !== undefined && before !== line.answer) yield `the answer was "${before}", then "${line.answer}"`
      told.set(line.words, line.answer)
    }
  }
}

/** A task ends once, and no process finds it open afterwards. */
function* checkEnd(lines: readonly Line[]): Iterable<string> {
  let end: string | undefined
  const endAtLook = new Map<number, string | undefined>()
  for (const line of lines) {
    if (line.kind === 'looks') endAtLook.set(line.pid, end)
    if (line.kind === 'found' && endAtLook.get(line.pid) !== undefined) yield `it was ${end}, and is open`
    if (line.kind !== 'ended') continue
    if (end !== undefined) yield `it was ${end}, and then ${line.status}`
    end = line.status
  }
}

/** In the store's own words: once a task has ended nothing happens to it, and no step, question or answer comes twice. */
function* checkEntries(lines: readonly Line[]): Iterable<string> {
  for (const line of lines) {
    if (line.kind !== 'history') continue
    let end: string | undefined
    const seen = new Set<string>()
    for (const { event, detail } of line.entries) {
      if (end !== undefined) yield `it was ${end}, and then ${event}`
      if (event === 'completed' || event === 'failed' || event === 'cancelled') end = event
      if (event !== 'step' && event !== 'asked' && event !== 'answered') continue
      if (seen.has(`${event} ${detail}`)) yield `${event} ${detail} happened twice`
      seen.add(`${event} ${detail}`)
    }
  }
}

/** One process at a time runs a body. */
function* checkProcesses(lines: readonly Line[]): Iterable<string> {
  let runs: number | undefined
  for (const line of lines) {
    if (line.kind === 'body') runs = line.pid
    const isOfBody = line.kind === 'ran' || line.kind === 'kept' || line.kind === 'told'
    if (isOfBody && line.pid !== runs) yield `process ${line.pid} ran it while process ${runs} did`
  }
}
