/** A JSON-RPC message as a server-sent event. */
export function sseEvent(message: object): string {
  return `event: message\ndata: ${JSON.stringify(message)}\n\n`
}

/** Whether a response is a stream of events. */
export function isEventStream({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') === true
}

/** The events of a stream, each with the message that it carries, if it carries one. */
export async function* sseEvents(
  body: ReadableStream<Uint8Array>,
): AsyncIterable<{ readonly text: string; readonly message: unknown }> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) {
    rest += decoder.decode(chunk, { stream: true })
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const text = rest.slice(0, end + 2)
      rest = rest.slice(end + 2)
      yield { text, message: messageOf(text) }
    }
  }
}

function messageOf(event: string): unknown {
  const data = event
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice('data: '.length))
    .join('\n')
  try {
    return data === '' ? undefined : JSON.parse(data)
  } catch {
    return undefined
  }
}
