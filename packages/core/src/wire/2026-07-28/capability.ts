import { asRecord, field, isDeclared } from '../read.ts'

/** The identifier of the tasks extension, under `extensions` of both sides' capabilities. Source: SEP-2663. */
export const tasksExtension = 'io.modelcontextprotocol/tasks'

/** Whether the capabilities of either side declare the tasks extension, whatever settings they give it. */
export function declaresTasks(capabilities: unknown): boolean {
  return isDeclared(field(asRecord(field(asRecord(capabilities), 'extensions')), tasksExtension))
}
