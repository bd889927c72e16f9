import * as wire2025 from '@longcall/core/wire/2025-11-25'
import * as wire2026 from '@longcall/core/wire/2026-07-28'
import type { ServerFacts } from './line.ts'

/** What a server offers of tasks. */
export type TaskOffer =
  | { readonly generation: '2025-11-25'; readonly tasks: ReturnType<typeof wire2025.readTasksCapability> }
  | { readonly generation: '2026-07-28'; readonly tasks: boolean }

/** What a server offers, by the negotiated version *and* the declared capability. */
export function taskOfferOf(server: ServerFacts | undefined): TaskOffer {
  const { era, protocolVersion, capabilities } = server ?? {}
  if (era === 'modern') return { generation: '2026-07-28', tasks: wire2026.declaresTasks(capabilities) }
  // Before that version there are no tasks, whatever a server declares.
  const tasks = protocolVersion === '2025-11-25' ? wire2025.readTasksCapability(capabilities) : undefined
  return { generation: '2025-11-25', tasks }
}
