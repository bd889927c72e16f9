import { asRecord, field, readId } from './read.ts'

/**
 * The `_meta` key that ties a message to a task; its value is `{ taskId }`.
 *
 * Source: specification 2025-11-25, Tasks, "Related Task Metadata".
 */
export const relatedTaskMetaKey = 'io.modelcontextprotocol/related-task'

/** The same key as it was before SEP-1686 was final. Source: FastMCP 2.14. */
export const olderRelatedTaskMetaKey = 'modelcontextprotocol.io/related-task'

/**
 * The `_meta` key of the text that a host may show its model at once, while the task goes on; its value is a string.
 *
 * Source: specification 2025-11-25, Tasks, "Creating Tasks".
 */
export const modelImmediateResponseMetaKey = 'io.modelcontextprotocol/model-immediate-response'

/**
 * The `_meta` key by which servers from before SEP-1686 was final acknowledge a task: within an ordinary result, whose
 * value here is `{ taskId }` and says nothing of the task's state. Source: FastMCP, from before 2.14.
 */
export const acknowledgedTaskMetaKey = 'modelcontextprotocol.io/task'

/**
 * The `_meta` key that names the subscription on which a notification came: the JSON-RPC id of its
 * `subscriptions/listen` request.
 *
 * Source: schema 2026-07-28, `NotificationMetaObject`.
 */
export const subscriptionIdMetaKey = 'io.modelcontextprotocol/subscriptionId'

/** The id of the task that a message belongs to, from the message's `_meta`; `undefined` when it names none. */
export function readRelatedTask(meta: unknown): string | undefined {
  return readId(field(asRecord(field(asRecord(meta), relatedTaskMetaKey)), 'taskId'))
}

/** The `_meta` entry that ties a message to a task: spread it into the message's `_meta`. */
export function writeRelatedTask(taskId: string): { readonly [relatedTaskMetaKey]: { readonly taskId: string } } {
  return { [relatedTaskMetaKey]: { taskId } }
}

/**
 * The `_meta` key by which a longcall server names a question that it puts as a request of its own (2025-11-25); its value
 * is the question's key. The same key is the same question, however often it is delivered.
 */
export const questionKeyMetaKey = 'longcall/question'

/** The key that a longcall server gave a question, from the `_meta` of its request. */
export function readQuestionKey(meta: unknown): string | undefined {
  return readId(field(asRecord(meta), questionKeyMetaKey))
}
