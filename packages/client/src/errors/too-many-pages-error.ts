import { LongcallError } from '@longcall/core'

/** Thrown when a paginated list goes on past the number of pages, or of items, that is put up with. */
export class TooManyPagesError extends LongcallError {
  override readonly name = 'TooManyPagesError'
  /** What there was too much of. */
  readonly limit: 'pages' | 'items'
  readonly most: number

  /** @param request The request that lists, as the wire names it: `tools/list`. */
  constructor(request: string, limit: 'pages' | 'items', most: number) {
    const remedy = limit === 'pages' ? ' Allow more pages, or read them one by one.' : ' Read the pages one by one.'
    super('too_many_pages', `${request}: the server's list goes on past ${most} ${limit}.${remedy}`)
    this.limit = limit
    this.most = most
  }
}
