import { field, type WireRecord } from './read.ts'

/** Whether a result holds what requests that may become tasks ask for: of a tool, a prompt, or a resource. */
export function hasPayload(result: WireRecord): boolean {
  return payloadFields.some((name) => field(result, name) !== undefined)
}

const payloadFields = ['content', 'messages', 'contents'] as const
