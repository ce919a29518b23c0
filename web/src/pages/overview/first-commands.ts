/** What makes the first service, in this order; a test of the command line tries that it takes them. */
export const firstCommands = [
  'rampart init service.yaml',
  'rampart plan service.yaml --version 1.0.0',
  'rampart release service.yaml --version 1.0.0',
] as const;
