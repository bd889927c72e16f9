import type { TaskRecord } from '@longcall/core'

/**
 * What a task says of itself to a client that gets no progress notifications of it: its status message, and how far it is.
 */
export function statusText({
  status,
  statusMessage,
  progress,
}: Pick<TaskRecord, 'status' | 'statusMessage' | 'progress'>): string | undefined {
  if (progress === undefined || status !== 'working') return statusMessage
  const { progress: done, total, message } = progress
  const far = total === undefined ? String(done) : `${done} of ${total}`
  const detail = message ?? statusMessage
  return detail === undefined ? far : `${detail} (${far})`
}
