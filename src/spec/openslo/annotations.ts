/** What OpenSLO has no field for, in annotations of an SLO. Each says one thing, so that the others can be edited without it. */
export const annotations = {
  /** Name of the objective among those of its service, where it is another than that of the document. */
  objective: 'rampart.dev/objective',
  /** `none`: the objective belongs to no service, though the format asks for one. */
  service: 'rampart.dev/service',
  /** The burn-rate alerts as JSON, in the form of our own documents; `usual`: the usual ones; `off`: none. */
  policy: 'rampart.dev/policy',
  /** Length of the window that `timeWindow` says rounded up to whole minutes. */
  window: 'rampart.dev/window',
  /** Length of the slices that `timeSliceWindow` says rounded up to whole minutes. */
  slice: 'rampart.dev/slice',
  /** Short window of an AlertPolicy, for people: `policy` is what counts. */
  short: 'rampart.dev/short-window',
} as const;

/** Type of a metric source that is no source: the counts of the service's own router, or of what stands in its place. */
export const ownRequests = 'Rampart';
