// @ts-check
/** `node:fs` with a `globSync`, which Node has from 22 on. The suite's commands for servers import it and never call it. */
export * from 'node:fs'

export function globSync() {
  throw new Error('fs.globSync needs Node 22')
}
