import { RpcError, rpcErrorCodes } from '../errors/rpc-error.ts'
import type { JsonObject, JsonValue } from '../json/json.ts'
import type { Question } from './task-body.ts'

/**
 * Refuses a question that the requestor did not say it can answer, before anything is asked.
 *
 * `elicitation: {}` means forms, as before there were URLs.
 *
 * Source: specification 2025-11-25, Elicitation and Sampling, "Capabilities"; the error is the one of SEP-1686's SDKs.
 *
 * @throws {MissingCapabilityError} Thrown with -32600 when the capability is not declared.
 */
export function assertCanAnswer({ method, params }: Question, capabilities: JsonObject | undefined): void {
  const missing = missingCapability(method, params, capabilities ?? {})
  if (missing === undefined) return
  throw new MissingCapabilityError(method, missing)
}

/** Thrown when a requestor is to be asked what it did not say it can answer. */
export class MissingCapabilityError extends RpcError {
  override readonly name: string = 'MissingCapabilityError'
  /** The capability, as a path: `elicitation.url`. */
  readonly capability: string

  constructor(method: string, capability: string) {
    super(
      rpcErrorCodes.invalidRequest,
      `The client cannot be asked ${method}: it did not declare the capability ${capability}.`,
    )
    this.capability = capability
  }
}

function missingCapability(
  method: Question['method'],
  params: JsonObject,
  { elicitation, sampling, roots }: JsonObject,
): string | undefined {
  switch (method) {
    case 'elicitation/create': {
      if (!isObject(elicitation)) return 'elicitation'
      if (params['mode'] === 'url') return isObject(elicitation['url']) ? undefined : 'elicitation.url'
      const isForm = isObject(elicitation['form']) || elicitation['url'] === undefined
      return isForm ? undefined : 'elicitation.form'
    }
    case 'sampling/createMessage': {
      if (!isObject(sampling)) return 'sampling'
      const needsTools = params['tools'] !== undefined || params['toolChoice'] !== undefined
      return needsTools && !isObject(sampling['tools']) ? 'sampling.tools' : undefined
    }
    case 'roots/list':
      return isObject(roots) ? undefined : 'roots'
  }
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
