import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readServerKeys } from '../../src/mattermost/openpgp/key.ts';
import { judgeSignature, judgeSignatureFile } from '../../src/mattermost/openpgp/signature.ts';
import { unarmorAll } from '../../src/mattermost/openpgp/unarmor.ts';
import { checkSignature } from '../../src/signatures/check-signature.ts';
import {
  PUBLISHER,
  pinned,
  NOW as SIGNED_AT,
  signText,
  statementOf,
} from '../../src/signatures/fixture-statement.ts';
import { readKeys } from '../../src/signatures/read-keys.ts';
import { checkStatement, readStatement } from '../../src/signatures/statement.ts';
import { accepted, type FuzzTarget, targetFolder } from './fuzz-target.ts';
import { mutateBytes, mutateJson } from './mutate.ts';
import { fixture, NOW } from './samples.ts';

const SIGNED = path.resolve(
  import.meta.dirname,
  '../fixtures/cases/min-server-bumped/p-1.0.0.tar.gz',
);
const KEY = fixture('cases/min-server-bumped/key.asc');

/** The real signature of the bundle. */
function signature(): Buffer {
  const [entry] = JSON.parse(fixture('cases/min-server-bumped/catalog.json').toString());
  return Buffer.from(entry.signature, 'base64');
}

/** `signature` of a catalog: the decoding in front of the key, and the check against one. */
export async function signatures(check = checkSignature): Promise<FuzzTarget> {
  const keys = readServerKeys(KEY).map((key) => ({ key, file: 'key.asc' }));
  const good = signature();
  const { failure } = await check(SIGNED, good.toString('base64'), keys, NOW);
  return {
    samples: [good, Buffer.concat([good, good]), armor('SIGNATURE', good)],
    mutate: mutateBytes,
    check: async ([input = good]) => {
      assert.equal(failure, null, 'the sample is signed');
      judgeSignatureFile(input);
      for (const text of [input.toString('base64'), input.toString('latin1')]) {
        const checked = await check(SIGNED, text, keys, NOW);
        const isJudged = judgeSignature(text) !== null;
        assert.ok(!isJudged || checked.failure !== null, 'one that no server reads is accepted');
      }
    },
  };
}

/** `/signed.json` of a marketplace whose key is pinned. */
export async function statements(check = checkStatement): Promise<FuzzTarget> {
  const statement = statementOf('a catalog');
  const text = await signText(statement);
  const options = { keys: pinned(PUBLISHER), now: SIGNED_AT, flag: '--snapshot-key' } as const;
  return {
    samples: [text, JSON.stringify(JSON.parse(text), null, 2)].map((sample) => Buffer.from(sample)),
    mutate: mutateJson,
    check: async ([input]) => {
      readStatement(String(input));
      const trusted = await accepted(() => check(String(input), 'signed.json', options));
      if (trusted === undefined) return;
      assert.deepEqual({ ...trusted, ...statement }, trusted, 'more is believed than was signed');
    },
  };
}

/** A file with public keys, armored or not. */
export async function keys(read = readKeys): Promise<FuzzTarget> {
  const { folder, stop } = await targetFolder();
  const [block] = unarmorAll(KEY);
  const good = signature().toString('base64');
  return {
    samples: [KEY, Buffer.from(block?.bytes ?? []), Buffer.concat([KEY, KEY])],
    mutate: mutateBytes,
    check: async ([input = KEY]) => {
      await writeFile(path.join(folder, 'key'), input);
      const found = await accepted(() => read(['key'], folder));
      if (found === undefined) return;
      for (const { key } of found) {
        assert.ok(
          key.signerIds.every((id) => /^[0-9A-F]{16}$/.test(id)),
          'a key has no id',
        );
      }
      await checkSignature(SIGNED, good, found, NOW);
    },
    stop,
  };
}

function armor(type: string, bytes: Buffer): Buffer {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return Buffer.from(
    `-----BEGIN PGP ${type}-----\n\n${lines.join('\n')}\n-----END PGP ${type}-----\n`,
  );
}
