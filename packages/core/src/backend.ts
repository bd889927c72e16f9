/** For those who write a store, an engine or a journal: the rules that every one of them keeps, so that none has to invent them. */
export { defaultConcurrency, EnginePlaces, engineStartedError } from './engine/engine-places.ts'
export { isDead, processName } from './process/process-name.ts'
export { BadCursorError } from './store/bad-cursor-error.ts'
export { HintHub } from './store/hint-hub.ts'
export { answeredBy, withdrawnFrom, withQuestions, type QuestionChange } from './store/question-changes.ts'
export { canRun, canRunAgain, endedRecord, isLost, matches, newRecord, summaryOf } from './store/task-rules.ts'
