import { TaskExpiredError, TaskNotFoundError, type TaskSnapshot } from '@longcall/core'
import { InvalidOptionError } from '../errors/usage-errors.ts'
import type { TaskLink, TaskRegistry } from '../tasks/task-registry.ts'
import type { TaskWire } from '../tasks/task-wire.ts'
import type { ListTasksOptions } from './client-tasks.ts'

/** A page of tasks. */
export interface TaskListing {
  readonly tasks: readonly TaskSnapshot[]
  /** Opaque; absent on the last page. */
  readonly nextCursor?: string
  /** Who knows of these tasks: the server lists its own, or this client remembers what it submitted. */
  readonly source: 'server' | 'client'
}

/**
 * A page of the server's tasks. The protocol has no limit, so a page that is longer is cut, and the cursor says where to
 * go on; without a limit the server's cursors pass through untouched.
 */
export async function listOnServer(
  list: NonNullable<TaskWire['list']>,
  options: ListTasksOptions,
): Promise<TaskListing> {
  const at = readCursor(options.cursor)
  const page = await list(at.server, options)
  const rest = page.tasks.slice(at.skip)
  const tasks = rest.slice(0, options.limit)
  if (tasks.length < rest.length) {
    return { tasks, nextCursor: writeCursor({ server: at.server, skip: at.skip + tasks.length }), source: 'server' }
  }
  return { tasks, ...(page.nextCursor !== undefined && { nextCursor: page.nextCursor }), source: 'server' }
}

/** A page of the tasks that this client submitted or picked up, each asked for as it is now; one that is gone is forgotten. */
export async function listOwn(link: TaskLink, registry: TaskRegistry, options: ListTasksOptions): Promise<TaskListing> {
  const { server, skip: from } = readCursor(options.cursor)
  if (server !== undefined) throw badCursor(server)
  const limit = options.limit ?? defaultLimit
  const own = registry.own(link)
  const ids = own.slice(from, from + limit)
  const seen = await Promise.all(
    ids.map(async (id) => {
      try {
        return await registry.byId(link, id).status(options)
      } catch (error) {
        if (!(error instanceof TaskNotFoundError) && !(error instanceof TaskExpiredError)) throw error
        return undefined
      }
    }),
  )
  const gone = ids.filter((_id, at) => seen[at] === undefined)
  const more = from + limit < own.length
  const tasks = seen.filter((task) => task !== undefined)
  return {
    tasks,
    ...(more && { nextCursor: writeCursor({ skip: from + ids.length - gone.length }) }),
    source: 'client',
  }
}

interface Cursor {
  /** The server's cursor of the page to begin in. */
  readonly server?: string | undefined
  readonly skip: number
}

const defaultLimit = 50
const mark = 'longcall:'

function writeCursor(cursor: Cursor): string {
  return mark + Buffer.from(JSON.stringify(cursor)).toString('base64url')
}

function readCursor(text: string | undefined): Cursor {
  if (text === undefined) return { skip: 0 }
  if (!text.startsWith(mark)) return { server: text, skip: 0 }
  try {
    const cursor = JSON.parse(Buffer.from(text.slice(mark.length), 'base64url').toString()) as Cursor
    if (Number.isInteger(cursor.skip) && cursor.skip >= 0) return cursor
  } catch {
    // Said below.
  }
  throw badCursor(text)
}

function badCursor(text: string): InvalidOptionError {
  return new InvalidOptionError('cursor', text, 'a cursor of the page before')
}
