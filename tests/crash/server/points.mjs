/** The moments at which a server process can be killed, each by a name. */

const around = (/** @type {readonly string[]} */ names) => names.flatMap((name) => [`${name}:before`, `${name}:after`])

/**
 * Moments in the life of one task. Those of a store's method are before it is called, and once it has said that all is durable.
 *
 * `end` is the end that a body brings, `lost` the one of a task that must not run again.
 */
const lifePoints = [
  ...around(['create', 'claim', 'steps', 'saveStep', 'ask', 'answer', 'end', 'cancel', 'lost']),
  // In the body: its step is about to run, and an answer is in its hands.
  'step',
  'told',
]

/** An answer of the server's to its client, before its first byte and once it has left the process. */
const replyPoints = around(['reply create', 'reply question', 'reply answer', 'reply cancel', 'reply result'])

/** Moments that belong to a task, and so to a wire. */
export const taskPoints = [...lifePoints, ...replyPoints]

/** Moments that belong to no task. `commit` is the transaction of SQLite that keeps what many tasks wrote. */
export const processPoints = around(['sweep', 'claimLost', 'claimable', 'heartbeat', 'commit'])

/** The wires, as tasks of these tests name theirs. */
export const wireNames = /** @type {const} */ (['2025-11-25', '2026-07-28'])
