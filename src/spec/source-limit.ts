/** Largest text of documents that is read, in bytes; they are written by people. */
export const sourceBytesMax = 1_048_576;
