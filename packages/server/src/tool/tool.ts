import type {
  CallToolResult,
  Icon,
  StandardSchemaV1,
  StandardSchemaWithJSON,
  ToolAnnotations,
} from '@modelcontextprotocol/server'
import type { CrashPolicy, WorkElsewhere } from '@longcall/core'
import type { TaskSupport } from '@longcall/core/wire/2025-11-25'
import type { ToolContext } from './tool-context.ts'

export type { TaskSupport }

/** How a tool is declared: once, for calls that are answered at once and for calls that become tasks. */
export interface ToolConfig<
  Input extends StandardSchemaWithJSON | undefined = StandardSchemaWithJSON | undefined,
  Output extends StandardSchemaWithJSON | undefined = StandardSchemaWithJSON | undefined,
> {
  readonly title?: string
  readonly description?: string
  /** A Standard Schema that also gives JSON Schema, such as Zod's. Without one the tool takes whatever it is sent. */
  readonly inputSchema?: Input
  /** What `structuredContent` must be. */
  readonly outputSchema?: Output
  readonly annotations?: ToolAnnotations
  readonly icons?: readonly Icon[]
  readonly _meta?: Readonly<Record<string, unknown>>
  /**
   * Whether a call may become a task; `optional` by default.
   *
   * On 2025-11-25 the client decides per call about an `optional` tool; on 2026-07-28 it becomes a task for every client
   * that declared the extension. A `required` tool is refused to clients that have no tasks, but runs inline on protocol
   * versions before 2025-11-25, which know none.
   */
  readonly task?: TaskSupport
  /** Whether the body may be started again when its process died; `fail` by default: it is never started twice. */
  readonly onCrash?: CrashPolicy
  /** How often the body may be started in all under `rerun`; 3 by default. */
  readonly maxAttempts?: number
  /** How long a task of this tool lives when the client asked for nothing; the server's default otherwise. */
  readonly ttlMs?: number
  /** How often a client should ask for the state of a task; the server's default otherwise. */
  readonly pollIntervalMs?: number
  /** How long the body may run, not counting what it waits for people. */
  readonly timeoutMs?: number
  /** What a host may tell its model while the task goes on. Only 2025-11-25 has it. */
  readonly immediateResponse?: string
  /**
   * Runs in the call itself, before there is a task, and gives the arguments of the task: what has to be asked or refused
   * first. Only its `elicit`, `createMessage` and `listRoots` can ask; on 2026-07-28 they are rounds of the call.
   */
  readonly prepare?: (args: InputOf<Input>, context: ToolContext) => Promise<InputOf<Input>> | InputOf<Input>
}

/**
 * What a tool does. A string is a result of one text; `workElsewhere` leaves the task open.
 *
 * What it throws becomes a result with `isError` that holds the message; an `RpcError` or a `ProtocolError` becomes that
 * JSON-RPC error.
 */
export type ToolHandler<Input extends StandardSchemaWithJSON | undefined = undefined> = (
  args: InputOf<Input>,
  context: ToolContext,
) => Promise<ToolReturn> | ToolReturn

/** What a tool may return. */
export type ToolReturn = CallToolResult | string | WorkElsewhere

/** The arguments that a tool gets: what its schema gives, or as they came. */
export type InputOf<Input extends StandardSchemaWithJSON | undefined> = Input extends StandardSchemaWithJSON
  ? StandardSchemaV1.InferOutput<Input>
  : Readonly<Record<string, unknown>>

/** A declared tool. */
export interface Tool {
  readonly name: string
  readonly config: ToolConfig
  readonly handler: ToolHandler<StandardSchemaWithJSON>
}

/** Who calls, as a tool may know it: never the token. */
export interface CallerInfo {
  /** Who the caller is, as the `principal` option says. */
  readonly principal: string
  readonly clientId: string
  readonly scopes: readonly string[]
}
