import { toJson, type TaskExecution } from '@longcall/core'
import { prepareCall, type Preparing, type Ready, type ToolCall } from '../calls/call.ts'
import type { TaskService } from '../calls/task-service.ts'

/** What happens in a call before there is a task. What the tool asks then is kept by a record that nobody sees, as for a call in rounds. */
export async function prepareRun(
  service: TaskService,
  call: ToolCall,
  onAsking: (recordId: string) => void,
): Promise<Ready> {
  const { runtime } = service
  const records: TaskExecution[] = []
  const begin = async (): Promise<Preparing> => {
    const record = await adopt(service, call)
    records.push(record)
    onAsking(record.taskId)
    return preparing(record, call, runtime.limits.maxStepBytes)
  }
  try {
    return await prepareCall(service, call, begin)
  } finally {
    for (const record of records) await runtime.finish(record, { kind: 'result', result: {} })
  }
}

function adopt({ runtime, settings }: TaskService, { tool, caller, request }: ToolCall): Promise<TaskExecution> {
  const { pollIntervalMs, roundTtlMs: ttlMs } = settings
  const { arguments: args, ...rest } = request
  return runtime.adopt(
    { tool: tool.name, owner: caller.owner, quota: caller.quota, arguments: args, request: rest, pollIntervalMs },
    { ttlMs },
  )
}

/** There is no task yet: only questions go to the record. */
function preparing(record: TaskExecution, { request }: ToolCall, maxStepBytes: number): Preparing {
  return {
    taskId: undefined,
    attempt: 1,
    request,
    signal: record.signal,
    updateStatus: () => {},
    progress: () => {},
    ask: (question, options) => record.ask(question, options),
    step: async (name, work) => toJson(await work(), `what step "${name}" gave`, maxStepBytes),
    log: () => {},
  }
}
