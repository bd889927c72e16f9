import { ProtocolError, specTypeSchemas, type StandardSchemaV1 } from '@modelcontextprotocol/server'
import { RpcError, workElsewhere, type TaskOutcome, type WorkElsewhere } from '@longcall/core'
import type { Tool, ToolReturn } from './tool.ts'
import { toolContext, type ToolExecution, type WriteLog } from './tool-context.ts'

/** What a schema says of a value: the value that it makes of it, or why it does not fit. */
export type Checked =
  | { readonly kind: 'fits'; readonly value: unknown }
  | { readonly kind: 'unfit'; readonly why: string }

/** The arguments as the tool's schema makes them, or why they do not fit. */
export async function checkArguments({ name, config }: Tool, args: unknown): Promise<Checked> {
  if (config.inputSchema === undefined) return { kind: 'fits', value: args ?? {} }
  const checked = await check(config.inputSchema, args ?? {})
  if (checked.kind === 'fits') return checked
  return { kind: 'unfit', why: `Input validation error: Invalid arguments for tool ${name}: ${checked.why}` }
}

/**
 * Runs a tool to its end, whatever it does: what it returns is checked, what it throws becomes an outcome. Only what it
 * throws because its signal aborted goes through.
 *
 * @param args As the tool's schema gave them.
 */
export async function runTool(
  tool: Tool,
  args: unknown,
  execution: ToolExecution,
  { log, maskErrors }: { readonly log: WriteLog; readonly maskErrors: boolean },
): Promise<TaskOutcome | WorkElsewhere> {
  try {
    const returned = await tool.handler(args, toolContext(execution, log))
    if (isElsewhere(returned)) return workElsewhere
    const checked = await checkResult(tool, returned)
    if (checked.kind === 'fits') return { kind: 'result', result: checked.result }
    // This is told even where errors are masked: the words are ours and the schema's, not the tool's.
    execution.signal.throwIfAborted()
    return { kind: 'result', result: toolErrorResult(checked.why) }
  } catch (error) {
    if (execution.signal.aborted) throw error
    return thrownOutcome(tool.name, error, maskErrors)
  }
}

function isElsewhere(returned: ToolReturn): returned is WorkElsewhere {
  return returned === workElsewhere
}

/** The result that says what went wrong, for the model to read. */
export function toolErrorResult(text: string): Readonly<Record<string, unknown>> {
  return { content: [{ type: 'text', text }], isError: true }
}

/** What a thrown value makes of a call. What a body did not mean for its caller is masked on request. */
export function thrownOutcome(tool: string, error: unknown, maskErrors: boolean): TaskOutcome {
  if (error instanceof RpcError) return { kind: 'error', error: error.rpcError }
  if (error instanceof ProtocolError) {
    const { code, message, data } = error
    return { kind: 'error', error: { code, message, ...(data !== undefined && { data }) } }
  }
  const said = maskErrors ? '' : textOf(error)
  const text = said === '' ? `Tool ${tool} failed.` : said
  return { kind: 'result', result: toolErrorResult(text) }
}

/** What a thrown value says in words, if anything. */
function textOf(thrown: unknown): string {
  // Nothing holds a thrown error to a message that is a text.
  if (thrown instanceof Error) return typeof (thrown.message as unknown) === 'string' ? thrown.message : ''
  if (typeof thrown === 'string') return thrown
  const isValue = typeof thrown === 'number' || typeof thrown === 'bigint' || typeof thrown === 'boolean'
  return isValue || typeof thrown === 'symbol' ? thrown.toString() : ''
}

/** A result that can be answered with, or why what a tool returned is none. */
export type CheckedResult =
  | { readonly kind: 'fits'; readonly result: Readonly<Record<string, unknown>> }
  | { readonly kind: 'unfit'; readonly why: string }

/** What is answered when a tool returned this, or why it cannot be. */
export async function checkResult(
  { name, config }: Pick<Tool, 'name' | 'config'>,
  returned: Exclude<ToolReturn, symbol>,
): Promise<CheckedResult> {
  const result: unknown = typeof returned === 'string' ? { content: [{ type: 'text', text: returned }] } : returned
  const isObject = typeof result === 'object' && result !== null && !Array.isArray(result)
  const withContent = isObject && !('content' in result) ? { content: [], ...result } : result
  const shape = await check(specTypeSchemas.CallToolResult, withContent)
  if (shape.kind === 'unfit') {
    return { kind: 'unfit', why: `Tool ${name} returned what is no tool result: ${shape.why}` }
  }
  const checked = withTextOf(shape.value as Record<string, unknown>)
  const { structuredContent, isError } = checked
  if (config.outputSchema === undefined || isError === true) return { kind: 'fits', result: checked }
  if (structuredContent === undefined) {
    const why = `Tool ${name} has an output schema but gave no structured content`
    return { kind: 'unfit', why: `Output validation error: ${why}` }
  }
  const output = await check(config.outputSchema, structuredContent)
  if (output.kind === 'fits') return { kind: 'fits', result: checked }
  const why = `Invalid structured content for tool ${name}: ${output.why}`
  return { kind: 'unfit', why: `Output validation error: ${why}` }
}

/** Structured content that is no object is said in text, too, for clients that read only that. Source: SEP-2106. */
function withTextOf(result: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { structuredContent: value, content } = result
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
  const blocks = content as readonly { readonly type: string }[]
  if (value === undefined || isObject || blocks.some(({ type }) => type === 'text')) return result
  return { ...result, content: [...blocks, { type: 'text', text: JSON.stringify(value) }] }
}

async function check(schema: StandardSchemaV1, value: unknown): Promise<Checked> {
  const { issues, ...rest } = await schema['~standard'].validate(value)
  if (issues === undefined) return { kind: 'fits', value: (rest as { value: unknown }).value }
  return { kind: 'unfit', why: issues.slice(0, mostIssues).map(issueText).join('; ') }
}

/** Nobody reads more, and a list of thousands of items may have as many. */
const mostIssues = 10

function issueText({ message, path = [] }: StandardSchemaV1.Issue): string {
  const where = path.map((part) => String(typeof part === 'object' ? part.key : part)).join('.')
  return where === '' ? message : `${where}: ${message}`
}
