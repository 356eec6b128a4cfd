// Edge dialect: this file is part of the router.

// What servers are called, a bit of the row each: where the parameter is false, and where it is true. What that means is in
// `query/axes.ts`.

/** By `enterprise_plugins`. */
export const EDITIONS = ['team', 'enterprise'];

/** By `cloud`. */
export const HOSTINGS = ['on-prem', 'cloud'];
