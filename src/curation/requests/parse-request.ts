import { z } from 'zod';
import { UserError } from '../../lib/errors.ts';
import { describeIssues } from '../../lib/json/describe-issues.ts';
import type { RepositorySetting } from '../../settings/catalog-settings.ts';

/** A release on GitHub that somebody asks for. */
export interface ReleaseRequest {
  /** The repository, and how its plugin is to be listed, as in the settings. */
  readonly repository: RepositorySetting;
  /** Such as `v1.2.3`. */
  readonly tag: string;
}

/** The questions of `.github/ISSUE_TEMPLATE/plugin.yml` that have options, with the meaning of each option. */
export const OPTIONS = {
  'What do you ask for?': { 'Add a plugin, or a version of one': true },
  'Who maintains the plugin?': {
    Mattermost: 'mattermost',
    'A partner of Mattermost': 'partner',
    'The community': 'community',
  },
  'How mature is it?': { Production: 'production', Beta: 'beta', Experimental: 'experimental' },
  'Does it need a subscription?': { No: false, 'Professional or Enterprise': true },
  'Which servers is it for?': {
    'All servers': '',
    'Mattermost Cloud only': 'cloud',
    'On-prem only': 'on-prem',
  },
} as const;

/** Its questions without options. */
export const TEXTS = ['Repository', 'Tag of the release', 'The bundle', 'Anything else?'] as const;

/** GitHub takes no longer issues. */
const MOST_CHARACTERS = 65_536;

const LABELS: ReadonlySet<string> = new Set([...Object.keys(OPTIONS), ...TEXTS]);

/**
 * Reads an issue that the form made. What it says beside the answers is passed over.
 *
 * @param text Markdown: for each question a heading of level 3, and the answer below it
 * @param host the host of GitHub's web pages, such as `github.com`: no address of another one is accepted
 * @throws {UserError} with every problem
 */
export function parseRequest(text: string, host: string): ReleaseRequest {
  if (text.length > MOST_CHARACTERS) {
    throw new UserError(
      `the request has ${text.length} characters, and may have ${MOST_CHARACTERS}: shorten it`,
    );
  }
  const parsed = answersFor(host).safeParse(splitAnswers(text), { reportInput: true });
  if (!parsed.success) {
    throw new UserError('the request cannot be used', describeIssues(parsed.error, ''));
  }
  const { data } = parsed;
  return {
    repository: {
      repo: data.Repository,
      author: data['Who maintains the plugin?'],
      stage: data['How mature is it?'],
      enterprise: data['Does it need a subscription?'],
      hosting: data['Which servers is it for?'],
    },
    tag: data['Tag of the release'],
  };
}

function answersFor(host: string) {
  const address = host.replaceAll('.', '\\.');
  const repository = new RegExp(
    `^(?:https://${address}/)?([a-z0-9][a-z0-9-]{0,38}/(?!\\.{1,2}(?:$|/))[\\w.-]{1,100}?)(?:\\.git)?/?$`,
    'i',
  );
  return z.object({
    'What do you ask for?': optionOf(
      OPTIONS['What do you ask for?'],
      'is for people: a maintainer of the marketplace will answer',
    ),
    Repository: z
      .string()
      .regex(repository, `is not a repository: write https://${host}/OWNER/NAME`)
      .transform((answer) => repository.exec(answer)?.[1] ?? ''),
    'Tag of the release': z
      .string()
      .regex(/^[\w.+/@-]{1,200}$/, 'is not a tag of a release: write one such as v1.2.3'),
    'Who maintains the plugin?': optionOf(OPTIONS['Who maintains the plugin?']),
    'How mature is it?': optionOf(OPTIONS['How mature is it?']),
    'Does it need a subscription?': optionOf(OPTIONS['Does it need a subscription?']),
    'Which servers is it for?': optionOf(OPTIONS['Which servers is it for?']),
    'The bundle': z
      .string()
      .refine(
        (answer) => !/^- \[ \]/m.test(answer),
        'has a box that is not ticked: do what it says, and tick it',
      ),
  });
}

function optionOf<const Options extends Readonly<Record<string, unknown>>>(
  options: Options,
  message = `is not an answer of the form: write ${Object.keys(options).join(' or ')}`,
) {
  return z
    .enum(Object.keys(options), message)
    .transform((name) => options[name] as Options[keyof Options]);
}

/** The answers by their questions, without those that were left empty. */
function splitAnswers(text: string): Readonly<Record<string, string>> {
  const answers = new Map<string, string[]>();
  let below: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const label = /^### (.*?) *$/.exec(line)?.[1];
    if (label === undefined || !LABELS.has(label)) {
      below.push(line);
      continue;
    }
    if (answers.has(label)) {
      throw new UserError(`the request has the heading "${label}" twice: leave one`);
    }
    below = [];
    answers.set(label, below);
  }
  const told = [...answers].map(([label, lines]) => [label, lines.join('\n').trim()] as const);
  return Object.fromEntries(told.filter(([, answer]) => !['', '_No response_'].includes(answer)));
}
