import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server'

type Standard = StandardSchemaWithJSON['~standard']

/**
 * The same schema, which words itself as JSON Schema once: the SDK keeps the words with a server object, and on 2026-07-28
 * one is made for each request.
 */
export function wordedOnce(schema: StandardSchemaWithJSON): StandardSchemaWithJSON {
  const standard = schema['~standard']
  // Older libraries have none; the SDK knows what to do with them by what they are.
  const words: Standard['jsonSchema'] | undefined = standard.jsonSchema
  if (words === undefined) return schema
  const known = new Map<string, Record<string, unknown>>()
  const once =
    (io: 'input' | 'output'): Standard['jsonSchema']['input'] =>
    (options) => {
      const key = JSON.stringify([io, options])
      const said = known.get(key) ?? words[io](options)
      known.set(key, said)
      return said
    }
  return {
    '~standard': {
      ...standard,
      validate: (value, options) => standard.validate(value, options),
      jsonSchema: { input: once('input'), output: once('output') },
    },
  }
}
