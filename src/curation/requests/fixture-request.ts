/** The answers to the issue form for a release of `fixture-github.ts`. */
export const ANSWERS = {
  'What do you ask for?': 'Add a plugin, or a version of one',
  Repository: 'https://github.com/example/plugin-abc',
  'Tag of the release': 'v1.0.0',
  'Who maintains the plugin?': 'The community',
  'How mature is it?': 'Production',
  'Does it need a subscription?': 'No',
  'Which servers is it for?': 'All servers',
  'The bundle': '- [x] It can be downloaded over https.\n- [X] It is signed.',
  'Anything else?': '_No response_',
};

/** The issue that GitHub makes of the answers. */
export function formOf(more: Partial<typeof ANSWERS> = {}): string {
  return Object.entries({ ...ANSWERS, ...more })
    .map(([label, answer]) => `### ${label}\n\n${answer}`)
    .join('\n\n');
}
