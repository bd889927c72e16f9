/** A server process, a proxy that hurts chosen messages, and clients that must not mind. */
import { resolve } from 'node:path'
import type { TestContext } from 'vitest'
import { Client, type ClientOptions, type Generation } from '@longcall/client'
import { startFaultProxy } from './fault-proxy.mjs'
import { LISTENING, startProcess, type RunningProcess } from './spawn-peer.ts'

export type HttpRule = Parameters<Awaited<ReturnType<typeof startFaultProxy>>['setRules']>[0][number]

export const generations: readonly Generation[] = ['2025-11-25', '2026-07-28']

/** What the server says that it was asked, and what it asked. */
interface ServerEvent {
  readonly at: number
  readonly kind: 'request' | 'push' | 'question' | 'answer'
  readonly method: string
  readonly taskId?: string
  readonly taskIds?: readonly string[]
  readonly tool?: string
  readonly questions?: readonly string[]
  readonly answers?: Readonly<Record<string, unknown>>
  readonly ignored?: readonly string[]
}

/** A server in a process of its own. */
export interface ServerProcess {
  readonly url: string
  readonly process: RunningProcess
  /** All that happened there since it started. The v1 server keeps no log. */
  log(): Promise<readonly ServerEvent[]>
  /** Reaches in: see `control` of the dual server. */
  control(action: string, ...args: readonly unknown[]): Promise<void>
  stop(): Promise<void>
}

export async function startServer(
  peer: 'dual' | 'v1',
  options: { readonly pollIntervalMs?: number; readonly push?: boolean } = {},
): Promise<ServerProcess> {
  const { pollIntervalMs = 50, push = true } = options
  const process = await startProcess(
    {
      command: globalThis.process.execPath,
      args: [resolve(import.meta.dirname, `../peers/${peer}-http.mjs`)],
      env: { POLL_INTERVAL: String(pollIntervalMs), PUSH: push ? '1' : '0' },
    },
    LISTENING,
  )
  const url = process.url!
  return {
    url,
    process,
    log: async () => (await (await fetch(new URL('/log', url))).json()) as ServerEvent[],
    control: async (action, ...args) => {
      const response = await fetch(new URL('/control', url), { method: 'POST', body: JSON.stringify({ action, args }) })
      if (!response.ok) throw new Error(`${action}: ${await response.text()}`)
      await response.body?.cancel()
    },
    stop: () => process.stop(),
  }
}

/** A way to a server that can be hurt. */
export interface Lab {
  readonly proxy: Awaited<ReturnType<typeof startFaultProxy>>
  readonly connect: (options?: ClientOptions) => Promise<Client>
  /** Whether a message was hurt so far. */
  readonly hurt: () => boolean
  /** When the messages of a method passed, in milliseconds since the epoch; those from the client unless said otherwise. */
  readonly times: (method: string, direction?: 'request' | 'response') => readonly number[]
  readonly close: () => Promise<void>
}

export async function openLab(url: string, generation: Generation): Promise<Lab> {
  const proxy = await startFaultProxy(url)
  const clients: Client[] = []
  return {
    proxy,
    connect: async (options = {}) => {
      const client = await Client.connect(proxy.url, {
        era: generation === '2025-11-25' ? 'legacy' : generation,
        // The SDK's 2025 server never answers the first of two copies of a request that it has at the same time.
        requestTimeoutMs: 2000,
        ...options,
      })
      clients.push(client)
      return client
    },
    hurt: () => proxy.log.some(({ fault }) => fault !== undefined),
    times: (method, direction = 'request') =>
      proxy.log.filter((entry) => entry.method === method && entry.direction === direction).map(({ at }) => at),
    close: async () => {
      await Promise.all(clients.map((client) => client.close()))
      await proxy.close()
    },
  }
}

/** A lab for one test. Tests that run at the same time can only be told apart by their context. */
export async function useLab(
  url: string,
  generation: Generation,
  { onTestFinished }: Pick<TestContext, 'onTestFinished'>,
): Promise<Lab> {
  const lab = await openLab(url, generation)
  onTestFinished(lab.close)
  return lab
}

/** The pauses between times. */
export function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - times[index]!)
}

/** Every way in which one message, or its answer, can be hurt without a word of the server's being changed. */
export function mishaps(method: string, nth: number | 'every' = 1): { name: string; rule: HttpRule }[] {
  const request = { method, direction: 'request', nth } as const
  const response = { method, direction: 'response', nth } as const
  return [
    { name: 'never arrives', rule: { match: request, fault: 'drop-connection' } },
    { name: 'arrives, and its answer does not', rule: { match: request, fault: 'drop-response' } },
    { name: 'is answered by half an answer', rule: { match: response, fault: 'truncate' } },
    {
      name: 'is answered by a stream that ends in order, without the answer',
      rule: { match: response, fault: 'end-stream' },
    },
    { name: 'is answered by a gateway with 500', rule: { match: request, fault: 'status', status: 500 } },
    {
      name: 'is answered by a gateway with 502, after it arrived',
      rule: { match: response, fault: 'status', status: 502 },
    },
    { name: 'is answered by a gateway with 503', rule: { match: request, fault: 'status', status: 503 } },
    { name: 'is answered by a gateway with 429', rule: { match: request, fault: 'status', status: 429 } },
  ]
}

/** Ways in which a message is late or comes twice, but is not lost. */
export function oddities(method: string, nth: number | 'every' = 1): { name: string; rule: HttpRule }[] {
  const request = { method, direction: 'request', nth } as const
  const response = { method, direction: 'response', nth } as const
  return [
    { name: 'arrives late', rule: { match: request, fault: 'delay', ms: 300 } },
    { name: 'is answered late', rule: { match: response, fault: 'delay', ms: 300 } },
    { name: 'arrives twice', rule: { match: request, fault: 'duplicate' } },
    { name: 'is answered twice', rule: { match: response, fault: 'duplicate' } },
    { name: 'is answered after something else', rule: { match: response, fault: 'reorder', ms: 300 } },
  ]
}
