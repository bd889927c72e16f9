/** What a file of this package holds: says so in the file itself, so that none is taken for another, and in messages. */
export interface FileKind {
  /** `task file`. */
  readonly noun: string
  /** What it holds: `tasks`. */
  readonly contents: string
  /** SQLite's `application_id`. */
  readonly applicationId: number
  /**
   * The schema, step by step: the number of those that were done is SQLite's `user_version`. A step that was released never
   * changes.
   *
   * Our own few lines instead of a library: they run in one transaction on a synchronous driver, before several processes,
   * which none of those does.
   */
  readonly migrations: readonly string[]
}
