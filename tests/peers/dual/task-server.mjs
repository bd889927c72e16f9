// @ts-check
import { Server } from '@modelcontextprotocol/server'

/**
 * @typedef {import('@modelcontextprotocol/server').ServerContext} ServerContext
 */

/**
 * Lets a `tools/call` handler answer with a task. The SDK's own wrapper would validate that answer as a tool result,
 * so it is carried past the wrapper, which still does everything else.
 */
export class TaskServer extends Server {
  /**
   * @override
   * @param {string} method
   * @param {(request: any, context: ServerContext) => Promise<any>} handler
   * @returns {(request: any, context: ServerContext) => Promise<any>}
   */
  _wrapHandler(method, handler) {
    if (method !== 'tools/call') return super._wrapHandler(method, handler)
    return async (request, context) => {
      /** @type {{ result?: any }} */
      const carried = {}
      const guarded = super._wrapHandler(method, async (...args) => {
        const result = await handler(...args)
        if (!isCreatedTask(result)) return result
        carried.result = result
        throw carried
      })
      try {
        return await guarded(request, context)
      } catch (error) {
        if (error === carried) return carried.result
        throw error
      }
    }
  }
}

/** @param {any} result */
const isCreatedTask = (result) => result?.resultType === 'task' || result?.task?.taskId !== undefined
