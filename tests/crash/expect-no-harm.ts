import { expect } from 'vitest'
import { runCampaign, type CampaignOptions, type CampaignReport } from './campaign.ts'

/** Runs a campaign, says what it came to, and fails where there is anything that should never be. */
export async function expectNoHarm(options: CampaignOptions): Promise<CampaignReport> {
  const report = await runCampaign(options)
  const { kills, tasks, endings, missed, violations, tookMs, folder } = report
  const ends = Object.entries(endings).map(([end, count]) => `${count} ${end}`)
  console.log(
    `Seed ${options.seed}: ${kills} processes killed, one in ${Math.round(tookMs / kills)} ms; ` +
      `${missed.length} points not reached; ${tasks} tasks: ${ends.join(', ')}.`,
  )
  expect(violations.slice(0, 20), `what was wrong with seed ${options.seed}, kept in ${folder}`).toEqual([])
  return report
}
