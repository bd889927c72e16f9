/** Text from a peer, short enough for an error message. */
export function clip(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text
}

/** What somebody threw, for an error message: short, and without the listing that a schema makes of all that is wrong. */
export function saidBy(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return clip(text.replace(/\[\s*\{\s*"(code|expected)":[^]*$/, 'it does not fit the schema of the protocol'))
}
