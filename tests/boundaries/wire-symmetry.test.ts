import { expect, test } from 'vitest'
import { read } from './sources.ts'

/** What only one generation of the wire exports, and why the other has nothing to put there. */
const absences = [
  {
    only: '2025-11-25',
    names: ['augment', 'readAugmentation'],
    because: 'the requestor asks for a task; in 2026-07-28 the server decides',
  },
  {
    only: '2025-11-25',
    names: ['listTasks', 'readList', 'writeList', 'WireList'],
    because: '2026-07-28 has no tasks/list',
  },
  {
    only: '2025-11-25',
    names: ['taskResult', 'readResult', 'writeResult', 'ResultOutcome'],
    because: 'the result has a method of its own; in 2026-07-28 it is part of tasks/get',
  },
  {
    only: '2025-11-25',
    names: [
      'ClientTasksCapability',
      'TaskSupport',
      'TasksCapability',
      'WireClientTasksCapability',
      'WireTasksCapability',
      'readClientTasksCapability',
      'readTasksCapability',
      'taskSupport',
      'writeClientTasksCapability',
      'writeTasksCapability',
    ],
    because: 'a peer says which methods and which tools can be tasks',
  },
  {
    only: '2026-07-28',
    names: ['declaresTasks', 'tasksExtension'],
    because: 'tasks are an extension that is declared as a whole',
  },
  {
    only: '2026-07-28',
    names: ['updateTask', 'readQuestions', 'WireQuestion', 'WireDetailedTask', 'WireState'],
    because: 'tasks/get carries questions and outcome, tasks/update the answers; in 2025-11-25 a question is a request',
  },
  {
    only: '2026-07-28',
    names: ['listenFilter', 'readListenFilter'],
    because: 'pushes are subscribed to; in 2025-11-25 they just come',
  },
] as const

test('both generations of the wire export the same names, but for what one cannot have', () => {
  const exportsOf = (generation: string): string[] => [...read(`packages/core/src/wire/${generation}/index.ts`).exports]
  const older = exportsOf('2025-11-25')
  const newer = exportsOf('2026-07-28')
  const absentFrom = (generation: string): string[] =>
    absences.flatMap(({ only, names }): readonly string[] => (only === generation ? names : []))

  expect(older.filter((name) => newer.includes(name)).length).toBeGreaterThanOrEqual(8)
  expect(older.filter((name) => !newer.includes(name)).toSorted()).toEqual(absentFrom('2025-11-25').toSorted())
  expect(newer.filter((name) => !older.includes(name)).toSorted()).toEqual(absentFrom('2026-07-28').toSorted())
})
