import type { GetPromptResult } from '@modelcontextprotocol/client'
import { MalformedMessageError } from '@longcall/core'
import { toRequestError } from '../connection/to-request-error.ts'
import type { StartedCall } from './call-sender.ts'
import type { PromptOperation } from './operation.ts'
import { rawResultOf } from './raw-result.ts'
import { Task } from './task.ts'

/** A prompt whose making runs as a task. */
export class PromptTask extends Task<GetPromptResult, PromptOperation> {
  constructor({ source, handle }: StartedCall) {
    super(source, {
      ...handle,
      read: async (ending) => readPromptResult(rawResultOf(source.operation, ending)),
    })
  }
}

/**
 * The messages of a prompt.
 *
 * @throws {RequestError} Thrown when there are none.
 */
export function readPromptResult(result: Readonly<Record<string, unknown>>): GetPromptResult {
  const { messages } = result
  if (Array.isArray(messages)) return result as unknown as GetPromptResult
  throw toRequestError('prompts/get', new MalformedMessageError('messages', messages, 'an array'))
}
