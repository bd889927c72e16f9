// @ts-check
import { acceptedContent, completable, inputRequired } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { form } from './question-tools.mjs'
import { embedded, image, text } from './samples.mjs'

/**
 * @typedef {import('@modelcontextprotocol/server').McpServer} McpServer
 * @typedef {import('@modelcontextprotocol/server').ContentBlock} ContentBlock
 */

const Context = z.object({ context: z.string() })

/** @param {string} value */
const completeTwice = (value) => [`${value}-one`, `${value}-two`]

/** @param {ContentBlock[]} contents */
const messages = (...contents) => ({
  messages: contents.map((content) => ({ role: /** @type {const} */ ('user'), content })),
})

/** @param {McpServer} server */
export function registerPrompts(server) {
  server.registerPrompt('test_simple_prompt', { description: 'A text' }, () =>
    messages(text('This is a simple prompt for testing.')),
  )
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'A text with two arguments in it',
      argsSchema: z.object({ arg1: completable(z.string(), completeTwice), arg2: z.string() }),
    },
    ({ arg1, arg2 }) => messages(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  )
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'A resource and a text', argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) =>
      messages(
        embedded(resourceUri, 'text/plain', 'Embedded resource content for testing.'),
        text('Please process the embedded resource above.'),
      ),
  )
  server.registerPrompt('test_prompt_with_image', { description: 'A picture and a text' }, () =>
    messages(image, text('Please analyze the image above.')),
  )
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks first' }, ({ mcpReq }) => {
    const answer = acceptedContent(mcpReq.inputResponses, 'user_context', Context)
    if (answer !== undefined) return messages(text(`Context: ${answer.context}`))
    const properties = { context: { type: /** @type {const} */ ('string') } }
    const user_context = form('What context should the prompt use?', {
      type: 'object',
      properties,
      required: ['context'],
    })
    return inputRequired({ inputRequests: { user_context } })
  })
}
