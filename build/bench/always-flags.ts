/** The flags for what is published whatever the budget, and nothing else: figures of that can be compared over time. */
export const ALWAYS_FLAGS = {
  search: 'off',
  'every-page-size': 'off',
  'page-sizes': '100',
} as const;

/** The same, for a command line. */
export const ALWAYS_ARGUMENTS: readonly string[] = Object.entries(ALWAYS_FLAGS).flatMap(
  ([flag, value]) => [`--${flag}`, value],
);
