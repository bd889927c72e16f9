// @ts-check

/**
 * Splits an SSE stream into its events as they arrive.
 *
 * @param {AsyncIterable<Uint8Array>} stream
 * @returns {AsyncGenerator<{ raw: string, message: any }>} `message` is undefined for an event without JSON: a comment,
 *   a priming event
 */
export async function* sseEvents(stream) {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of stream) {
    rest += decoder.decode(chunk, { stream: true })
    for (let end = endOfEvent(rest); end > 0; end = endOfEvent(rest)) {
      const raw = rest.slice(0, end)
      rest = rest.slice(end)
      yield { raw, message: messageIn(raw) }
    }
  }
  if (rest !== '') yield { raw: rest, message: undefined }
}

/** @param {string} text */
function endOfEvent(text) {
  const blankLine = /\r?\n\r?\n/.exec(text)
  return blankLine === null ? 0 : blankLine.index + blankLine[0].length
}

/** @param {string} raw */
function messageIn(raw) {
  const data = raw
    .split(/\r?\n/)
    .filter((line) => line.startsWith('data:'))
    .map((line) => line.slice('data:'.length).trimStart())
    .join('\n')
  return parseJson(data)
}

/** @param {string} text */
export function parseJson(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
