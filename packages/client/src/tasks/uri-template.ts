/**
 * Whether `template` is a URI template, its braces percent-encoded or not, and `uri` may be made from it; false where it has
 * no variable. Compares in one pass, since templates come from servers.
 */
export function isInstance(uri: string, template: unknown): boolean {
  if (typeof template !== 'string') return false
  const literals = decoded(template).split(/\{[^{}]*\}/)
  const [first, last] = [literals[0] ?? '', literals.at(-1) ?? '']
  const plain = decoded(uri)
  if (literals.length < 2 || !plain.startsWith(first) || !plain.endsWith(last)) return false
  let at = first.length
  for (const literal of literals.slice(1, -1)) {
    const found = plain.indexOf(literal, at)
    if (found < 0) return false
    at = found + literal.length
  }
  return at <= plain.length - last.length
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri)
  } catch {
    return uri
  }
}
