import { writeRelatedTask, type TaskRecord } from '@longcall/core'
import { writeNotification } from '@longcall/core/wire/2025-11-25'
import type { JSONRPCNotification } from '@modelcontextprotocol/server'
import type { SdkServer } from '../sdk/sdk-server.ts'
import type { Listener } from '../calls/audience.ts'
import { hasProgressToken, stateOf } from './task-state.ts'

/** A session that is told of its tasks on its own stream. What cannot be sent is lost: clients poll all the same. */
export function sessionListener(sdk: SdkServer): Listener {
  const notify = (method: string, params: Record<string, unknown>): void => {
    const notification = { jsonrpc: '2.0', method, params } as JSONRPCNotification
    void sdk.send(notification).catch(() => {})
  }
  const status = (task: TaskRecord): void => {
    const { method, params } = writeNotification(stateOf(task, task.updatedAtMs))
    notify(method, { ...params })
  }
  return {
    status,
    progress: (task, isFurther) => {
      const { id, progress, request } = task
      if (!hasProgressToken(task)) return status(task)
      // Each notification must say more than the one before. Source: specification 2025-11-25, Progress.
      if (!isFurther) return
      const progressToken = request.meta?.['progressToken']
      notify('notifications/progress', { progressToken, ...progress, _meta: writeRelatedTask(id) })
    },
    log: (taskId, line) => void sdk.log({ ...line, _meta: writeRelatedTask(taskId) }).catch(() => {}),
  }
}
