import type { ToolOperation } from './operation.ts'
import { Task } from './task.ts'
import type { ToolResult } from './tool-result.ts'

/** A tool call that runs as a task. */
export class ToolTask<Data = unknown> extends Task<ToolResult<Data>, ToolOperation> {}
