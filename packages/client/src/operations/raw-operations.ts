import type {
  CallToolResult,
  CompleteResult,
  GetPromptResult,
  ListPromptsResult,
  ListResourcesResult,
  ListResourceTemplatesResult,
  ListToolsResult,
  ReadResourceResult,
} from '@modelcontextprotocol/client'
import { assertName, assertObject, assertOptions } from '../errors/assert-usage.ts'
import type { ListMethod, Lists, PageOptions } from './lists.ts'
import type { OperationOptions, RequestRunner } from './request-runner.ts'
import { promptRequest, readRequest, type PromptOptions, type ReadOptions } from './requests.ts'
import { ttlMsOf, type ResponseCache } from './response-cache.ts'

/** How to complete an argument. */
export interface CompleteOptions extends OperationOptions {
  /** The other arguments, as far as they are known. */
  readonly context?: Readonly<Record<string, string>> | undefined
}

/** What an argument belongs to: a prompt, by its name, or a template of resources, by its URI template. */
export type CompletionReference =
  | { readonly type: 'ref/prompt'; readonly name: string }
  | { readonly type: 'ref/resource'; readonly uri: string }

/** The whole results of the protocol, as the server sent them: unchecked beyond being objects, and untrusted. */
export class RawOperations {
  readonly #live: (method: string) => RawPort

  /** `live` gives what is connected; it throws, naming the method, when nothing is. */
  constructor(live: (method: string) => RawPort) {
    this.#live = live
  }

  /** One page of the tools. */
  listTools(options: PageOptions = {}): Promise<ListToolsResult> {
    return this.#page('tools/list', options) as Promise<ListToolsResult>
  }

  /** One page of the resources. */
  listResources(options: PageOptions = {}): Promise<ListResourcesResult> {
    return this.#page('resources/list', options) as Promise<ListResourcesResult>
  }

  /** One page of the templates of resources. */
  listResourceTemplates(options: PageOptions = {}): Promise<ListResourceTemplatesResult> {
    return this.#page('resources/templates/list', options) as Promise<ListResourceTemplatesResult>
  }

  /** One page of the prompts. */
  listPrompts(options: PageOptions = {}): Promise<ListPromptsResult> {
    return this.#page('prompts/list', options) as Promise<ListPromptsResult>
  }

  /** The result of a tool: an error that the tool reported is none here, and a task is seen through to its end. */
  async callTool(
    name: string,
    args: Readonly<Record<string, unknown>> = {},
    options: RawCallOptions = {},
  ): Promise<CallToolResult> {
    assertName('name', name)
    assertObject('arguments', args)
    assertOptions(options)
    const result = await this.#live(`raw.callTool(${JSON.stringify(name)})`).callTool(name, args, options)
    return result as CallToolResult
  }

  /**
   * The result of reading a resource.
   *
   * @throws {InvalidOptionError} Thrown when `uri` is no URI; nothing is sent.
   */
  async readResource(uri: string, options: ReadOptions = {}): Promise<ReadResourceResult> {
    const { runner, cache } = this.#live('readResource')
    const request = readRequest(uri, options)
    const mode = request.meta === undefined ? (options.cacheMode ?? 'use') : 'bypass'
    const fetch = (): Promise<Readonly<Record<string, unknown>>> => runner.run(request, options)
    return (await cache.through(readKey(uri), mode, fetch, ttlMsOf)) as unknown as ReadResourceResult
  }

  /** The result of getting a prompt. Arguments that are no strings are sent as JSON. */
  async getPrompt(
    name: string,
    args?: Readonly<Record<string, unknown>>,
    options: PromptOptions = {},
  ): Promise<GetPromptResult> {
    const { runner } = this.#live('getPrompt')
    return (await runner.run(promptRequest(name, args, options), options)) as unknown as GetPromptResult
  }

  /** The result of completing an argument of a prompt or a template. */
  async complete(
    reference: CompletionReference,
    argument: { readonly name: string; readonly value: string },
    options: CompleteOptions = {},
  ): Promise<CompleteResult> {
    const { runner } = this.#live('complete')
    assertObject('reference', reference)
    assertObject('argument', argument)
    assertName('argument.name', argument.name)
    assertOptions(options)
    const { context, ...rest } = options
    const params = { ref: reference, argument, ...(context !== undefined && { context: { arguments: context } }) }
    return (await runner.run(
      { method: 'completion/complete', params, name: argument.name, isSafe: true },
      rest,
    )) as unknown as CompleteResult
  }

  #page(method: ListMethod, options: PageOptions): Promise<unknown> {
    return this.#live(`raw ${method}`).lists.page(method, options)
  }
}

/** What {@link RawOperations} needs of a connection. */
export interface RawPort {
  readonly runner: RequestRunner
  readonly cache: ResponseCache
  readonly lists: Lists
  callTool(
    name: string,
    args: Readonly<Record<string, unknown>>,
    options: RawCallOptions,
  ): Promise<Readonly<Record<string, unknown>>>
}

/** How to call a tool for its whole result. */
export interface RawCallOptions extends OperationOptions {
  /** Which version of the component, where the server (FastMCP) has several. */
  readonly version?: string | undefined
}

/** The key under which the contents of a resource are kept. */
export function readKey(uri: string): string {
  return `resources/read ${uri}`
}
