import type { McpServer, Server } from '@modelcontextprotocol/server'
import { serve2025 } from '../2025-11-25/serve.ts'
import { serve2026 } from '../2026-07-28/serve.ts'
import type { BindContext } from '../calls/bind-context.ts'
import type { TaskService } from '../calls/task-service.ts'
import { SdkServer } from '../sdk/sdk-server.ts'
import type { Tool } from '../tool/tool.ts'

/**
 * Gives a server object the tools and the methods of their tasks, in the words of the generation that it is for.
 *
 * @param tools All by default; fewer where it is known what the object will be asked.
 */
export function bindServer(
  service: TaskService,
  server: McpServer | Server,
  context: BindContext,
  tools: Iterable<Tool> = service.tools.values(),
): void {
  const sdk = new SdkServer(server)
  sdk.addTools(tools)
  if (context.era === 'modern') serve2026(service, sdk, context)
  else serve2025(service, sdk, context)
}
