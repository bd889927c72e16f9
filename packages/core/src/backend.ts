/** For those who write a store or an engine: the rules that every one of them keeps, so that none has to invent them. */
export { monotonic } from './clock/clock.ts'
export { EnginePlaces } from './engine/engine-places.ts'
export { defaultConcurrency, engineStartedError } from './engine/in-process-engine.ts'
export { BadCursorError } from './store/bad-cursor-error.ts'
export { HintHub } from './store/hint-hub.ts'
export { newRecord } from './store/memory-entry.ts'
export { answeredBy, withdrawn, withdrawnFrom, withQuestions, type QuestionChange } from './store/question-changes.ts'
export { canRun, canRunAgain, endedRecord, isLost, matches, summaryOf } from './store/task-rules.ts'
