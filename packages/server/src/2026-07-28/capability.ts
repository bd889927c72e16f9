import { MissingRequiredClientCapabilityError, type ServerContext } from '@modelcontextprotocol/server'
import { declaresTasks, tasksExtension } from '@longcall/core/wire/2026-07-28'

/** What a request's client said it can do: on 2026-07-28 each request says so itself. */
export function clientCapabilities({ mcpReq }: ServerContext): unknown {
  return (mcpReq.envelope as Readonly<Record<string, unknown>> | undefined)?.[clientCapabilitiesKey]
}

/** Refuses a request whose client did not declare the extension, with -32021. Source: SEP-2663, "Capability Negotiation". */
export function demandTasks(context: ServerContext): void {
  if (!declaresTasks(clientCapabilities(context))) throw tasksMissing()
}

/** Says that the extension is required. */
export function tasksMissing(): MissingRequiredClientCapabilityError {
  return new MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: { [tasksExtension]: {} } } })
}

export const clientCapabilitiesKey = 'io.modelcontextprotocol/clientCapabilities'
