import { questionIdentity, toJsonObject, type TaskQuestion } from '@longcall/core'

/** The same for the same question, whatever request carries it: a hash, so that it tells nothing. */
export function printOf({ method, params }: Pick<TaskQuestion, 'method' | 'params'>): string {
  const { _meta, ...rest } = params
  return questionIdentity({ method, params: toJsonObject(rest, 'a question') })
}
