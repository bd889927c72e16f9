import { systemClock, type Clock, type Tasks } from '@longcall/server'
import { z } from 'zod'

/** The ways in which a report can be bound. */
export const bindings = ['stapled', 'spiral', 'hardcover'] as const

const Report = z.object({ title: z.string(), pages: z.int(), binding: z.enum(bindings).optional() })

/**
 * Declares `render_report`. It is written once, and runs as a task or within its call, as the client likes; in both protocol
 * generations.
 *
 * @param clock What the printing press goes by: a test passes one that it moves itself.
 */
export function declareReportTools(tasks: Tasks, clock: Clock = systemClock): void {
  tasks.registerTool(
    'render_report',
    {
      title: 'Render a report',
      description: 'Renders a report of some pages, and asks how to bind it',
      inputSchema: z.object({ title: z.string().min(1), pages: z.int().min(1).max(20).default(5) }),
      outputSchema: Report,
      // Pages are set in steps: begun again after a crash, on a backend that outlives one, it sets those that are missing.
      onCrash: 'rerun',
      // Not counting the time that it waits for an answer.
      timeoutMs: 60_000,
    },
    async ({ title, pages }, ctx) => {
      const stages = pages + 1
      for (let page = 1; page <= pages; page += 1) {
        ctx.progress(page, stages, `Setting page ${page}`)
        await ctx.step('page', () => setPage(page, clock, ctx.signal))
      }

      // A client that runs such questions as tasks of its own may take its time; others are asked as ever.
      const { action, content } = await ctx.elicit(howToBind, { key: 'binding', task: true })
      if (action !== 'accept') return report(`"${title}": ${pages} pages, left unbound.`, { title, pages })

      const binding = z.enum(bindings).parse(content?.['binding'])
      ctx.progress(stages, stages, 'Binding')
      await clock.sleep(300, ctx.signal)
      return report(`"${title}": ${pages} pages, ${binding}.`, { title, pages, binding })
    },
  )
}

const howToBind = {
  message: 'The pages are set. How should the report be bound?',
  requestedSchema: {
    type: 'object' as const,
    properties: { binding: { type: 'string' as const, title: 'Binding', enum: [...bindings] } },
    required: ['binding'],
  },
}

/** The work. It ends early when the signal aborts: then the task was cancelled, or ran out of time. */
async function setPage(page: number, clock: Clock, signal: AbortSignal): Promise<number> {
  await clock.sleep(150, signal)
  return page
}

function report(
  text: string,
  structuredContent: z.infer<typeof Report>,
): { content: { type: 'text'; text: string }[]; structuredContent: z.infer<typeof Report> } {
  return { content: [{ type: 'text', text }], structuredContent }
}
