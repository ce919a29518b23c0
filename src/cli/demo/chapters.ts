/** The releases after the first, and what is special about each. */
export const chapters = [
  { version: '1.1.0', text: 'fails one request in five' },
  { version: '1.2.0', text: 'answers in 700 ms where 500 ms are allowed' },
  { version: '1.3.0', text: 'is good' },
] as const;
