// Edge dialect: this file is part of the router.

/** A plugin's id without blanks, slashes and line breaks, for the routing table. */
export function escapeId(id: string): string {
  return id.replace(/[%/ \n]/g, (character) => `%${character.charCodeAt(0)}`);
}
