/** How to call tools, read resources and list what there is; docs/calling.md explains it. */
import { Client } from '@longcall/client'
import { z } from 'zod'
import { server } from './the-server.ts'

await using client = await Client.connect(server, { onElicitation: () => ({ binding: 'spiral' }) })

// Lists have all pages.
for (const tool of await client.listTools()) console.log(`tool: ${tool.name}`)
for (const { uri } of await client.listResources()) console.log(`resource: ${uri}`)

// Content is for a model or a person to read.
const { content } = await client.callTool('estimate_pages', { words: 900 })
for (const block of content) if (block.type === 'text') console.log(`content: ${block.text}`)

// Data is for a program: it was checked by the tool's output schema. A type argument names it; a schema checks it again.
const Report = z.object({ title: z.string(), pages: z.number(), binding: z.string().optional() })
const { data, dataError } = await client.callTool('render_report', { title: 'Tides', pages: 2 }, { schema: Report })
if (data === undefined) console.log(`no data: ${dataError?.message}`)
else console.log(`data: ${data.pages} pages, ${data.binding}`)

// Progress, of a call or of the task that it became.
await client.callTool(
  'render_report',
  { title: 'Tides', pages: 1 },
  { onProgress: ({ message }) => console.log(`progress: ${message}`) },
)

// A handle: watch it, cancel it, drop it, pick it up in another process. docs/tasks.md has the rest.
const task = await client.callTool('render_report', { title: 'Tides', pages: 1 }, { task: true })
console.log(`a task, ${(await task.result()).isError ? 'failed' : 'completed'}`)

// Resources, and whole results of the protocol.
const [bindings] = await client.readResource('reports://bindings')
if (bindings !== undefined && 'text' in bindings) console.log(`bindings: ${bindings.text}`)
const raw = await client.raw.callTool('estimate_pages', { words: 1 })
console.log(`raw: ${Object.keys(raw).toSorted().join(', ')}`)

// Resources and prompts take `task`, too. A server that does not run them as tasks answers at once, and the handle has it.
const reading = await client.readResource('reports://bindings', { task: true })
console.log(`a handle of a resource: ${reading.returnedImmediately}, ${(await reading.result()).length}`)
