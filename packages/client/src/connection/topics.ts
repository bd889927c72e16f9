import { listenFilter } from '@longcall/core/wire/2026-07-28'

/** Something to hear of on a `subscriptions/listen` stream (2026-07-28). */
export type Topic =
  | { readonly kind: 'task'; readonly id: string }
  | { readonly kind: 'resource'; readonly uri: string }
  | { readonly kind: 'tools' | 'prompts' | 'resources' }

/** The same for the same topic. */
export function keyOf(topic: Topic): string {
  switch (topic.kind) {
    case 'task':
      return `task ${topic.id}`
    case 'resource':
      return `resource ${topic.uri}`
    default:
      return topic.kind
  }
}

/**
 * The filter that subscribes to topics: the `notifications` of a `subscriptions/listen` request.
 *
 * Source: specification 2026-07-28, `SubscriptionFilter`; SEP-2663, `TaskSubscriptionNotifications`.
 */
export function filterOf(topics: readonly Topic[]): Readonly<Record<string, unknown>> {
  const ids = topics.flatMap((topic) => (topic.kind === 'task' ? [topic.id] : []))
  const uris = topics.flatMap((topic) => (topic.kind === 'resource' ? [topic.uri] : []))
  const lists = topics.flatMap(({ kind }) => (kind === 'task' || kind === 'resource' ? [] : [kind]))
  return {
    ...(ids.length > 0 && listenFilter(ids)),
    ...(uris.length > 0 && { resourceSubscriptions: uris }),
    ...Object.fromEntries(lists.map((kind) => [`${kind}ListChanged`, true])),
  }
}

/** Whether the filter that a server acknowledged has anything of a kind: one that does not know a kind leaves it out. */
export function honors(honored: unknown, kind: Topic['kind']): boolean {
  if (typeof honored !== 'object' || honored === null) return false
  const filter = honored as Readonly<Record<string, unknown>>
  // None of the tasks asked for may be there any more, and the next one will be.
  if (kind === 'task') return Array.isArray(filter['taskIds'])
  if (kind === 'resource') return Array.isArray(filter['resourceSubscriptions'])
  return filter[`${kind}ListChanged`] === true
}
