import { SERVER_PLATFORMS, serverRequestTarget } from '../inputs/server-request.ts';

/** Thirty of the releases of Mattermost, old and new. */
const SERVER_VERSIONS = [
  ...['5.2.0', '5.12.0', '5.18.0', '5.20.0', '5.24.0', '5.25.0', '5.26.2', '5.28.1', '5.30.0'],
  ...['5.31.9', '5.33.3', '5.35.2', '5.37.10', '5.39.3', '6.0.4', '6.1.3', '6.3.10', '6.5.2'],
  ...['6.7.2', '7.0.2', '7.1.9', '7.3.1', '7.5.2', '7.7.4', '7.8.15', '8.0.4', '8.1.13'],
  ...['9.5.10', '9.11.2', '10.0.1'],
];

/** A request in ten asks for one plugin. */
const REQUESTS_PER_PLUGIN_REQUEST = 10;

/**
 * What servers of every version, platform and edition ask in the course of time: nine in ten list, one in ten looks for the
 * newest release of a plugin, each plugin in turn. Paths and queries as sent, in an order that mixes all of that.
 */
export function requestMix(pluginIds: readonly string[]): string[] {
  const servers = SERVER_VERSIONS.flatMap((serverVersion) =>
    SERVER_PLATFORMS.flatMap((platform) =>
      [false, true].map((enterprise) => ({ serverVersion, platform, enterprise })),
    ),
  );
  return servers.flatMap((server, number) => {
    const pluginId = pluginIds[number % pluginIds.length] ?? '';
    // Neighbours differ in one thing only; a step that has no divisor in common with the number of servers goes far and meets all.
    const others = Array.from({ length: REQUESTS_PER_PLUGIN_REQUEST - 1 }, (_, step) => {
      return servers[(number + step * 77) % servers.length] as typeof server;
    });
    return [...others.map(serverRequestTarget), serverRequestTarget({ ...server, pluginId })];
  });
}
