import { toEdgeEvent } from '../../../src/server/edge-event.ts';
import type { RouterCase } from './router-cases.ts';

/**
 * What is repeated: `empty` the loop alone; `event` making the event too; `nothing` a router that returns the request as it
 * came; `router` the real one; `load` the top level of the router's script, which nginx runs for each request.
 */
export type Act = 'empty' | 'event' | 'nothing' | 'router' | 'load';

/**
 * The source of a script for any engine, in the edge dialect. It defines `handler(request)`, where `request` is
 * `{ act, number, loops }`: repeats an act on the events of the case of that number, in turn; or `{ act: 'answers', number }`:
 * returns what the router makes of them, the paths or the statuses, as JSON.
 * The router stands at the top level, as where it is at home: inside a function njs 0.7.9 loses its variables.
 * Routers change the event, so each loop makes one, from a literal: that is the least an edge can do.
 */
export function driverSource(router: string, cases: readonly RouterCase[]): string {
  const makers = cases.map(({ targets }) => {
    const events = targets.map((target) => JSON.stringify(toEdgeEvent('GET', target, {})));
    return `[${events.map((event) => `function () { return ${event}; }`).join(',\n')}]`;
  });
  return `
${router}
const route = handler;
function load() {
${router}
}
const CASES = [${makers.join(',\n')}];
const ACTS = {
  empty: function () {},
  event: function (make) { make(); },
  nothing: function (make) { return make().request; },
  router: function (make) { return route(make()); },
  load: function () { load(); },
};
function drive(request) {
  const makers = CASES[request.number];
  if (request.act === 'answers') {
    return JSON.stringify(makers.map(function (make) {
      const answer = route(make());
      return answer.uri || answer.statusCode;
    }));
  }
  const act = ACTS[request.act];
  for (let i = 0; i < request.loops; i++) act(makers[i % makers.length]);
}
handler = drive;
`;
}
