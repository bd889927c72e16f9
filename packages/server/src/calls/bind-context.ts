import type { AuthInfo } from '@modelcontextprotocol/server'

/** What a server object is for, as far as its tasks are concerned. */
export interface BindContext {
  /** `modern` is 2026-07-28, `legacy` everything before. */
  readonly era: 'legacy' | 'modern'
  /**
   * `pipe` where one process is at the other end, the one who started this one or is it: it owns all that it starts. `http` by
   * default: without authentication, nobody there is known.
   */
  readonly transport?: 'pipe' | 'http'
  /** Who opened the session or makes the request. */
  readonly authInfo?: AuthInfo
  /** The address that the request came from: callers nobody knows are limited by it. */
  readonly remoteAddress?: string
}
