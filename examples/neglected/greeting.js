/** What somebody is told. */
export function greeting(name) {
  return `Hello, ${name}`;
}
