import type { JsonObject, TaskQuestion } from '@longcall/core'
import { readClientTasksCapability } from '@longcall/core/wire/2025-11-25'
import type { ClientCapabilities, ServerContext } from '@modelcontextprotocol/server'
import { anything, type SdkServer } from '../sdk/sdk-server.ts'
import type { ClientPeer } from './client-task.ts'

/** The client of a session, asked on the stream of the request at hand: it is there, for it waits for the answer. */
export function clientPeer(sdk: SdkServer, { mcpReq }: ServerContext): ClientPeer {
  return {
    request: (method, params, signal) =>
      mcpReq.send({ method, params }, anything, { timeout: requestMs, ...(signal !== undefined && { signal }) }),
    watch: (taskId, wake) => sdk.clientTaskNews.watch(taskId, wake),
    canCancel: readClientTasksCapability(sdk.clientCapabilities).cancel,
  }
}

/**
 * The params of a question as this client may be asked it: as a task only where it runs such questions as tasks.
 *
 * Source: specification 2025-11-25, Tasks, "Capability Negotiation".
 */
export function paramsFor(
  { method, params }: Pick<TaskQuestion, 'method' | 'params'>,
  capabilities: ClientCapabilities | JsonObject | undefined,
): JsonObject {
  const { task, ...plain } = params
  const { elicitation, sampling } = readClientTasksCapability(capabilities)
  const isRun = method === 'elicitation/create' ? elicitation : method === 'sampling/createMessage' && sampling
  return (task !== undefined && isRun ? params : plain) as JsonObject
}

/** How long a request about a task may take, in milliseconds: it is answered at once, but for the result of one that has ended. */
const requestMs = 60_000
