import { SdkHttpError } from '@modelcontextprotocol/client'
import type { RpcErrorObject } from '@longcall/core'
import { isObject } from './as-result.ts'

/**
 * The JSON-RPC error that answers the request `id`, where it came as the body of a failed HTTP response; `undefined` where
 * the response says nothing of the kind, or asks to come back later.
 *
 * The SDK reads such an answer from a response with status 400 only; a method that is not there is answered with 404.
 *
 * Source: specification 2026-07-28, Streamable HTTP: 404 and -32601 for a method that the server does not have.
 */
export function httpRefusalOf(thrown: unknown, id: string): RpcErrorObject | undefined {
  if (!(thrown instanceof SdkHttpError)) return undefined
  const { status, text } = thrown.data as { readonly status?: unknown; readonly text?: unknown }
  if (typeof status !== 'number' || status >= 500 || passing.has(status) || typeof text !== 'string') return undefined
  const body = parse(text)
  if (!isObject(body) || body['id'] !== id) return undefined
  const { error } = body
  if (!isObject(error) || typeof error['code'] !== 'number' || typeof error['message'] !== 'string') return undefined
  return { code: error['code'], message: error['message'], ...('data' in error && { data: error['data'] }) }
}

const passing: ReadonlySet<number> = new Set([408, 425, 429])

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
