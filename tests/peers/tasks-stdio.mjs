// @ts-check
import { serveStdio } from '@longcall/server'
import { createTaskTools } from './task-tools.mjs'

const { tasks, factory } = createTaskTools()
serveStdio(factory, { tasks, onError: (error) => console.error(error) })
