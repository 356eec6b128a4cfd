const NUMBER = '(?:0|[1-9][0-9]{0,17})';
const IDENTIFIER = `(?:${NUMBER}|[0-9]*[A-Za-z-][0-9A-Za-z-]*)`;
const VERSION = `${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-${IDENTIFIER}(?:\\.${IDENTIFIER})*)?(?:%2[Bb][0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?`;
const BOOLEAN = '(?:1|t|T|TRUE|True|true|0|f|F|FALSE|False|false)';
const PAIRS = [
  `server_version=(?:${VERSION})?`,
  'page=(?:0|[1-9][0-9]{0,14})?',
  'per_page=(?:100|-1)?',
  `(?:cloud|enterprise_plugins|return_all_versions)=${BOOLEAN}?`,
  '(?!(?:server_version|page|per_page|cloud|enterprise_plugins|return_all_versions)=)[a-z_]+=[0-9A-Za-z._~-]*+',
];
const LIMITS = '(?!.{1025})(?!(?:[^&]*&){32})(?!.*[^&]{257})';
export const GUARD = `^/+api/v1/plugins(?:\\?${LIMITS}(?:(?:${PAIRS.join('|')})?(?:&|$))*+)?$`;
const above = (n: number): string => {
  const d = `${n}`;
  const longer = `[1-9][0-9]{${d.length},}`;
  const same = [...d].flatMap((c, i) =>
    c === '9' ? [] : [`${d.slice(0, i)}[${Number(c) + 1}-9]${'[0-9]'.repeat(d.length - i - 1)}`],
  );
  return `(?:${[longer, ...same].join('|')})`;
};
export const patternFrom = (version: string): string => {
  const [a, b, c] = (version.split('-')[0] as string).split('.').map(Number) as [
    number,
    number,
    number,
  ];
  const pre = version.includes('-') ? '(?:$|[-%])' : '(?:$|%)';
  return `^(?:${above(a)}\\.|${a}\\.(?:${above(b)}\\.|${b}\\.(?:${above(c)}(?:$|[-%])|${c}${pre})))`;
};
