/** A new, unguessable task id: a version 4 UUID, 122 random bits from the platform's secure generator. */
export function generateTaskId(): string {
  return crypto.randomUUID()
}
