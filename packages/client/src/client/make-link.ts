import type { Connection } from '../connection/connection.ts'
import type { TaskLink } from '../tasks/task-registry.ts'
import { taskWire2025 } from '../tasks/task-wire-2025.ts'
import { taskWire2026 } from '../tasks/task-wire-2026.ts'

/** The way to a server's tasks. Choosing a generation happens here and nowhere else. */
export function makeLink(connection: Connection, endpoint: string, journal: TaskLink['journal']): TaskLink {
  const { generation } = connection.taskOffer
  const wire = generation === '2026-07-28' ? taskWire2026(connection) : taskWire2025(connection)
  return { connection, wire, endpoint, journal }
}
