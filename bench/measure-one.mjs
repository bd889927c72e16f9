// @ts-check
/**
 * Measures one scenario, with one client or all that it compares, and prints the numbers as JSON: `node measure-one.mjs
 * <scenario> [client]`.
 */
import { contenders } from './support/contenders.mjs'

const [scenario, name] = process.argv.slice(2)
const { measure } = await import(`./scenarios/${scenario}.mjs`)
const contender = contenders[name ?? '']
if (name !== undefined && contender === undefined) throw new Error(`no such client: ${name}`)
const { failed = [], ...numbers } = await measure(contender?.connect)
if (contender?.ours && failed.length > 0) throw new Error(failed.join('\n'))
console.log(JSON.stringify(numbers))
process.exit(0)
