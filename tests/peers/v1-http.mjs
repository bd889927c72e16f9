// @ts-check
import { announce, portFromEnv } from './http-listener.mjs'
import { serveV1Http } from './v1-server.mjs'

announce(await serveV1Http(portFromEnv(), { pollInterval: Number(process.env['POLL_INTERVAL'] ?? 50) }))
