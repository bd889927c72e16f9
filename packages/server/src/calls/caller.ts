import type { AuthInfo } from '@modelcontextprotocol/server'
import { LongcallError, type JsonObject } from '@longcall/core'
import type { CallerInfo } from '../tool/tool.ts'

/** Who makes a request: whose its tasks are, and against whose number they count. */
export interface Caller {
  /**
   * The principal; {@link pipeOwner} at the end of a pipe. The empty string is nobody in particular: then whoever knows a
   * task's id may see it.
   */
  readonly owner: string
  readonly quota: string
  readonly auth?: JsonObject
}

/** What is known of where a request came from. */
export interface Origin {
  readonly authInfo?: AuthInfo | undefined
  readonly sessionId?: string | undefined
  readonly remoteAddress?: string | undefined
  /** One process at the other end of a pipe, or in this one: it owns all that it starts. */
  readonly isPipe: boolean
}

/** Says who somebody is, from what was verified of them: the same text for the same person, whatever client they use. */
export type Principal = (authInfo: AuthInfo) => string | undefined

/** The issuer and the subject of the token, as verifiers commonly put them into `extra`. */
export const issuerAndSubject: Principal = ({ extra }) => {
  const { iss, sub } = extra ?? {}
  return typeof iss === 'string' && typeof sub === 'string' && sub !== '' ? `${iss} ${sub}` : undefined
}

/**
 * Who makes a request.
 *
 * @throws {LongcallError} Thrown with the code `no_principal` when there is authentication, but it does not say who it is:
 * a client id alone is shared by all of the client's users. Likewise when it says a name that stands for others.
 */
export function callerOf({ authInfo, sessionId, remoteAddress, isPipe }: Origin, principal: Principal): Caller {
  if (authInfo === undefined) {
    if (isPipe) return { owner: pipeOwner, quota: pipeOwner }
    return { owner: '', quota: `${nobody} ${remoteAddress ?? sessionId ?? ''}` }
  }
  const who = principal(authInfo)
  if (who === undefined || who === '') {
    throw new LongcallError(
      'no_principal',
      'The caller is authenticated, but nothing says who it is: the token names no issuer and subject. Pass principal to createTasks(), which says it.',
    )
  }
  if (who === pipeOwner || who.startsWith(nobody)) {
    throw new LongcallError('no_principal', `No principal can be called ${JSON.stringify(who)}: the name is taken.`)
  }
  const { clientId, scopes } = authInfo
  const auth: CallerInfo = { principal: who, clientId, scopes }
  return { owner: who, quota: who, auth: { ...auth, scopes: [...scopes] } }
}

/** Everybody at the end of a pipe is the one who started the process. */
export const pipeOwner = '(pipe)'

/** What callers that nobody knows count under; no principal is called like it. */
const nobody = '(anonymous)'
