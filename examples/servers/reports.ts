/**
 * A small server of protocol 2026-07-28 with one tool, `render_report`, which runs as a task: it reports how far it is,
 * asks a question in the middle, and ends with a report.
 *
 * Run it over stdio: `node examples/dist/servers/reports.js`.
 */
import { MissingRequiredClientCapabilityError, ProtocolError, Server } from '@modelcontextprotocol/server'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import { declaresTasks, tasksExtension, writeCreated, writeState } from '@longcall/core/wire/2026-07-28'
import { z } from 'zod'
import { ReportTasks, type FormAnswer } from './report-tasks.ts'

const renderReport = {
  name: 'render_report',
  description: 'Renders a report of some pages, and asks how to bind it',
  inputSchema: {
    type: 'object' as const,
    properties: { title: { type: 'string' }, pages: { type: 'integer', minimum: 1, maximum: 20 } },
    required: ['title'],
  },
}

const Arguments = z.object({ title: z.string(), pages: z.int().min(1).max(20).default(5) })
const ByTask = z.looseObject({ taskId: z.string() })

function build(reports: ReportTasks): Server {
  const capabilities = { tools: {}, extensions: { [tasksExtension]: {} } }
  const server = new Server({ name: 'reports', version: '1.0.0' }, { capabilities })

  server.setRequestHandler('tools/list', () => ({ tools: [renderReport] }))
  // The SDK's own handler of `tools/call` checks for a tool's result, which a task is not yet.
  server.fallbackRequestHandler = async ({ method, params }, { mcpReq }) => {
    if (method !== 'tools/call') throw new ProtocolError(-32_601, 'Method not found')
    demandTasks(mcpReq.envelope)
    const args = Arguments.safeParse(params?.['arguments'])
    if (!args.success) throw new ProtocolError(-32_602, 'render_report takes a title, and 1 to 20 pages')
    return writeCreated({ task: reports.start(args.data.title, args.data.pages) })
  }
  server.setRequestHandler('tasks/get', { params: ByTask }, ({ taskId }, { mcpReq }) => {
    demandTasks(mcpReq.envelope)
    const { task, questions, outcome } = reports.find(taskId)
    return { ...writeState({ task, questions, ...(outcome !== undefined && { outcome }) }) }
  })
  server.setRequestHandler('tasks/update', { params: ByTask }, ({ taskId }, { mcpReq }) => {
    demandTasks(mcpReq.envelope)
    const answer = mcpReq.inputResponses?.['binding']
    if (answer !== undefined) reports.find(taskId).answer(answer as FormAnswer)
    return {}
  })
  server.setRequestHandler('tasks/cancel', { params: ByTask }, ({ taskId }, { mcpReq }) => {
    demandTasks(mcpReq.envelope)
    reports.cancel(taskId)
    return {}
  })
  return server
}

function demandTasks(envelope: unknown): void {
  const capabilities = (envelope as Record<string, unknown> | undefined)?.['io.modelcontextprotocol/clientCapabilities']
  if (declaresTasks(capabilities)) return
  throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: { [tasksExtension]: {} } } })
}

const reports = new ReportTasks()
serveStdio(() => build(reports))
