import type { ServerContext } from '@modelcontextprotocol/server'
import {
  assertCanAnswer,
  linkSignals,
  longestTimerMs,
  QuestionTimeoutError,
  RpcError,
  rpcErrorCodes,
  toJsonObject,
} from '@longcall/core'
import { ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/server'
import { readCreated } from '@longcall/core/wire/2025-11-25'
import { anything, type SdkServer } from '../sdk/sdk-server.ts'
import { clientPeer, paramsFor } from './client-peer.ts'
import { resultOfClientTask, unwanted } from './client-task.ts'
import type { InlineAsk } from '../calls/inline-call.ts'
import type { TaskService } from '../calls/task-service.ts'

/** Asks on the stream of the call itself: the client answers while its call is open. */
export function askOnStream({ runtime, answers }: TaskService, sdk: SdkServer, context: ServerContext): InlineAsk {
  const { mcpReq } = context
  return async (question, { signal, timeoutMs = Infinity }, call) => {
    assertCanAnswer(question, call.request.capabilities)
    const { method, key = method } = question
    const params = toJsonObject(question.params, `the params of ${method}`, runtime.limits.maxQuestionBytes)
    const stop = linkSignals(signal === undefined ? [call.signal] : [call.signal, signal])
    const over = new AbortController()
    runtime.clock.sleep(timeoutMs, over.signal, { background: true }).then(
      () => stop.abort(new QuestionTimeoutError(undefined, key, timeoutMs)),
      () => {},
    )
    try {
      const asked = paramsFor({ method, params }, call.request.capabilities)
      // A person may take as long as they like, and the SDK wants a number.
      const options = { timeout: longestTimerMs, signal: stop.signal }
      const reply = await mcpReq.send({ method, params: asked }, anything, options)
      const created = asked['task'] === undefined ? undefined : readCreated(reply)
      const following = { clock: runtime.clock, signal: unwantedWhen(stop.signal) }
      const answer =
        created === undefined ? reply : await resultOfClientTask(clientPeer(sdk, context), created, following)
      const checked = answers.check({ key, method, params }, answer)
      if (checked.kind === 'fits') return checked.answer
      throw new RpcError(rpcErrorCodes.invalidParams, checked.why)
    } catch (error) {
      // The SDK makes an error of its own of a signal's reason.
      stop.signal.throwIfAborted()
      if (error instanceof ProtocolError) throw new RpcError(error.code, error.message, error.data, { cause: error })
      const isTimeout = error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout
      throw isTimeout ? new QuestionTimeoutError(undefined, key, longestTimerMs) : error
    } finally {
      over.abort()
      stop.unlink()
    }
  }
}

/** In a call that is answered at once there is no other stream: who stops waiting does not want the answer. */
function unwantedWhen(signal: AbortSignal): AbortSignal {
  const over = new AbortController()
  const onAbort = (): void => over.abort(unwanted)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  return over.signal
}
