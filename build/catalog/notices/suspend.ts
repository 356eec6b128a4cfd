import { defineCommand } from '../../cli/command.ts';
import { COMMON, changeNotices, NOTES, REASON, UNDO } from './change-notices.ts';

export const suspend = defineCommand({
  ...COMMON,
  call: 'npm run catalog -- suspend',
  summary: 'Withdraws releases: no server is offered them',
  details: 'Servers are offered another release that fits, or nothing. What is installed stays.',
  flags: { reason: REASON, undo: UNDO },
  notes: NOTES,
  example: 'npm run catalog -- suspend jira@4.1.0 --reason https://example.com/jira-4.1.0',
  action: async (input, context) => await changeNotices('suspended', input, context),
});
