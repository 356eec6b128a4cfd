import { UserError } from '../lib/errors.ts';
import { judgeBundle } from '../mattermost/install/bundle.ts';
import { judgeSignature } from '../mattermost/openpgp/signature.ts';
import { platformOfName } from '../mattermost/platforms.ts';
import { checkSignature } from '../signatures/check-signature.ts';
import type { VerificationKey } from '../signatures/read-keys.ts';
import type { PluginBundle } from './bundles/read-bundle.ts';

/** A bundle on disk that is about to get into the catalog. */
export interface FoundBundle {
  /** Its path on disk. */
  readonly file: string;
  /** Its name in messages: its file or its URL. */
  readonly name: string;
  readonly bundle: PluginBundle;
  /** Base64, or empty. */
  readonly signature: string;
}

/**
 * Inspects a bundle and its signature as the servers that install it will.
 *
 * @param keys if there are any, the signature must be by one of them
 * @returns notes for people, each a sentence that names the bundle
 * @throws {UserError} if no server installs or starts it, or its signature is wrong
 */
export async function inspectBundle(
  found: FoundBundle,
  keys: readonly VerificationKey[],
  now: Date,
): Promise<string[]> {
  const { file, name, bundle, signature } = found;
  const warnings = inspectContents(bundle, name);
  if (signature === '') return [...warnings, `${name} has no signature: ${NEVER_INSTALLED}`];
  const finding = judgeSignature(signature);
  if (finding !== null) {
    const reported = `the signature of ${name} ${finding.message}: ${finding.remedy}`;
    if (finding.check === 'refused-signature') throw new UserError(reported);
    return [...warnings, reported];
  }
  if (keys.length === 0) return warnings;
  const { failure, notes } = await checkSignature(file, signature, keys, now);
  if (failure !== null) throw new UserError(`${name} ${failure}`);
  return [...warnings, ...notes.map((note) => `${name} ${note}`)];
}

const NEVER_INSTALLED =
  'no server installs it from a marketplace. Sign it with: npm run catalog -- sign BUNDLE --key FILE, then add it again with --replace';

/**
 * The same without the signature.
 *
 * @returns notes for people, each a sentence that names the bundle
 * @throws {UserError} if no server installs or starts it
 */
export function inspectContents(bundle: PluginBundle, name: string): string[] {
  const findings = judgeBundle(bundle, { platform: platformOfName(name) });
  const errors = findings.filter(({ level }) => level === 'error');
  if (errors.length > 0) {
    throw new UserError(
      `no server can install ${name} and start it${isSource(bundle) ? SOURCES : ''}`,
      errors.map(({ level, message }) => ({ level, message })),
    );
  }
  const messages = [...findings.map(({ message }) => message), ...bundle.warnings];
  return messages.map((message) => `${name} ${message}`);
}

/** Whether it is what bundles are made from. */
function isSource({ files }: PluginBundle): boolean {
  return [...files.keys()].some((path) => /^(?:Makefile|go\.mod|.*\.go)$/.test(path));
}

const SOURCES = ', for it holds sources: build the plugin, and take the bundle that this makes';
