/**
 * What each version of the shop is like. In a real shop these would be commits; here the difference fits on a page.
 * `errorShare`: share of requests that fail. `latencyMs`: mean time of an answer.
 */
const versions = {
  '1.0.0': { errorShare: 0, latencyMs: 8 },
  '1.1.0': { errorShare: 0.2, latencyMs: 8 },
  '1.2.0': { errorShare: 0, latencyMs: 700 },
  '1.3.0': { errorShare: 0, latencyMs: 6 },
};

export function behaviour(version) {
  return versions[version] ?? versions['1.0.0'];
}
