import { LongcallError } from '@longcall/core'
import type { ToolResult } from '../tasks/tool-result.ts'
import { clip } from './clip.ts'

/** Thrown when a tool ran and reported a failure (`isError`); all that it returned is in {@link result}. */
export class ToolError extends LongcallError {
  override readonly name = 'ToolError'
  readonly tool: string
  readonly result: ToolResult

  constructor(tool: string, result: ToolResult) {
    const text = result.content.find(
      (block) => block.type === 'text' && typeof block.text === 'string' && block.text !== '',
    )
    const said = text?.type === 'text' ? text.text : 'it gave no text'
    super('tool_error', `Tool ${JSON.stringify(tool)} failed: ${clip(said)}`)
    this.tool = tool
    this.result = result
  }
}
