import type { TaskQuestion } from '@longcall/core'

/** A question without the wish to have it answered in a task of the client's: in this generation clients run no tasks. */
export function plainQuestion({ key, method, params }: TaskQuestion): TaskQuestion {
  const { task: _task, ...plain } = params
  return { key, method, params: plain }
}
