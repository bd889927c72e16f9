import { BadCursorError } from './bad-cursor-error.ts'

/** A cursor that goes on after the task of this number. */
export function writeCursor(order: number, list: readonly unknown[]): string {
  return btoa(JSON.stringify([order, listKey(list)]))
}

/** The number of the task that the page before ended with. */
export function readCursor(cursor: string, list: readonly unknown[]): number {
  try {
    const [order, key] = JSON.parse(atob(cursor)) as [unknown, unknown]
    if (typeof order === 'number' && key === listKey(list)) return order
  } catch (error) {
    throw new BadCursorError({ cause: error })
  }
  throw new BadCursorError()
}

/** Which list a cursor belongs to; the owner is not readable in it. */
function listKey(list: readonly unknown[]): number {
  let hash = 0
  for (const character of JSON.stringify(list)) {
    hash = (Math.imul(hash, 31) + character.codePointAt(0)!) | 0
  }
  return hash
}
