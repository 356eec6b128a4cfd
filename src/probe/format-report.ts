import { count } from '../lib/errors.ts';
import type { Finding } from './findings.ts';
import type { ProbeReport } from './probe-marketplace.ts';

/** A report in words: the result first, then what was asked, then what is wrong. */
export function formatReport(report: ProbeReport): string {
  const { url, findings, requests, ms } = report;
  const errors = findings.filter(({ level }) => level === 'error').length;
  const warnings = findings.length - errors;
  const result = errors === 0 ? 'good' : count(errors, 'fault');
  const also = warnings === 0 ? '' : `, ${count(warnings, 'warning')}`;
  const took = `${count(requests, 'request')} in ${(ms / 1000).toFixed(1)} s`;
  return [
    `${url}: ${result}${also} (${took})`,
    ...describe(report).map(([name, text]) => `  ${name.padEnd(13)}${text}`),
    ...formatFindings(findings),
    '',
  ].join('\n');
}

/** Of each kind, so many are shown; `--json` has all. */
const SHOWN = 5;

function formatFindings(findings: readonly Finding[]): string[] {
  const kinds = new Map<string, Finding[]>();
  for (const finding of findings) {
    const kind = `${finding.level} ${finding.check}`;
    kinds.set(kind, [...(kinds.get(kind) ?? []), finding]);
  }
  return [...kinds].flatMap(([kind, all]) => {
    const more = all.length - SHOWN;
    const rest = more > 0 ? [`${kind}: ${more} more like these, which --json lists`] : [];
    return [...all.slice(0, SHOWN).map(formatFinding), ...rest];
  });
}

function describe(report: ProbeReport): [string, string][] {
  const { isOurs, addresses, certificate, age, releases, servers, bundles } = report;
  const { offered, installable, installs, leftOut } = servers;
  const more = leftOut === 0 ? '' : `, ${leftOut} more left out`;
  const rows: [string, string | null][] = [
    ['marketplace', isOurs ? 'a build of this project' : 'another: judged by what servers need'],
    ['addresses', addresses.join(', ')],
    ['certificate', certificate && `${certificate.days} days left, by ${certificate.issuer}`],
    [
      'newest',
      age &&
        `${age.since.slice(0, 10)}, ${age.days === 0 ? 'today' : `${count(age.days, 'day')} ago`}`,
    ],
    ['catalog', releases === null ? 'not read' : count(releases, 'release')],
    [
      'servers',
      `${count(servers.servers, 'request')} for a list, ${installs} to install${more}: ${count(offered, 'plugin')} offered, ${installable} installable`,
    ],
    ['bundles', `${bundles.asked} asked for, ${bundles.verified} downloaded and verified`],
    [
      'build',
      report.comparedWithBuild === 0 ? null : `${report.comparedWithBuild} answers compared`,
    ],
  ];
  return rows.flatMap(([name, text]) => (text === null ? [] : [[name, text]]));
}

function formatFinding({ level, check, message, remedy, requests, examples }: Finding): string {
  const [first = ''] = examples;
  const more = requests > 1 ? ` and ${requests - 1} more` : '';
  return `${level} ${check}: ${message} (${first}${more})${remedy ? ` — ${remedy}` : ''}`;
}
