/** Answers a server's questions: in a terminal the person does, in a pipe the example answers by itself and says so. */
import { cancel, confirm, select, text } from '@clack/prompts'
import type { ElicitationHandler } from '@longcall/client'
import { safe } from './terminal.ts'

type Value = string | number | boolean

/** A field of a form, as far as this example goes. */
interface Field {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly enum?: readonly string[]
  readonly oneOf?: readonly { readonly const: string; readonly title?: string }[]
}

export const ask: ElicitationHandler = async (request, { signal }) => {
  console.log(`\n  The server asks: ${safe(request.message)}`)
  if (request.mode === 'url') {
    console.log(`  It wants you to visit ${safe(request.url)}; this example does not.`)
    return { action: 'decline' }
  }
  const isPerson = process.stdin.isTTY && process.stdout.isTTY
  const content = new Map<string, Value>()
  for (const [name, field] of Object.entries(request.requestedSchema.properties as Record<string, Field>)) {
    const value = isPerson ? await fromPerson(name, field, signal) : byItself(name, field)
    if (value === undefined) return { action: 'cancel' }
    content.set(name, value)
  }
  return { action: 'accept', content: Object.fromEntries(content) }
}

async function fromPerson(name: string, field: Field, signal: AbortSignal): Promise<Value | undefined> {
  const message = safe(field.title ?? field.description ?? name)
  const options = choices(field)
  let answer: Value | symbol
  if (options.length > 0) answer = await select({ message, options, signal })
  else if (field.type === 'boolean') answer = await confirm({ message, signal })
  else answer = await text({ message, signal })
  if (typeof answer === 'symbol') {
    cancel('Not answered.')
    return undefined
  }
  return field.type === 'number' || field.type === 'integer' ? Number(answer) : answer
}

function byItself(name: string, field: Field): Value {
  const [first] = choices(field)
  const value =
    first?.value ?? (field.type === 'boolean' ? true : field.type === 'string' ? 'whatever you think best' : 1)
  console.log(`  Nobody is at a terminal, so this example answers ${safe(name)} with ${JSON.stringify(value)}.`)
  return value
}

function choices(field: Field): { value: string; label: string }[] {
  if (field.oneOf !== undefined)
    return field.oneOf.map((each) => ({ value: each.const, label: safe(each.title ?? each.const) }))
  return (field.enum ?? []).map((each) => ({ value: each, label: safe(each) }))
}
