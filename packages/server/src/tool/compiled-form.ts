import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv'

/** Says whether what was filled in fits a form, and if not, why. */
export type FormCheck = (filledIn: unknown) => { readonly valid: boolean; readonly errorMessage?: string | undefined }

/**
 * The check of a form. To make one takes much longer than to use it, and a tool often asks with the same form: the last ones
 * are kept.
 *
 * @throws {Error} Thrown when the schema is none.
 */
export function compiledForm(schema: object): FormCheck {
  const words = JSON.stringify(schema)
  const known = checks.get(words)
  // A validator of its own: schemas come from tools, and one that names an `$id` must not meet another of that name.
  const check = known ?? new AjvJsonSchemaValidator().getValidator(schema)
  checks.delete(words)
  checks.set(words, check)
  for (const oldest of checks.keys()) {
    if (checks.size <= mostKept) break
    checks.delete(oldest)
  }
  return check
}

const checks = new Map<string, FormCheck>()

const mostKept = 64
