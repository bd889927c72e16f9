// @ts-check
import { badOptionsFromCommandLine, createBadPeer, exitAtStart, serveBadHttp } from './bad-server.mjs'
import { announce, portFromEnv } from './http-listener.mjs'

const options = badOptionsFromCommandLine()
if (createBadPeer(options).exitsAtStart) exitAtStart()
announce(await serveBadHttp(portFromEnv(), options))
