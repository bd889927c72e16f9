/** Milliseconds as both schemas want them, a whole number that is not negative; `undefined` when they cannot be. */
export function wireMs(ms: number | null | undefined): number | undefined {
  return typeof ms === 'number' && Number.isFinite(ms)
    ? Math.min(Math.max(0, Math.ceil(ms)), Number.MAX_SAFE_INTEGER)
    : undefined
}
