/** A JSON-RPC error object. */
export interface RpcErrorObject {
  readonly code: number
  readonly message: string
  readonly data?: unknown
}

/**
 * How a task's request ended: what the request would have answered had it not been a task.
 *
 * A tool's `isError` result is a result, not an error. A cancelled task has no outcome.
 */
export type TaskOutcome =
  | { readonly kind: 'result'; readonly result: Readonly<Record<string, unknown>> }
  | { readonly kind: 'error'; readonly error: RpcErrorObject }
