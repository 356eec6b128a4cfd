// Edge dialect: this file is part of the router.

/**
 * What the platform adds to the path of an answer: the first platform, or `default`, whose answer is the same; `any` where
 * every platform's is.
 *
 * @param platforms of the routing table
 * @param platform of the request, known or not
 * @param patterns the platform patterns of the releases in the answer
 */
export function platformSegment(platforms: string, platform: string, patterns: string[]): string {
  const names = platforms.split(' ');
  const isSame = (a: number, b: number) => patterns.every((pattern) => pattern[a] === pattern[b]);
  const wanted = Math.max(0, names.indexOf(platform));
  let first = 0;
  while (!isSame(first, wanted)) first++;
  if (first) return names[first] as string;
  return names.every((_name, i) => isSame(0, i)) ? 'any' : 'default';
}
