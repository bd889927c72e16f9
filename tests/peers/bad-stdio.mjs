// @ts-check
import { createInterface } from 'node:readline'
import { badOptionsFromCommandLine, createBadPeer, exitAtStart } from './bad-server.mjs'

const peer = createBadPeer(badOptionsFromCommandLine())
if (peer.exitsAtStart) exitAtStart()

/** @param {string} line */
const write = (line) => process.stdout.write(`${line}\n`)

for (const line of peer.noise) write(line)
for await (const line of createInterface({ input: process.stdin })) {
  // Not awaited: a slow answer does not hold up the next one.
  void peer.handle(JSON.parse(line)).then((frame) => {
    if (frame === undefined) return
    for (const noise of peer.noise) write(noise)
    write(frame)
  })
}
