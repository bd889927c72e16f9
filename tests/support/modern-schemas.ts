/** What the specification says that a server of 2026-07-28 may send, as judges that nobody here wrote. */
import { existsSync, readFileSync } from 'node:fs'
import * as extension from '@modelcontextprotocol/ext-tasks/core/v2'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Reply, ResultView, WireMessage } from './modern-views.ts'

/** What a result must be, by the request that it answers and its own `resultType`. */
function definitionOf(method: string, { resultType }: ResultView): Definition | undefined {
  switch (method) {
    case 'tools/call':
      if (resultType === 'task') return { file: 'tasks-extension', name: 'CreateTaskResult' }
      return { file: '2026-07-28', name: resultType === 'input_required' ? 'InputRequiredResult' : 'CallToolResult' }
    case 'tasks/get':
      return { file: 'tasks-extension', name: 'GetTaskResult' }
    case 'tasks/update':
      return { file: 'tasks-extension', name: 'UpdateTaskResult' }
    case 'tasks/cancel':
      return { file: 'tasks-extension', name: 'CancelTaskResult' }
    case 'tools/list':
      return { file: '2026-07-28', name: 'ListToolsResult' }
    default:
      return undefined
  }
}

/** Throws when an answer is none that the specification knows. */
export function checkReply(method: string, { result, error, before }: Reply): void {
  if (error !== undefined) check({ file: '2026-07-28', name: 'Error' }, error)
  const definition = result === undefined ? undefined : definitionOf(method, result)
  if (definition !== undefined) check(definition, result)
  // On a pipe, answers to other requests may lie between.
  for (const message of before) if (message.method !== undefined) checkNotification(message)
}

/** Throws when a notification is none that the specification knows. */
export function checkNotification(message: WireMessage): void {
  switch (message.method) {
    case 'notifications/tasks':
      return check({ file: 'tasks-extension', name: 'TaskStatusNotification' }, message)
    case 'notifications/subscriptions/acknowledged':
      return checkAcknowledgement(message)
    case 'notifications/progress':
      return check({ file: '2026-07-28', name: 'ProgressNotification' }, message)
    case 'notifications/message':
      return check({ file: '2026-07-28', name: 'LoggingMessageNotification' }, message)
    case 'notifications/tools/list_changed':
      return check({ file: '2026-07-28', name: 'ToolListChangedNotification' }, message)
    default:
      if (message.result !== undefined)
        return check({ file: '2026-07-28', name: 'SubscriptionsListenResult' }, message.result)
      throw new Error(`The server sent what no client expects: ${JSON.stringify(message)}`)
  }
}

/** The tasks that it names are the extension's; the rest is the core's. */
function checkAcknowledgement(message: WireMessage): void {
  const { notifications } = message.params as { notifications: Record<string, unknown> }
  const { taskIds, ...rest } = notifications
  check({ file: 'tasks-extension', name: 'TaskSubscriptionAcknowledgedNotifications' }, { taskIds })
  check(
    { file: '2026-07-28', name: 'SubscriptionsAcknowledgedNotification' },
    { ...message, params: { ...message.params, notifications: rest } },
  )
}

interface Definition {
  readonly file: '2026-07-28' | 'tasks-extension'
  readonly name: string
}

const schemas = new URL('../../../shared/schemas/', import.meta.url)
const validators = new Map<string, ValidateFunction>()

/** By the extension's Zod schemas where it has one, and by the official JSON Schemas where they are at hand. */
function check(definition: Definition, message: unknown): void {
  const oracles = extension as unknown as Record<string, { parse(message: unknown): unknown } | undefined>
  oracles[`${definition.name}V2Schema`]?.parse(message)
  if (!existsSync(schemas)) return
  const validate = validator(definition)
  if (validate(message)) return
  throw new Error(`This is no ${definition.name}: ${JSON.stringify(message)} ${JSON.stringify(validate.errors)}`)
}

function validator({ file, name }: Definition): ValidateFunction {
  const key = `${file} ${name}`
  const known = validators.get(key)
  if (known !== undefined) return known
  const ajv = new Ajv2020({ strict: false, validateFormats: false })
  ajv.addSchema(JSON.parse(readFileSync(new URL(`${file}.schema.json`, schemas), 'utf8')) as object, 'schema')
  const validate = ajv.compile({ $ref: `schema#/$defs/${name}` })
  validators.set(key, validate)
  return validate
}
