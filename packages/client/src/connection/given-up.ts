import { RequestError } from '../errors/request-errors.ts'
import type { GivenUp } from './deadline.ts'

/** Why a request was given up, as an error. */
export function givenUp(about: string, why: GivenUp): RequestError {
  if (why.kind === 'aborted') return new RequestError(about, { kind: 'aborted' }, { cause: why.reason })
  return new RequestError(about, { kind: 'timeout', timeoutMs: why.ms })
}
