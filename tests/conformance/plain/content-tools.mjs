// @ts-check
/** Tools that answer at once, one for each kind of content. */
import { embedded, image, says, text, WAV } from './samples.mjs'

/** @param {import('@modelcontextprotocol/server').McpServer} server */
export function registerContentTools(server) {
  server.registerTool('test_simple_text', { description: 'Answers with a text' }, () =>
    says('This is a simple text response for testing.'),
  )
  server.registerTool('test_image_content', { description: 'Answers with a picture' }, () => ({ content: [image] }))
  server.registerTool('test_audio_content', { description: 'Answers with a sound' }, () => ({
    content: [{ type: 'audio', data: WAV, mimeType: 'audio/wav' }],
  }))
  server.registerTool('test_embedded_resource', { description: 'Answers with a resource' }, () => ({
    content: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  }))
  server.registerTool('test_multiple_content_types', { description: 'Answers with one of each' }, () => ({
    content: [
      text('Multiple content types test:'),
      image,
      embedded('test://mixed-content-resource', 'application/json', JSON.stringify({ test: 'data', value: 123 })),
    ],
  }))
  server.registerTool('test_error_handling', { description: 'Throws' }, () => {
    throw new Error('This tool intentionally returns an error for testing')
  })
}
