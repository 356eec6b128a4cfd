// Edge dialect: this file is part of the router.
import { digit } from './digit.ts';

/**
 * What the platform adds to the path of an answer: the first platform, or `default`, whose answer is the same; `any` where
 * every platform's is.
 *
 * @param platforms of the routing table
 * @param platform of the request, known or not
 * @param patterns the distinct platform patterns of the releases in the answer
 */
export function platformSegment(platforms: string, platform: string, patterns: string[]): string {
  const names = platforms.split(' ');
  const isSame = (a: number, b: number) => {
    for (let i = 0; i < patterns.length; i++) {
      const pattern = digit(0) + patterns[i];
      if (pattern[a] !== pattern[b]) return false;
    }
    return true;
  };
  const wanted = names.indexOf(platform);
  let first = 0;
  while (wanted > 0 && !isSame(first, wanted)) first++;
  if (first > 0) return names[first] as string;
  for (let i = 1; i < names.length; i++) {
    if (!isSame(0, i)) return 'default';
  }
  return 'any';
}
