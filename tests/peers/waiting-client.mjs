// @ts-check
/** A client in a process of its own that waits for a task: `node waiting-client.mjs <url> <era>`. Says `listening` when it waits. */
import { Client } from '@longcall/client'

const [url = '', era = 'auto'] = process.argv.slice(2)
const client = await Client.connect(url, { era: /** @type {import('@longcall/client').Era} */ (era) })
const task = await client.callTool('hang', {}, { task: true, idleTimeoutMs: 2000 })
const result = task.result()
console.log(`listening ${task.id}`)
const [block] = (await result).content
console.log(`result: ${block?.type === 'text' ? block.text : 'none'}`)
await client.close()
