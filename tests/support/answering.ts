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

/** A person who is asked in tasks and plainly, and remembers how. */
export function person(): { readonly asked: string[]; readonly options: ClientOptions } {
  const asked: string[] = []
  const name = { action: 'accept', content: { name: 'Ann' } } as const
  return {
    asked,
    options: {
      onElicitation: ({ message }) => {
        asked.push(`plainly: ${message}`)
        return name
      },
      onSampling: () => 'Roses are red.',
      hostTasks: {
        pollIntervalMs: 20,
        onElicitation: ({ message }) => {
          asked.push(`in a task: ${message}`)
          return name
        },
        onSampling: () => 'Roses are red.',
      },
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
