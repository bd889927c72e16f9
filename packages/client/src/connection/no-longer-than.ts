/** Waits for something whose end matters to nobody, whatever it is, and no longer than so many milliseconds. */
export async function noLongerThan(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([work.catch(() => {}), late])
  clearTimeout(timer)
}

/** How long a transport may take to close, in milliseconds: one of the user's may never; those of ours take less. */
export const closingMs = 3000
