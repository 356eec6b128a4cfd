// Edge dialect: this file is part of the router.

/** A plugin's id as it stands in the routing table: without what means something there. */
export const escapeId = (id: string): string =>
  id.replace(/[%/ \n]/g, (character) => `%${character.charCodeAt(0)}`);
