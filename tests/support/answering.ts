import { expect } from 'vitest'
import type { ClientOptions, ElicitationRequest, ToolResult } from '@longcall/client'

/** A person called Ann, who remembers what she was asked. */
export function ann(): {
  readonly asked: string[]
  readonly onElicitation: NonNullable<ClientOptions['onElicitation']>
} {
  const asked: string[] = []
  return {
    asked,
    onElicitation: (request: ElicitationRequest) => {
      asked.push(request.message)
      return { action: 'accept', content: { name: 'Ann' } }
    },
  }
}

/** Something that is waited for until a test says so. */
export function gate<T = void>(): { readonly open: (value: T) => void; readonly opened: Promise<T> } {
  let open!: (value: T) => void
  const opened = new Promise<T>((resolve) => {
    open = resolve
  })
  return { open, opened }
}

/** The first text of a tool's result. */
export function textOf({ content }: ToolResult): string | undefined {
  const [block] = content
  return block?.type === 'text' ? block.text : undefined
}

/** `expect.poll` with as much time as a slow machine may need. */
export function expectSoon<T>(read: () => T | Promise<T>): ReturnType<typeof expect.poll<T>> {
  return expect.poll(read, { interval: 10, timeout: 20_000 })
}
