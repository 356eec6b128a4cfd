// Edge dialect: this file is part of the router.

// What servers are called, a bit of the row each: where the parameter is false, and where it is true. What that means is in
// `query/axes.ts`.

/** The number of a kind of server, a bit for each axis. */
export const rowOf = (filter: { enterprise: boolean; cloud: boolean }): number =>
  +filter.enterprise + 2 * +filter.cloud;

/** By `enterprise_plugins`. */
export const EDITIONS = ['team', 'enterprise'];

/** By `cloud`. */
export const HOSTINGS = ['on-prem', 'cloud'];
