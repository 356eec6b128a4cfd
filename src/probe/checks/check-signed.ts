import type { SignedState } from '../../upstream/marketplace/read-signed.ts';
import type { Findings } from '../findings.ts';
import type { ProbeOptions } from '../probe-options.ts';
import { DAY_MS } from './check-age.ts';

export interface CheckSignedOptions extends Pick<ProbeOptions, 'now' | 'warnDays'> {
  readonly build: ProbeOptions['build'] | undefined;
  readonly findings: Findings;
}

/** Whether what a marketplace has been signed with is of the build that must be there, and does not expire soon. */
export function checkSigned(
  { snapshot, expires }: SignedState,
  { findings, now, warnDays, build }: CheckSignedOptions,
): void {
  const where = 'GET /signed.json';
  if (build !== undefined && build.snapshot.id !== snapshot) {
    const message = `is about snapshot ${snapshot}, and ${build.label} is ${build.snapshot.id}`;
    const remedy = `sign ${build.label} and deploy it, or name the build that is meant to be there with --dir`;
    findings.add({ check: 'signature', message, remedy }, where);
  }
  const days = Math.floor((Date.parse(expires) - now.getTime()) / DAY_MS);
  if (days >= warnDays) return;
  const message = `expires in ${days} days: from then on, whoever pins your key takes nothing new`;
  const remedy = 'sign the build again, and deploy it';
  findings.add({ level: 'warning', check: 'signature', message, remedy }, where);
}
