import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { PrivateKey } from 'openpgp';
import { readBundle } from '../../../src/curation/bundles/read-bundle.ts';
import { inspectContents } from '../../../src/curation/inspect-bundle.ts';
import { UsageError, UserError } from '../../../src/lib/errors.ts';
import {
  explainReadError,
  readIfThere,
  readNeeded,
} from '../../../src/lib/files/explain-file-error.ts';
import { replaceFile } from '../../../src/lib/files/replace-file.ts';
import { readServerKeys } from '../../../src/mattermost/openpgp/key.ts';
import { openPack, PACK_FILE } from '../../../src/pack/format/pack.ts';
import { BUILD_SETTINGS } from '../../../src/settings/build-settings.ts';
import { checkSignature } from '../../../src/signatures/check-signature.ts';
import { signFile } from '../../../src/signatures/sign-file.ts';
import { readSigningKey } from '../../../src/signatures/signing-key.ts';
import { MANIFEST } from '../../../src/snapshot/read-snapshot.ts';
import { defineCommand } from '../../cli/command.ts';
import { describeForSigning } from './sign-build.ts';

export const sign = defineCommand({
  call: 'npm run catalog -- sign',
  summary: 'Signs a bundle, a pack or a build with your own key',
  details:
    'Writes BUNDLE.sig beside the bundle. Servers that have your public key then install it. Of a pack, a folder that mirror has made, signs pack.json, which lists every file with its digest: mirror --check --pack-key then tells whether it is your pack. Of a build, such as dist, signs which snapshot the marketplace has, and until when that is to be believed: deploy it afterwards.',
  operands: 'BUNDLE',
  operandsRemedy: 'name one bundle, pack or build',
  settings: { siteUrl: BUILD_SETTINGS.siteUrl },
  flags: {
    key: {
      value: 'file',
      help: 'an OpenPGP private key, armored or binary: RSA, DSA, or ECDSA on a NIST curve',
    },
    publicKey: {
      value: 'file',
      help: 'also write the public key here, for SignaturePublicKeyFiles of a server',
    },
    replace: { help: 'overwrite files that exist and differ' },
    expires: { value: 'days', fallback: '30', help: 'of a build: how long to believe it' },
    counter: {
      value: 'n',
      help: 'of a build: higher than at any time before (default: the time in seconds)',
    },
  },
  notes:
    'A key with a passphrase asks for it, or takes it from the variable MARKETPLACE_SIGNING_PASSPHRASE.',
  example: 'npm run catalog -- sign dist/com.example.hello-1.0.0.tar.gz --key signing-key.asc',
  action: async ({ operands: [operand = ''], flags, settings }, context) => {
    const { cwd, environment, now, report, askSecret } = context;
    const { key: keyName, publicKey: publicName, replace } = flags;
    if (keyName === undefined) throw new UsageError('name the private key with --key');
    const folder = path.resolve(cwd, operand);
    const options = { ...flags, siteUrl: settings.siteUrl, now: now() };
    const build = (await isFile(path.join(folder, MANIFEST)))
      ? await describeForSigning(folder, operand, options)
      : undefined;
    const isPack = build === undefined && (await isFolder(folder));
    if (isPack) await openPack(folder);
    const name = build?.name ?? (isPack ? path.join(operand, PACK_FILE) : operand);
    const bundle = path.resolve(cwd, name);
    if (publicName !== undefined) {
      const taken = [name, `${name}.sig`, keyName];
      await assertFileOfItsOwn(path.resolve(cwd, publicName), publicName, { taken, cwd });
    }
    // Check before asking for a passphrase.
    if (!isPack && !build) await warnOf(bundle, name, report);
    const key = await readSigningKey(await readNeeded(path.resolve(cwd, keyName), keyName), {
      name: keyName,
      passphrase: async () =>
        environment['MARKETPLACE_SIGNING_PASSPHRASE'] ??
        (await askSecret(`Passphrase of ${keyName}: `)),
    });
    const outputs = [
      // If it cannot be written, no signature is left without it.
      ...(publicName === undefined ? [] : [await planPublicKey(key, publicName, cwd, replace)]),
      build
        ? { ...build, content: await build.sign(key) }
        : await planSignature(bundle, name, key, { now: now(), replace }),
    ];
    // Write nothing unless everything may be written.
    for (const { file, name, content } of outputs) {
      if (content === null) report(`${name} is there already`);
      else {
        await replaceFile(file, content, { name });
        report(`${name} is written`);
      }
    }
  },
});

async function isFolder(file: string): Promise<boolean> {
  return await stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

async function isFile(file: string): Promise<boolean> {
  return await stat(file).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** @throws {UserError} if no server could install the bundle */
async function warnOf(bundle: string, name: string, report: (line: string) => void) {
  const contents = await readBundle(bundle, name).catch((error: unknown) => {
    throw explainReadError(error, name);
  });
  for (const warning of inspectContents(contents, name)) report(`warning: ${warning}`);
}

/** Makes sure that the public key overwrites neither an input nor another output, even with `--replace`. */
async function assertFileOfItsOwn(
  file: string,
  name: string,
  { taken, cwd }: { readonly taken: readonly string[]; readonly cwd: string },
) {
  for (const other of taken) {
    const otherFile = path.resolve(cwd, other);
    if (otherFile === file || (await isSameFile(file, otherFile))) {
      throw new UserError(`--public-key ${name} would overwrite ${other}: name a file of its own`);
    }
  }
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((file) => stat(file).catch(() => null)));
  return !!a && !!b && a.dev === b.dev && a.ino === b.ino;
}

interface Output {
  readonly file: string;
  readonly name: string;
  /** Null where the file is as it should be. */
  readonly content: string | Uint8Array | null;
}

async function planSignature(
  bundle: string,
  bundleName: string,
  key: PrivateKey,
  { now, replace }: { readonly now: Date; readonly replace: boolean },
): Promise<Output> {
  const [file, name] = [`${bundle}.sig`, `${bundleName}.sig`];
  const old = await readIfThere(file, name);
  if (old !== null && (await isSigned(bundle, old, key, now))) return { file, name, content: null };
  if (old !== null && !replace)
    throw alreadyThere(name, 'is not a signature of this bundle by this key');
  return { file, name, content: await signFile(bundle, key, now) };
}

async function isSigned(bundle: string, signature: Buffer, key: PrivateKey, now: Date) {
  const keys = readServerKeys(key.toPublic().write()).map((one) => ({ key: one, file: '' }));
  const { failure } = await checkSignature(bundle, signature.toString('base64'), keys, now);
  return failure === null;
}

async function planPublicKey(
  key: PrivateKey,
  name: string,
  cwd: string,
  replace: boolean,
): Promise<Output> {
  const file = path.resolve(cwd, name);
  const content = key.toPublic().armor();
  const old = await readIfThere(file, name);
  if (old?.toString('utf8') === content) return { file, name, content: null };
  if (old !== null && !replace) throw alreadyThere(name, 'holds something else');
  return { file, name, content };
}

function alreadyThere(name: string, what: string) {
  return new UserError(`${name} ${what}: use --replace to overwrite it`);
}
