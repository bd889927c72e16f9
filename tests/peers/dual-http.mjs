// @ts-check
import { dualOptionsFromEnv, serveDualHttp } from './dual-server.mjs'
import { announce, portFromEnv } from './http-listener.mjs'

announce(await serveDualHttp(portFromEnv(), dualOptionsFromEnv()))
