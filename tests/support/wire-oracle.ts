/** What the official schemas have against a message of a 2025-11-25 server: the npm ones, and the JSON Schemas where they are. */
import { existsSync, readFileSync } from 'node:fs'
import * as spec from '@modelcontextprotocol/core'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Message, RawSession } from './raw-session.ts'

const file = new URL('../../../shared/schemas/2025-11-25.schema.json', import.meta.url)
const ajv = existsSync(file) ? loaded() : undefined
const compiled = new Map<string, ValidateFunction>()

const results: Readonly<Record<string, readonly string[]>> = {
  initialize: ['InitializeResult'],
  ping: ['EmptyResult'],
  'logging/setLevel': ['EmptyResult'],
  'tools/list': ['ListToolsResult'],
  'tools/call': ['CallToolResult'],
  'prompts/get': ['GetPromptResult'],
  'tasks/get': ['GetTaskResult'],
  'tasks/result': ['GetTaskPayloadResult', 'CallToolResult'],
  'tasks/cancel': ['CancelTaskResult'],
  'tasks/list': ['ListTasksResult'],
}

const pushed: Readonly<Record<string, string>> = {
  'notifications/tasks/status': 'TaskStatusNotification',
  'notifications/progress': 'ProgressNotification',
  'notifications/cancelled': 'CancelledNotification',
  'notifications/message': 'LoggingMessageNotification',
  'elicitation/create': 'ElicitRequest',
  'sampling/createMessage': 'CreateMessageRequest',
  'roots/list': 'ListRootsRequest',
}

/** Everything that a session received and that no schema of its kind accepts. */
export function faults({ received, requests }: RawSession): string[] {
  return received.flatMap(({ message }) => {
    const asked = message.method === undefined ? requests.get(message.id!) : undefined
    return faultsOf(message, asked).map((fault) => `${fault} in ${JSON.stringify(message)}`)
  })
}

function faultsOf(message: Message, asked: Message | undefined): string[] {
  if (message.method !== undefined) {
    const kind = pushed[message.method]
    return kind === undefined ? ['what no server sends here'] : check(kind, message, withoutFraming(message))
  }
  if (message.error !== undefined) return check('JSONRPCErrorResponse', message)
  if (asked === undefined) return ['an answer to nothing']
  // A task was asked for, and the tool had it: what came is one, unless the call was no call of a task tool.
  const isCreated = message.result?.['task'] !== undefined && asked.params?.['task'] !== undefined
  const kinds = isCreated ? ['CreateTaskResult'] : results[asked.method!]
  if (kinds === undefined) return [`an answer to ${asked.method}, for which there is no schema here`]
  return kinds.flatMap((kind) => check(kind, message.result))
}

/**
 * What the official schemas have against a value of this definition.
 *
 * @param bare What the npm schemas know of it: those of requests and notifications leave out what JSON-RPC adds.
 */
export function check(definition: string, message: unknown, bare: unknown = message): string[] {
  const zod = (spec as unknown as Record<string, { safeParse(value: unknown): { error?: Error } } | undefined>)[
    `${definition}Schema`
  ]
  const { error } = zod?.safeParse(bare) ?? { error: new Error('there is no such schema') }
  const validate = validator(definition)
  return [
    ...(error === undefined ? [] : [`${definition}: ${error.message}`]),
    ...(validate === undefined || validate(message) ? [] : [`${definition}: ${ajv!.errorsText(validate.errors)}`]),
  ]
}

function validator(definition: string): ValidateFunction | undefined {
  if (ajv === undefined) return undefined
  const validate = compiled.get(definition) ?? ajv.compile({ $ref: `schema#/$defs/${definition}` })
  compiled.set(definition, validate)
  return validate
}

function withoutFraming({ jsonrpc: _version, id: _id, ...rest }: Message): object {
  return rest
}

function loaded(): Ajv2020 {
  const made = new Ajv2020({ strict: false, validateFormats: false })
  made.addSchema(JSON.parse(readFileSync(file, 'utf8')), 'schema')
  return made
}
