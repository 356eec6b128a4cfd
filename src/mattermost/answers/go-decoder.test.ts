import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeFolder } from '../../../test/make-folder.ts';
import { type Random, seededRandom, seeds } from '../../../test/random.ts';
import { SERVER_LINES } from '../server-line.ts';
import { entryType } from './answer-type.ts';
import { decodeGo, foldKey, type GoType } from './go-decoder.ts';
import { parseAnswer } from './parse-answer.ts';

const skip = spawnSync('go', ['version']).status !== 0 && 'needs go: apt-get install golang-go';

/** How many documents each server line decodes. */
const DOCUMENTS = 400;

test('answers are decoded as by encoding/json, by every server line', { skip }, async (context) => {
  const folder = await makeFolder(context);
  const lines = SERVER_LINES.map(({ first }) => ({ first, type: entryType(first) }));
  const [seed = 0] = seeds(1);
  const random = seededRandom(seed);
  const texts = lines.map(({ type }) =>
    Array.from({ length: DOCUMENTS }, () => randomText({ kind: 'slice', of: type }, random)),
  );
  await writeFile(path.join(folder, 'main.go'), goProgram(lines.map(({ type }) => type)));
  await writeFile(path.join(folder, 'texts.json'), JSON.stringify(texts));
  const env = { ...process.env, GOCACHE: path.join(folder, 'cache'), GOFLAGS: '', GOWORK: 'off' };
  const run = spawnSync('go', ['run', 'main.go', 'texts.json'], {
    ...{ cwd: folder, env, encoding: 'utf8', timeout: 120_000, maxBuffer: 2 ** 28 },
  });
  assert.equal(run.status, 0, run.stderr);
  const byGo = JSON.parse(run.stdout) as (unknown[] | null)[][];
  let refused = 0;
  let taken = 0;
  for (const [i, { first }] of lines.entries()) {
    for (const [j, text] of (texts[i] ?? []).entries()) {
      const parsed = parseAnswer(first, text);
      const expected = byGo[i]?.[j];
      const about = `seed ${seed}, server ${first}: ${text}`;
      if (expected === undefined || expected === null) {
        assert.ok('error' in parsed, `Go refuses it and we do not: ${about}`);
        refused++;
      } else {
        assert.ok('plugins' in parsed, `Go takes it and we do not: ${about}`);
        assert.deepEqual(JSON.parse(JSON.stringify(parsed.plugins)), expected[0] ?? [], about);
        taken++;
      }
    }
  }
  const all = lines.length * DOCUMENTS;
  assert.ok(
    refused > all / 5 && taken > all / 5,
    `${refused} refused and ${taken} taken of ${all}`,
  );
});

/** For each type the texts of a file: what they decode into, in an array, or null if they do not decode. */
function goProgram(types: readonly GoType[]): string {
  return `package main

import ("encoding/json"; "os"; "strings")

func main() {
	bytes, err := os.ReadFile(os.Args[1])
	if err != nil { panic(err) }
	var texts [][]string
	if err := json.Unmarshal(bytes, &texts); err != nil { panic(err) }
	out := make([][]interface{}, len(texts))
${types
  .map(
    (type, i) => `	for _, text := range texts[${i}] {
		var value []${toGo(type)}
		if err := json.NewDecoder(strings.NewReader(text)).Decode(&value); err != nil && err.Error() != "EOF" {
			out[${i}] = append(out[${i}], nil)
		} else {
			out[${i}] = append(out[${i}], []interface{}{value})
		}
	}
`,
  )
  .join('')}	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil { panic(err) }
}
`;
}

function toGo(type: GoType): string {
  if (!('of' in type || 'fields' in type)) return type.kind === 'any' ? 'interface{}' : type.kind;
  if ('of' in type) return `${type.kind === 'map' ? 'map[string]' : '[]'}${toGo(type.of)}`;
  const fields = Object.entries(type.fields);
  const inside = fields.map(([name, field], i) => `F${i} ${toGo(field)} \`json:"${name}"\``);
  return `${type.isPointer ? '*' : ''}struct { ${inside.join('; ')} }`;
}

/** The text of a value that a type mostly takes: wrong types, other spellings, repeated and unknown keys are mixed in. */
function randomText(type: GoType, random: Random): string {
  if (random.chance(0.012)) return random.pick(['7', '"text"', 'true', '{}', '[]', '1e400', '[7]']);
  if (random.chance(0.05)) return 'null';
  const list = (length: number, make: () => string) => Array.from({ length }, make).join(',');
  switch (type.kind) {
    case 'string':
      return random.pick(['""', '"text"', '"\\u00e4\\n"', '"https://a.example/"']);
    case 'bool':
      return random.pick(['true', 'false']);
    case 'any':
      return random.pick([
        '7',
        '-1.5e3',
        '"x"',
        'true',
        '[1,{"a":[]}]',
        '{"ID":1,"id":{"b":null}}',
      ]);
    case 'slice':
      return `[${list(random.below(3), () => randomText(type.of, random))}]`;
    case 'map': {
      const member = () =>
        `${JSON.stringify(random.pick(['a', 'B', 'linux-amd64']))}:${randomText(type.of, random)}`;
      return `{${list(random.below(3), member)}}`;
    }
    case 'struct': {
      const members = Object.entries(type.fields).flatMap(([name, field]) => {
        const count = random.pick([0, 1, 1, 1, random.chance(0.1) ? 2 : 1]);
        return Array.from(
          { length: count },
          () => `${JSON.stringify(respell(name, random))}:${randomText(field, random)}`,
        );
      });
      if (random.chance(0.1)) members.push(`"unknown":${random.pick(['7', '[]', '{"id":7}'])}`);
      return `{${members.sort(() => random.below(3) - 1).join(',')}}`;
    }
  }
}

function respell(name: string, random: Random): string {
  if (!random.chance(0.1)) return name;
  return random.pick([
    name.toUpperCase(),
    `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    name.replace('s', '\u017f'),
    name.replace('k', '\u212a'),
    `${name}x`,
  ]);
}

test('a key that differs in case is reported with the field that takes it', () => {
  // [entry, paths of keys spelled otherwise]
  const cases: [unknown, string[]][] = [
    [{ manifest: { id: 'a' } }, []],
    [{ Manifest: { ID: 'a' } }, ['Manifest', 'Manifest.ID']],
    [{ manifest: { id: 'a', ID: 'b' } }, ['manifest.ID']],
    [{ labels: [{ name: 'a' }, { Name: 'b' }] }, ['labels.1.Name']],
    [
      { manifest: { Server: { Executables: { LINUX: 'x' } } } },
      ['manifest.Server', 'manifest.Server.Executables'],
    ],
    [
      { manifest: { settings_schema: { settings: [{ Key: 'k' }] } } },
      ['manifest.settings_schema.settings.0.Key'],
    ],
    [{ manifest: { props: { ID: 1, Manifest: 2 } } }, []],
    [{ manifest: { ſupport_url: '' } }, ['manifest.ſupport_url']],
    [{ homepageurl: '' }, []],
  ];
  for (const [entry, expected] of cases) {
    const { otherSpellings } = decodeGo(entryType('11.0.0'), entry);
    assert.deepEqual(
      otherSpellings.map((other) => other.path.join('.')),
      expected,
      JSON.stringify(entry),
    );
    for (const { path: keys, field } of otherSpellings) {
      assert.equal(foldKey(String(keys.at(-1))), field);
    }
  }
});
