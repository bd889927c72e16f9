import type { ReadResourceResult } from '@modelcontextprotocol/client'
import { MalformedMessageError } from '@longcall/core'
import { toRequestError } from '../connection/to-request-error.ts'
import type { StartedCall } from './call-sender.ts'
import { subjectOf, type ResourceOperation } from './operation.ts'
import { rawResultOf } from './raw-result.ts'
import { Task } from './task.ts'
import { isInstance } from './uri-template.ts'

/** What a resource holds: texts, and blobs in base64. */
export type ResourceContents = ReadResourceResult['contents']

/** A resource whose reading runs as a task. */
export class ResourceTask extends Task<ResourceContents, ResourceOperation> {
  constructor({ source, handle }: StartedCall) {
    super(source, {
      ...handle,
      read: async (ending) => readTaskContents(subjectOf(source.operation), rawResultOf(source.operation, ending)),
    })
  }
}

/**
 * The contents of a resource.
 *
 * @throws {RequestError} Thrown when there are none.
 */
export function readContents(result: Readonly<Record<string, unknown>>): ResourceContents {
  const { contents } = result
  if (Array.isArray(contents)) return contents
  throw toRequestError('resources/read', new MalformedMessageError('contents', contents, 'an array'))
}

/**
 * The contents of a resource that was read as a task: what would have come without one.
 *
 * FastMCP 3 says of them that they are at the URI template, such as `report://cities/{city}`, where it should say at which
 * URI: that one is put in its place.
 */
export function readTaskContents(uri: string, result: Readonly<Record<string, unknown>>): ResourceContents {
  return readContents(result).map((item) => (isInstance(uri, item?.uri) ? { ...item, uri } : item))
}
