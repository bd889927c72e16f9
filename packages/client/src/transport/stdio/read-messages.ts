import type { JSONRPCMessage } from '@modelcontextprotocol/client'
import { MalformedMessageError } from '@longcall/core'

/** What a line holds: messages, and an error for each part of it that is none. */
export type ReadLine = readonly (JSONRPCMessage | MalformedMessageError)[]

/**
 * Reads a line of a server's stdout: one JSON-RPC message, or a batch of them as protocol versions before 2025-06-18
 * had.
 *
 * Only the outline of a message is checked; what its params and result must hold is checked by whoever reads them.
 *
 * Source: JSON-RPC 2.0, sections 4 to 6; MCP, basic/transports, stdio.
 */
export function readMessages(line: string): ReadLine {
  let parsed: unknown
  try {
    parsed = JSON.parse(line)
  } catch {
    return line.trim() === '' ? [] : [refused(line, 'JSON')]
  }
  if (!Array.isArray(parsed)) return [isMessage(parsed) ? parsed : refused(parsed, 'a JSON-RPC message')]
  if (parsed.length === 0) return [refused(parsed, 'a batch of at least one JSON-RPC message')]
  return parsed.map((part: unknown) => (isMessage(part) ? part : refused(part, 'a JSON-RPC message')))
}

function isMessage(value: unknown): value is JSONRPCMessage {
  if (!isObject(value) || value['jsonrpc'] !== '2.0') return false
  const { id, method } = value
  if (method !== undefined) {
    const { params } = value
    return typeof method === 'string' && (id === undefined || isId(id)) && (params === undefined || isObject(params))
  }
  // An answer that holds no object is one all the same: whoever waits for it is to know that it came.
  if ('result' in value && value['error'] === undefined) return isId(id)
  const { error } = value
  // An error may lack the id: a server that could not read a request does not know it.
  if (id !== undefined && !isId(id)) return false
  return isObject(error) && Number.isSafeInteger(error['code']) && typeof error['message'] === 'string'
}

function isId(value: unknown): boolean {
  return typeof value === 'string' || Number.isSafeInteger(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refused(value: unknown, expected: string): MalformedMessageError {
  return new MalformedMessageError('a line of its stdout', value, expected)
}
