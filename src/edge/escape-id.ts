// Edge dialect: this file is part of the router.
import { abbreviate } from './abbreviate.ts';

/** A plugin's id as it stands in the routing table: without what means something there, and abbreviated. */
export function escapeId(id: string, abbreviations: string): string {
  const escaped = id.replace(/[%/ \n$&']/g, (character) => `%${character.charCodeAt(0)}`);
  return abbreviate(escaped, abbreviations);
}
