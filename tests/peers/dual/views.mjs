// @ts-check
/** How a task record looks on each of the two wires. */

/**
 * @typedef {import('./task-table.mjs').TaskRecord} TaskRecord
 */

/** @param {TaskRecord} record */
const common = ({ taskId, status, statusMessage, createdAt, lastUpdatedAt }) => ({
  taskId,
  status,
  ...(statusMessage !== undefined && { statusMessage }),
  createdAt,
  lastUpdatedAt,
})

/**
 * 2025-11-25: `isError` makes a task `failed`.
 *
 * @param {TaskRecord} record
 */
export const legacyTask = (record) => ({
  ...common(record),
  ...(record.status === 'completed' && record.result?.isError === true && { status: 'failed' }),
  ttl: record.ttlMs,
  pollInterval: record.pollIntervalMs,
})

/**
 * 2026-07-28, as a `tools/call` is answered with it.
 *
 * @param {TaskRecord} record
 */
export const modernSeed = (record) => ({
  ...common(record),
  ttlMs: record.ttlMs,
  pollIntervalMs: record.pollIntervalMs,
})

/**
 * 2026-07-28, as `tasks/get` and `notifications/tasks` show it.
 *
 * @param {TaskRecord} record
 * @returns {Record<string, any>}
 */
export const modernTask = (record) => ({
  ...modernSeed(record),
  ...(record.status === 'input_required' && { inputRequests: openRequests(record) }),
  ...(record.status === 'completed' && { result: { resultType: 'complete', ...record.result } }),
  ...(record.status === 'failed' && { error: record.error }),
})

/** @param {TaskRecord} record */
const openRequests = (record) =>
  Object.fromEntries([...record.questions].map(([key, question]) => [key, question.request]))
