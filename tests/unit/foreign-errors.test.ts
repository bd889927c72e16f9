import { RpcError as ClientRpcError } from '@longcall/client'
import { RpcError } from '@longcall/server'
import { runTool } from '@longcall/server/testing'
import { expect, test } from 'vitest'

test("an error of a client that a tool lets through is the tool's own failure, and no JSON-RPC error", async () => {
  const error = new ClientRpcError('tools/call of "upstream"', { code: -32_602, message: 'no such city' })
  await using run = await runTool(
    (tasks) =>
      tasks.registerTool('proxy', {}, () => {
        throw error
      }),
    'proxy',
  )
  expect(await run.result()).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('no such city') as unknown }],
  })
})

test('the errors of both sides are told apart, although they share a name', () => {
  expect(new ClientRpcError('a request', { code: -1, message: 'no' })).not.toBeInstanceOf(RpcError)
  expect(new RpcError(-1, 'no')).toBeInstanceOf(RpcError)
})
