/** Which era a server was found to speak, and when (milliseconds since the epoch). */
export interface EraVerdict {
  readonly era: '2026-07-28' | 'legacy'
  readonly at: number
}

/**
 * Remembers which era servers speak, so that the next connect need not find out: a request less, and over stdio a start of
 * the server less where it does not survive the question.
 *
 * A verdict that turns out to be wrong is found out anew, and replaced.
 */
export interface EraCache {
  /** `endpoint` tells the server from others, and holds no secret. */
  get(endpoint: string): Promise<EraVerdict | undefined>
  /** Forgets where there is no verdict. */
  set(endpoint: string, verdict: EraVerdict | undefined): Promise<void>
}

/** An {@link EraCache} for as long as the process lives. */
export function memoryEraCache(): EraCache {
  const verdicts = new Map<string, EraVerdict>()
  return {
    get: (endpoint) => Promise.resolve(verdicts.get(endpoint)),
    set: (endpoint, verdict) => {
      if (verdict === undefined) verdicts.delete(endpoint)
      else verdicts.set(endpoint, verdict)
      return Promise.resolve()
    },
  }
}
