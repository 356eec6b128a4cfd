import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { type ANSWERS, formOf } from './fixture-request.ts';
import { OPTIONS, parseRequest, TEXTS } from './parse-request.ts';

const TEMPLATE = path.join(import.meta.dirname, '../../../.github/ISSUE_TEMPLATE/plugin.yml');

test('the request is that of the form, with every option', () => {
  const { body } = parse(readFileSync(TEMPLATE, 'utf8')) as {
    body: { type: string; attributes: { label?: string; options?: unknown[] } }[];
  };
  const questions = body.flatMap(({ type, attributes: { label, options } }) =>
    label === undefined ? [] : [[label, type === 'dropdown' ? options : undefined] as const],
  );
  const chosen = questions.filter(([, options]) => options !== undefined);
  const known = Object.entries(OPTIONS).map(([label, options]) => [label, Object.keys(options)]);
  // What only people do is no option of the command.
  const [first, ...others] = chosen;
  assert.deepEqual(
    [[first?.[0], first?.[1]?.slice(0, 1)], ...others],
    known,
    'src/curation/requests/parse-request.ts and the form go together',
  );
  assert.deepEqual(
    questions.filter(([, options]) => options === undefined).map(([label]) => label),
    TEXTS,
  );
});

test('every answer counts', () => {
  assert.deepEqual(parseRequest(formOf(), 'github.com'), {
    repository: {
      repo: 'example/plugin-abc',
      author: 'community',
      stage: 'production',
      enterprise: false,
      hosting: '',
    },
    tag: 'v1.0.0',
  });
  const others = formOf({
    Repository: 'https://GitHub.com/Example/plugin.abc.git',
    'Tag of the release': 'server/v1.0.0-rc.1+a',
    'Who maintains the plugin?': 'A partner of Mattermost',
    'How mature is it?': 'Beta',
    'Does it need a subscription?': 'Professional or Enterprise',
    'Which servers is it for?': 'On-prem only',
    'Anything else?': '',
  }).replaceAll('\n', '\r\n');
  assert.deepEqual(parseRequest(others, 'github.com'), {
    repository: {
      repo: 'Example/plugin.abc',
      author: 'partner',
      stage: 'beta',
      enterprise: true,
      hosting: 'on-prem',
    },
    tag: 'server/v1.0.0-rc.1+a',
  });
});

// The question, an answer that cannot be used, the message.
// biome-ignore format: a row a line
const refused: readonly (readonly [keyof typeof ANSWERS, string, RegExp])[] = [
  ['Repository', '$(touch hacked)', /Repository: "\$\(touch hacked\)" is not a repository: write https:\/\/github\.com\/OWNER\/NAME/],
  ['Repository', 'https://169.254.169.254/latest/meta-data', /is not a repository/],
  ['Repository', 'https://github.com@evil.example/a/b', /is not a repository/],
  ['Repository', 'https://github.com.evil.example/a/b', /is not a repository/],
  ['Repository', 'https://githubXcom/a/b', /is not a repository/],
  ['Repository', 'http://github.com/a/b', /is not a repository/],
  ['Repository', 'https://github.com/a/b/releases/tag/v1', /is not a repository/],
  ['Repository', 'https://github.com/a/b?c#d', /is not a repository/],
  ['Repository', 'a/..', /is not a repository/],
  ['Repository', '../..', /is not a repository/],
  ['Repository', 'a/../', /is not a repository/],
  ['Repository', 'a/b\nc/d', /is not a repository/],
  ['Repository', '', /Repository: .*expected string/],
  ['Tag of the release', 'v1.0.0; touch hacked', /is not a tag of a release/],
  ['Tag of the release', '`touch hacked`', /is not a tag of a release/],
  ['Tag of the release', 'v1.0.0\n::set-output name=a::b', /"v1\.0\.0\\n::set-output.* is not a tag/],
  ['Tag of the release', 'v'.repeat(201), /is not a tag of a release/],
  ['Who maintains the plugin?', 'Me', /is not an answer of the form: write Mattermost or /],
  ['Who maintains the plugin?', '__proto__', /is not an answer of the form/],
  ['How mature is it?', 'constructor', /is not an answer of the form/],
  ['What do you ask for?', 'Change or remove an entry (people do that, the machine does not)', /is for people/],
  ['The bundle', '- [x] one\n- [ ] two', /has a box that is not ticked/],
  ['The bundle', '- [ ] one\n- [x] two', /has a box that is not ticked/],
  ['The bundle', '', /The bundle.*expected string/],
  ['Anything else?', '### Repository\n\nexample/other', /the heading "Repository" twice/],
  ['Anything else?', 'a'.repeat(70_000), /has 7\d{4} characters, and may have 65536/],
];

for (const [question, answer, message] of refused) {
  test(`"${question}" is not answered by ${JSON.stringify(answer.slice(0, 60))}`, () => {
    assert.throws(() => parseRequest(formOf({ [question]: answer }), 'github.com'), message);
  });
}

test('what is wrong is told all at once, and briefly', () => {
  const wrong = formOf({ Repository: 'x'.repeat(60_000), 'How mature is it?': 'Very' });
  assert.throws(
    () => parseRequest(wrong, 'github.com'),
    ({ message }: Error) => {
      assert.match(message, /Repository[\s\S]*How mature is it\?/);
      assert.ok(message.length < 1000, message);
      return true;
    },
  );
  assert.throws(() => parseRequest('', 'github.com'), /the request cannot be used/);
});
