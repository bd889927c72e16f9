/** Whether a request may be sent again when it is not known whether it arrived; found out when it is needed. */
export type Safety = boolean | (() => Promise<boolean>)

/** Finds it out; what cannot be found out is not safe. */
export async function readSafety(isSafe: Safety): Promise<boolean> {
  return typeof isSafe === 'boolean' ? isSafe : isSafe().catch(() => false)
}
