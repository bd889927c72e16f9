/** Text from a peer, short enough for an error message. */
export function clip(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text
}

/**
 * What somebody threw, and what caused it, for an error message: short, and without the listing that a schema makes of all
 * that is wrong. Node's fetch, for one, says only in the cause of its error why it failed.
 */
export function saidBy(thrown: unknown): string {
  let said = ''
  for (let error = thrown, depth = 0; error !== undefined && depth < 4; depth += 1) {
    const text = textOf(error)
    if (!said.includes(text)) said = said === '' ? text : `${said} (${text})`
    error = error instanceof Error ? error.cause : undefined
  }
  return clip(said)
}

function textOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  const text = thrown.message === '' && 'code' in thrown ? String(thrown.code) : thrown.message
  return text.replace(/\[\s*\{\s*"(code|expected)":[^]*$/, 'it does not fit the schema of the protocol')
}
