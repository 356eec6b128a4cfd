import { defineCommand } from '../../cli/command.ts';
import { COMMON, changeNotices, NOTES, REASON, UNDO } from './change-notices.ts';

export const deprecate = defineCommand({
  ...COMMON,
  call: 'npm run catalog -- deprecate',
  summary: 'Labels releases as deprecated',
  flags: { reason: REASON, undo: UNDO },
  notes: NOTES,
  example: "npm run catalog -- deprecate 'jira@<4' --reason https://example.com/jira-3",
  action: async (input, context) => await changeNotices('deprecated', input, context),
});
