/** No timer of the platform goes higher, in milliseconds. */
export const longestTimerMs = 2_147_483_647
