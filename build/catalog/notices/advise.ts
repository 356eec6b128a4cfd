import { SEVERITIES } from '../../../src/catalog/notices/notice.ts';
import { defineCommand } from '../../cli/command.ts';
import { COMMON, changeNotices, NOTES, REASON, UNDO } from './change-notices.ts';

export const advise = defineCommand({
  ...COMMON,
  call: 'npm run catalog -- advise',
  summary: 'Labels releases with a vulnerability',
  flags: {
    severity: { value: SEVERITIES.toReversed().join('|'), help: 'how bad it is' },
    fixedIn: { value: 'version', help: 'the first version without it (default: not fixed yet)' },
    title: { value: 'text', help: 'what it is, in one line' },
    reason: REASON,
    undo: UNDO,
  },
  notes: NOTES,
  example: `npm run catalog -- advise 'jira@<4.1.2' --severity high --fixed-in 4.1.2 \\
  --reason https://example.com/advisories/7 --title 'Anyone can read all issues'`,
  action: async (input, context) => await changeNotices('advisory', input, context),
});
