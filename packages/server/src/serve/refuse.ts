/**
 * A request that is refused before any server object sees it.
 *
 * @param request The message that was refused, where it could be read: the answer names it by its id.
 */
export function refuse(status: number, code: number, message: string, request?: unknown): Response {
  const id = typeof request === 'object' && request !== null && 'id' in request ? request.id : undefined
  return Response.json({ jsonrpc: '2.0', id: id ?? null, error: { code, message } }, { status })
}
