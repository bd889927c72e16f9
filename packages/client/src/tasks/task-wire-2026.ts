import { MalformedMessageError } from '@longcall/core'
import * as wire from '@longcall/core/wire/2026-07-28'
import { asResult } from '../connection/as-result.ts'
import type { Connection } from '../connection/connection.ts'
import { aboutOf } from '../connection/exchange.ts'
import { toRequestError } from '../connection/to-request-error.ts'
import { ofTask } from './of-task.ts'
import { call2026 } from './call-2026.ts'
import { TaskChannel2026 } from './task-channel-2026.ts'
import { toExchange, type TaskWire } from './task-wire.ts'

/** Tasks as the extension `io.modelcontextprotocol/tasks` has them (SEP-2663): the server decides, per call. */
export function taskWire2026(connection: Connection): TaskWire {
  return {
    generation: '2026-07-28',
    call: async (call, _wanted, options) => {
      const raw = await call2026(connection, call, options)
      if (raw['resultType'] !== 'task') return { kind: 'result', result: raw }
      try {
        const created = wire.readCreated(raw)
        if (created !== undefined) return { kind: 'task', created, raw, release: () => {} }
        throw new MalformedMessageError('taskId', raw['taskId'], 'a task id')
      } catch (error) {
        throw toRequestError(aboutOf(toExchange(call)), error)
      }
    },
    get: (taskId, options) =>
      connection.request(wire.getTask(taskId), (result) => ofTask(taskId, wire.readState(result)), options),
    cancel: (taskId, options) => connection.request(wire.cancelTask(taskId), readAcknowledgement, options),
    channel: (taskId, sink) => new TaskChannel2026(connection, taskId, sink),
  }
}

/** It holds nothing, and must be a result all the same. */
function readAcknowledgement(result: unknown): undefined {
  asResult(result)
}
