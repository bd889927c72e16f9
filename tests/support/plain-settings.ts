import type { Generation } from '@longcall/client'

/** How a server without tasks is reached, and what it is spoken to. */
export interface PlainSetting {
  readonly transport: 'memory' | 'stdio' | 'http'
  readonly generation: Generation
}

/** For `describe.each`: the settings that fit, each under a name that says which it is. */
export function plainSettings(fit: Partial<PlainSetting> = {}): { name: string; setting: PlainSetting }[] {
  return (['2025-11-25', '2026-07-28'] as const)
    .flatMap((generation) => (['memory', 'stdio', 'http'] as const).map((transport) => ({ transport, generation })))
    .filter(
      ({ transport, generation }) =>
        (fit.transport ?? transport) === transport && (fit.generation ?? generation) === generation,
    )
    .map((setting) => ({ name: `${setting.generation}, ${setting.transport}`, setting }))
}
